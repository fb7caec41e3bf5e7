"""Promises of the figures: each is what counting every row by hand gives, on both databases."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from deskside.store.database import Row, reading
from deskside.store.push_tables import campaign, consent, enrollment, push, send, subscriber, subscription
from push.analytics import chains, counts, features, growth, hours, reasons
from push.analytics.counts import Counts
from push.campaigns import drafts
from tests.push.analytics import stream
from tests.push.analytics.stream import NOW

BERLIN = ZoneInfo("Europe/Berlin")
SINCE = NOW - timedelta(days=60)


class Rows:
    """Every row of the past, to be counted by hand."""

    def __init__(self, connection: sa.Connection) -> None:
        self.sends = [row for row in connection.execute(sa.select(send).order_by(send.c.id)) if row.kind != "test"]
        self.copies: dict[int, list[Row]] = defaultdict(list)
        for row in connection.execute(sa.select(push)):
            self.copies[row.send].append(row)
        self.people = {row.id: row for row in connection.execute(sa.select(subscriber))}
        self.browsers = {row.id: row for row in connection.execute(sa.select(subscription))}
        self.consents = connection.execute(sa.select(consent).order_by(consent.c.at, consent.c.id)).all()
        self.chain_of = dict(iter((row.id, row.chain) for row in connection.execute(sa.select(enrollment))))

    def blamed(self) -> Counter[int]:
        """How often somebody left within a day of each send, the last one before."""
        found: Counter[int] = Counter()
        for row in self.consents:
            if row.action != "withdrawn":
                continue
            before = [
                one
                for one in self.sends
                if one.subscriber == row.subscriber
                and one.state == "sent"
                and row.at - timedelta(days=1) < one.sent_at <= row.at
            ]
            if before:
                found[max(before, key=lambda one: (one.sent_at, one.id)).id] += 1
        return found

    def count(self, which: Callable[[Row], Any], *, left: bool = True) -> Counts:
        """The counts of the sends for which `which` holds."""
        found: Counter[str] = Counter()
        blamed = self.blamed() if left else Counter()
        for row in self.sends:
            if not which(row):
                continue
            copies = self.copies[row.id]
            found["planned"] += 1
            found["waiting"] += row.state in ("due", "held", "claimed", "sending")
            for name in ("skipped", "failed", "unknown"):
                found[name] += row.state == name
            if row.state != "sent":
                continue
            found["accepted"] += 1
            for name in ("shown", "clicked", "closed"):
                found[name] += any(getattr(copy, f"{name}_at") for copy in copies)
            found["silent"] += not any(copy.shown_at for copy in copies) and not any(
                copy.state == "accepted" and self.tells(copy.subscription) for copy in copies
            )
            found["left"] += blamed[row.id]
        return Counts(**{name: found[name] for name in counts.NAMES})

    def tells(self, browser: int) -> bool:
        return self.browsers[browser].browser != "safari" and self.browsers[browser].platform != "ios"

    def zone(self, person: int, fallback: ZoneInfo = BERLIN) -> ZoneInfo:
        name = self.people[person].zone
        return ZoneInfo(name) if name and name != "Mars/Olympus" else fallback


@pytest.fixture
def past(database: sa.Engine) -> stream.Past:
    return stream.fill(database)


@pytest.fixture
def connection(database: sa.Engine, past: stream.Past) -> Iterator[sa.Connection]:
    with reading(database) as found:
        yield found


@pytest.fixture
def rows(connection: sa.Connection) -> Rows:
    return Rows(connection)


def test_of_each_campaign_everything_is_counted_by_person(
    connection: sa.Connection, rows: Rows, past: stream.Past
) -> None:
    found = counts.of_campaigns(connection, past.campaigns)
    assert found == {number: rows.count(lambda row, n=number: row.campaign == n) for number in past.campaigns}
    assert all(one.accepted > one.shown > one.clicked > 0 and one.silent for one in found.values())
    assert sum(one.left for one in found.values())
    variants = counts.of_variants(connection, past.campaigns[1], 2)
    assert list(variants) == [
        rows.count(lambda row, v=number: row.campaign == past.campaigns[1] and row.variant == v, left=False)
        for number in range(2)
    ]


def test_of_no_campaign_and_of_an_untouched_one_nothing_is_counted(connection: sa.Connection) -> None:
    assert counts.of_campaigns(connection, []) == {}
    assert counts.of_campaigns(connection, [999]) == {999: Counts()}


def test_by_kind_only_what_was_accepted_in_the_time_counts(connection: sa.Connection, rows: Rows) -> None:
    found = counts.by_kind(connection, SINCE, NOW)
    kinds = {row.kind for row in rows.sends if row.sent_at and SINCE <= row.sent_at < NOW}
    assert found == {
        kind: rows.count(lambda row, k=kind: row.kind == k and row.sent_at and SINCE <= row.sent_at < NOW)
        for kind in kinds
    }
    assert "test" not in found and len(found) == 3


def test_the_hour_is_that_of_the_persons_own_clock(connection: sa.Connection, rows: Rows, past: stream.Past) -> None:
    def where(row: Row) -> tuple[int, int] | None:
        local = row.sent_at and row.sent_at.astimezone(rows.zone(row.subscriber))
        return (local.weekday(), local.hour) if local else None

    week = hours.by_hour(connection, SINCE, NOW, BERLIN)
    for day in range(7):
        for hour in range(24):
            expected = rows.count(
                lambda row, at=(day, hour): row.sent_at and SINCE <= row.sent_at < NOW and where(row) == at,
                left=False,
            )
            assert week[day][hour] == expected
    one = hours.of_campaign(connection, past.campaigns[0], BERLIN)
    assert counts.add(cell for line in one for cell in line) == rows.count(
        lambda row: row.campaign == past.campaigns[0] and row.sent_at, left=False
    )


def test_a_share_of_fewer_than_thirty_is_left_out() -> None:
    assert Counts(shown=29, clicked=3).rate is None
    assert Counts(shown=30, clicked=3).rate == pytest.approx(0.1)


def test_features_are_those_of_the_text_in_the_persons_language(connection: sa.Connection, rows: Rows) -> None:
    known = {row.id: drafts.read(row) for row in connection.execute(sa.select(campaign))}

    def feature(row: Row, name: str) -> str:
        draft = known[row.campaign]
        content = draft.variants[row.variant].content(rows.people[row.subscriber].language or "en")
        return features.of_content(content, draft.kind.value)[name]

    found = features.by_feature(connection, SINCE, NOW, "en")
    assert [one.name for one in found] == ["words", "emoji", "question", "image", "source"]
    for one in found:
        for value, became in one.values:
            assert became == rows.count(
                lambda row, n=one.name, v=value: (
                    row.campaign and row.sent_at and SINCE <= row.sent_at < NOW and feature(row, n) == v
                ),
                left=False,
            )
    assert {value for value, _ in found[1].values} == {"yes", "no"}


@pytest.mark.parametrize("step", ["day", "week", "month"])
def test_growth_counts_who_turned_and_not_every_consent(connection: sa.Connection, rows: Rows, step: str) -> None:
    inside: dict[int, bool] = defaultdict(bool)
    new, lost = Counter[date](), Counter[date]()
    for row in rows.consents:
        day = row.at.astimezone(BERLIN).date()
        if row.action == "given" and not inside[row.subscriber]:
            inside[row.subscriber] = True
            new[day] += 1
        elif row.action == "withdrawn" and inside[row.subscriber]:
            inside[row.subscriber] = False
            lost[day] += 1
    gone = Counter(one.state_at.astimezone(BERLIN).date() for one in rows.browsers.values() if one.state == "gone")
    found = growth.growth(connection, step, date(2026, 11, 23), BERLIN)
    assert len(found) == growth.PERIODS[step] and found[-1].start <= date(2026, 11, 23) < found[-1].after
    for before, after in pairwise(found):
        assert before.after == after.start
    for one in found:
        days = [one.start + timedelta(days=number) for number in range((one.after - one.start).days)]
        assert (one.new, one.lost, one.gone) == tuple(
            sum(counted[day] for day in days) for counted in (new, lost, gone)
        )
        assert one.net == one.new - one.lost
    assert sum(one.new for one in found) and sum(one.lost for one in found)


def test_a_day_of_growth_is_that_of_the_portals_clock(database: sa.Engine) -> None:
    # 23:30 UTC is the next day in Berlin.
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    with database.begin() as connection:
        person = connection.execute(
            sa.insert(subscriber).values(attributes={}, created_at=late, seen_at=late).returning(subscriber.c.id)
        ).scalar_one()
        connection.execute(sa.insert(consent).values(subscriber=person, action="given", at=late, topics=[]))
    with reading(database) as connection:
        days = {one.start: one.new for one in growth.growth(connection, "day", date(2026, 11, 23), BERLIN)}
    assert days[date(2026, 11, 21)] == 1 and sum(days.values()) == 1


def test_reasons_are_gathered_under_their_word(connection: sa.Connection, rows: Rows, past: stream.Past) -> None:
    def by_hand(which: Callable[[Row], Any]) -> Counter[tuple[str, str]]:
        kept = [row for row in rows.sends if which(row) and row.reason and row.state != "sent"]
        return Counter((row.state, reasons.word_of(row.reason)) for row in kept)

    found = reasons.of_campaign(connection, past.campaigns[1])
    assert {(one.state, one.word): one.number for one in found} == by_hand(
        lambda row: row.campaign == past.campaigns[1]
    )
    assert [one.number for one in found] == sorted((one.number for one in found), reverse=True)
    lately = reasons.lately(connection, SINCE)
    assert {(one.state, one.word): one.number for one in lately} == by_hand(lambda row: row.due_at >= SINCE)
    assert all(reasons.word_of(one.example) == one.word for one in lately)


def test_chains_are_counted_by_step_in_the_order_people_get_them(connection: sa.Connection, rows: Rows) -> None:
    (way,) = chains.ways(connection)
    assert way.entered == len(rows.chain_of) == way.active + way.finished + way.exited
    assert [key for key, _ in way.steps] == ["hello", "tips", "review"]
    for key, became in way.steps:
        assert became == rows.count(lambda row, k=key: row.enrollment and row.step_key == k, left=False)
