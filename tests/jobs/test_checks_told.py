"""A ticket's checks: which are told on the desk, and what a ticket gets when nothing may be looked at."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from deskside import app, settings
from deskside.errors import Transient
from deskside.model.health import HealthReport, Sign, Word
from deskside.model.service import Target
from deskside.store import checks, effects, tickets
from deskside.store.database import Row, reading, utc_now
from deskside.store.tables import health_check, probe_log
from jobs import actions
from jobs.check import check
from jobs.context import Context
from jobs.engine.tasks import Run
from tests.adapters.health.stand_ins import saw

SERVER = Target("srv", "srv.example", "192.0.2.7", (22,), "the client's only service", ("192.0.2.7",))
OTHER = Target("web", None, "198.51.100.7", (80,), "the client's only service")


class Scripted:
    """An examiner that sees what it is told to."""

    def __init__(self) -> None:
        self.word = Word.OK
        self.kind = "tcp"
        self.looked: list[tuple[Target, ...]] = []

    def examine_all(self, targets: Sequence[Target], *, fresh: bool = False) -> tuple[HealthReport, ...]:
        self.looked.append(tuple(targets))
        finding = saw(self.kind, self.word, Sign.ALIVE if self.word is Word.OK else Sign.SILENT)
        return tuple(
            HealthReport(
                target, target.address, self.word, f"it is {self.word.value}", (finding,), utc_now(), 12.0, "FRA"
            )
            for target in targets
        )

    def close(self) -> None:
        return


@pytest.fixture
def examiner() -> Scripted:
    return Scripted()


@pytest.fixture
def context(database: sa.Engine, database_url: str, examiner: Scripted) -> Iterator[Context]:
    parts = app.build(settings.load(environment={"DESKSIDE_DATABASE__URL": database_url}))
    yield replace(parts.context, examiner=examiner)
    parts.database.dispose()


def add_ticket(context: Context, number: str, *targets: Target, client: str = "1") -> None:
    now = utc_now()
    with context.database.begin() as connection:
        tickets.put(
            connection,
            "zendesk",
            number,
            pool="support",
            status="open",
            waiting=True,
            subject="It is down",
            client_id=client,
            client_name="Acme",
            created_at=now,
            updated_at=now,
            read_at=now,
            digest="",
            arrived_at=now,
            arrived=1000,
            head_start=0,
            key=1000,
            band="normal",
            contributions=[],
            targets=[asdict(target) for target in targets or (SERVER,)],
        )


def run(context: Context, number: str, request: str, *, asked_by: str = "ticket", attempts: int = 0) -> None:
    after = check(Run(attempts, context), "zendesk", number, request, asked_by)
    if after is not None:
        with context.database.begin() as connection:
            after(connection)


def ticket(context: Context, number: str) -> Row:
    with reading(context.database) as connection:
        row = tickets.get(connection, "zendesk", number)
    assert row is not None
    return row


def notes(context: Context, number: str) -> list[list[str]]:
    with reading(context.database) as connection:
        rows = effects.of_ticket(connection, "zendesk", number)
    found = sorted((row for row in rows if row.kind == "note"), key=lambda row: row.created_at)
    return [row.payload["lines"] for row in found]


def backdate(context: Context, minutes: float) -> None:
    """Make everything so far that much older."""
    by = timedelta(minutes=minutes)
    with context.database.begin() as connection:
        for table, column in ((health_check, health_check.c.checked_at), (probe_log, probe_log.c.at)):
            for row in connection.execute(sa.select(table.c.id, column)).all():
                connection.execute(sa.update(table).where(table.c.id == row[0]).values({column: row[1] - by}))
        for row in connection.execute(sa.select(health_check)).all():
            old = [{**item, "checked_at": _earlier(item["checked_at"], by)} for item in row.reports]
            connection.execute(sa.update(health_check).where(health_check.c.id == row.id).values(reports=old))


def _earlier(text: str, by: timedelta) -> str:
    return (datetime.fromisoformat(text) - by).isoformat()


def test_a_flapping_doubt_is_on_the_page_and_in_no_note(context: Context, examiner: Scripted) -> None:
    add_ticket(context, "7")
    for number, word in enumerate([Word.OK, Word.UNKNOWN, Word.OK, Word.UNKNOWN]):
        examiner.word = word
        run(context, "7", f"r{number}")
        backdate(context, 2)
    assert len(notes(context, "7")) == 1
    assert ticket(context, "7").health == "unknown"


def test_up_again_is_told_with_how_long_it_was_down(context: Context, examiner: Scripted) -> None:
    add_ticket(context, "7")
    for number, word in enumerate([Word.DOWN, Word.UNKNOWN, Word.DOWN, Word.OK]):
        examiner.word = word
        run(context, "7", f"r{number}")
        backdate(context, 2)
    first, second = notes(context, "7")
    assert first[0].startswith("DOWN")
    assert second[0].startswith("OK")
    assert second[1].startswith("Up again since")
    with reading(context.database) as connection:
        tags = [row.payload for row in effects.of_ticket(connection, "zendesk", "7") if row.kind == "tags"]
    assert {"add": ["deskside_ok"], "remove": ["deskside_down"]} in tags


def test_over_the_budget_a_ticket_keeps_its_last_answer_and_its_note_is_not_repeated(
    context: Context, examiner: Scripted
) -> None:
    add_ticket(context, "7")
    for number in range(8):
        run(context, "7", f"r{number}")
    assert len(examiner.looked) == 6
    assert len(notes(context, "7")) == 1
    row = ticket(context, "7")
    assert row.health == "ok"
    assert row.health_headline == "it is ok (last known answer: the budget client_enrichments_per_hour is spent)"
    with reading(context.database) as connection:
        newest, *_ = kept = checks.of_ticket(connection, "zendesk", "7")
    assert newest.asked_by == "budget"
    # Twice over the budget, and the same answer is kept once.
    assert len(kept) == 7
    assert newest.reports[0]["checked_at"] == kept[1].reports[0]["checked_at"]


def test_a_new_ticket_over_the_budget_is_told_once_what_was_last_seen_and_how_old_it_is(
    context: Context, examiner: Scripted
) -> None:
    examiner.word = Word.DOWN
    add_ticket(context, "7")
    for number in range(6):
        run(context, "7", f"r{number}")
    backdate(context, 14)
    add_ticket(context, "8")
    run(context, "8", "new")
    assert len(examiner.looked) == 6
    ((first, second, *_),) = notes(context, "8")
    assert first.startswith("DOWN: srv.example (192.0.2.7)")
    assert second == (
        "Last known answer, 14 min old; not looked at again: this client's checks of the hour are used up."
    )
    assert not ticket(context, "8").emergency


@pytest.mark.parametrize("kind", ["ssh", "status", "incident", "of_a_plugin"])
def test_what_another_clients_access_or_service_shows_is_never_borrowed(
    context: Context, examiner: Scripted, kind: str
) -> None:
    none_left = replace(context, budgets={**context.budgets, "client_enrichments_per_hour": 1})
    examiner.kind = kind
    add_ticket(none_left, "7", client="2")
    run(none_left, "7", "theirs")
    examiner.kind = "tcp"
    add_ticket(none_left, "6", OTHER)
    run(none_left, "6", "spent")
    add_ticket(none_left, "8")
    run(none_left, "8", "ours")
    assert len(examiner.looked) == 2
    assert ticket(none_left, "8").health_headline.startswith("not looked at")
    assert notes(none_left, "8") == []


def test_over_the_budget_and_nothing_known_is_unknown_without_a_note(context: Context, examiner: Scripted) -> None:
    add_ticket(context, "7")
    for number in range(6):
        run(context, "7", f"r{number}")
    add_ticket(context, "8", OTHER)
    run(context, "8", "new")
    row = ticket(context, "8")
    assert (row.health, row.health_headline) == (
        "unknown",
        "not looked at: the budget client_enrichments_per_hour is spent",
    )
    assert notes(context, "8") == []
    backdate(context, 61)
    run(context, "8", "later")
    assert notes(context, "8")[0][0].startswith("OK")


def test_the_budget_of_a_minute_is_waited_for(context: Context, examiner: Scripted) -> None:
    narrow = replace(context, budgets={**context.budgets, "looks_per_minute": 1})
    add_ticket(narrow, "7")
    add_ticket(narrow, "8", OTHER)
    run(narrow, "7", "a")
    with pytest.raises(Transient) as caught:
        run(narrow, "8", "b")
    assert caught.value.retry_after is not None
    assert 50 < caught.value.retry_after <= 60
    run(narrow, "8", "b", attempts=3)
    assert len(examiner.looked) == 1
    backdate(narrow, 2)
    run(narrow, "8", "b", attempts=1)
    assert len(examiner.looked) == 2


def test_the_button_works_once_a_minute_for_a_server_whichever_ticket_it_is_pressed_on(context: Context) -> None:
    add_ticket(context, "7")
    add_ticket(context, "8", client="2")
    add_ticket(context, "9", OTHER)
    assert actions.check_again(context, "zendesk", "7", "ann")
    assert not actions.check_again(context, "zendesk", "7", "ann")
    assert not actions.check_again(context, "zendesk", "8", "bob")
    assert actions.check_again(context, "zendesk", "9", "bob")
    backdate(context, 2)
    assert actions.check_again(context, "zendesk", "8", "bob")
    assert not actions.check_again(context, "zendesk", "404", "bob")


def test_what_was_asked_for_is_not_charged_twice(context: Context, examiner: Scripted) -> None:
    add_ticket(context, "7")
    assert actions.check_again(context, "zendesk", "7", "ann")
    run(context, "7", "x", asked_by="ann")
    with reading(context.database) as connection:
        assert [row.asked_by for row in connection.execute(sa.select(probe_log))] == ["ann"]
    assert len(examiner.looked) == 1


def test_the_log_says_why_and_where_and_holds_no_text_of_the_ticket(context: Context) -> None:
    add_ticket(context, "7", Target("srv", "srv.example", None, (), ""))
    run(context, "7", "abc")
    with reading(context.database) as connection:
        (row,) = connection.execute(sa.select(probe_log)).all()
    assert (row.client, row.address, row.asked_by) == ("zendesk:1", "srv.example", "ticket")
    assert row.reason == "ticket 7 of zendesk, check abc"
