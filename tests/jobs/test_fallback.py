"""What nobody saw goes another way: noted before it leaves, and after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from deskside.errors import Permanent, Transient, UnknownOutcome
from deskside.model.effect import Receipt
from deskside.ports import CheckResult
from deskside.store.database import Row, reading, utc_now
from deskside.store.push_tables import fallback
from jobs.parts import Falling
from push.fallback import Letter, Rule
from push.launching import Wish
from push.model import Kind, Variant
from tests.jobs.desk import Bench
from tests.push.digests.stories import Desk, deliver, run_campaign


@dataclass
class Post:
    """A channel in memory that may fail, and that sees what was noted before it was asked."""

    name: str
    database: sa.Engine
    error: Exception | None = None
    carried: list[tuple[str, str, str]] = field(default_factory=list)
    noted: list[dict[str, str]] = field(default_factory=list)

    def send(self, recipient: str, subject: str, text: str, *, html: str = "", marker: str = "") -> Receipt:
        self.noted.append(notes(self.database))
        if self.error:
            raise self.error
        self.carried.append((recipient, subject, marker))
        return Receipt()

    def check(self) -> Sequence[CheckResult]:
        return ()


def notes(database: sa.Engine) -> dict[str, str]:
    with reading(database) as connection:
        return {row.channel: row.state for row in connection.execute(fallback.select())}


def letters(connection: sa.Connection, rows: Sequence[Row]) -> Mapping[int, Letter]:
    return {row.id: Letter("Outage", "text") for row in rows}


@dataclass
class Table:
    bench: Bench
    chat: Post
    mail: Post

    def send(self, kind: Kind) -> None:
        """A message of this kind that went out an hour ago and was not seen, and a look at it."""
        then = utc_now() - timedelta(hours=1)
        with self.bench.database.begin() as connection:
            person = Desk(connection).person(attributes={"email": "ann@example.com", "telegram": "@ann"})
            number = run_campaign(connection, Wish("n", kind, Variant("A", {}), "", "olga"), then)
            deliver(connection, number, kind.value, person, at=then)
        self.bench.run("push.fallback")


@pytest.fixture
def table(bench: Bench) -> Table:
    chat, mail = Post("chat", bench.database), Post("mail", bench.database)
    rule = Rule(timedelta(minutes=10), ("chat", "mail"))
    falling = Falling(
        {Kind.INCIDENT: rule, Kind.PROMO: rule},
        {"chat": chat, "mail": mail},
        {"chat": "telegram", "mail": "email"},
        letters,
    )
    return Table(replace(bench, context=replace(bench.context, falling=falling)), chat, mail)


def test_it_is_noted_before_it_leaves_and_sent_once(table: Table) -> None:
    table.send(Kind.INCIDENT)
    table.bench.run("push.fallback")
    assert table.chat.noted == [{"chat": "trying"}]
    ((recipient, subject, marker),) = table.chat.carried
    assert (recipient, subject) == ("@ann", "Outage")
    assert marker.endswith("-chat")
    assert notes(table.bench.database) == {"chat": "done"}
    assert table.mail.carried == []


@pytest.mark.parametrize("error", [Transient("no answer"), Permanent("refused")])
def test_a_channel_that_fails_gives_way_to_the_next(table: Table, error: Exception) -> None:
    table.chat.error = error
    table.send(Kind.INCIDENT)
    table.bench.run("push.fallback")
    assert notes(table.bench.database) == {"chat": "failed", "mail": "done"}
    assert len(table.mail.carried) == 1


def test_after_an_unknown_outcome_an_incident_goes_on_and_a_promo_does_not(table: Table) -> None:
    table.chat.error = UnknownOutcome("it broke")
    table.send(Kind.PROMO)
    table.bench.run("push.fallback")
    assert notes(table.bench.database) == {"chat": "trying"}
    assert table.mail.carried == []


def test_an_incident_of_which_nobody_knows_goes_the_next_way(table: Table) -> None:
    table.chat.error = UnknownOutcome("it broke")
    table.send(Kind.INCIDENT)
    table.bench.run("push.fallback")
    assert len(table.mail.carried) == 1


def test_without_channels_nothing_is_done(bench: Bench) -> None:
    bench.run("push.fallback")
    assert notes(bench.database) == {}
