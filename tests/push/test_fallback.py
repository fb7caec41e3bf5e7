"""When a push is not seen: another channel, in order, after a time, and never twice by the same."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from deskside.store.database import Row
from deskside.store.push_tables import campaign, fallback, push, send, subscription
from push.fallback import End, FallbackSchema, Letter, Rule, Try, arm, begin, decide, settle
from push.launching import Wish
from push.model import INSISTENT, Kind, Variant
from tests.push.digests.stories import DAY, HOUR, NOW, Desk, deliver, run_campaign

WAIT = timedelta(minutes=30)
RULES = {Kind.INCIDENT: Rule(WAIT, ("chat", "mail")), Kind.PROMO: Rule(WAIT, ("mail",))}
ATTRIBUTES = {"chat": "telegram", "mail": "email"}
EVERYWHERE = {"telegram": "@ann", "email": "ann@example.com"}


def letters(connection: sa.Connection, rows: Sequence[Row]) -> Mapping[int, Letter]:
    return {row.id: Letter("Outage", "Web 1 is down") for row in rows}


def sent(connection: sa.Connection, kind: Kind = Kind.INCIDENT, state: str = "sent", **person: Any) -> Row:
    """A send of a campaign of this kind that came to this state now."""
    who = Desk(connection).person(**{"attributes": EVERYWHERE, **person})
    number = run_campaign(connection, Wish("n", kind, Variant("A", {}), "", "olga"), NOW - HOUR)
    (row,) = deliver(connection, number, kind.value, who, state=state)
    return row


def due(connection: sa.Connection, row: Row) -> Any:
    return connection.scalar(sa.select(send.c.fallback_at).where(send.c.id == row.id))


def notes(connection: sa.Connection) -> dict[str, str]:
    return {row.channel: row.state for row in connection.execute(fallback.select())}


def see(connection: sa.Connection, row: Row) -> None:
    connection.execute(
        push.insert().values(send=row.id, subscription=1, origin="x", token="t", tried_at=NOW, shown_at=NOW)
    )


states = st.sampled_from(["trying", "done", "failed"])


@given(st.sampled_from(list(RULES)), st.booleans(), st.dictionaries(st.sampled_from(["chat", "mail"]), states))
def test_nothing_is_tried_after_it_was_seen_or_somebody_took_it(kind: Kind, seen: bool, tried: dict[str, str]) -> None:
    step = decide(kind, RULES[kind], seen, tried)
    if isinstance(step, End):
        return
    assert not seen
    before = RULES[kind].channels[: RULES[kind].channels.index(step.channel)]
    assert all(tried.get(channel) == "failed" for channel in before)
    assert tried.get(step.channel) is None or (tried[step.channel] == "trying" and kind in INSISTENT)


def test_the_order_is_that_of_the_settings() -> None:
    incident = RULES[Kind.INCIDENT]
    assert decide(Kind.INCIDENT, incident, False, {}) == Try("chat")
    assert decide(Kind.INCIDENT, incident, False, {"chat": "failed"}) == Try("mail")
    assert decide(Kind.INCIDENT, incident, False, {"chat": "failed", "mail": "failed"}) == End("every channel failed")
    assert isinstance(decide(Kind.INCIDENT, None, False, {}), End)


def test_what_went_out_is_due_after_its_time_and_goes_by_the_first_channel(database: sa.Engine) -> None:
    with database.begin() as connection:
        row = sent(connection)
        assert arm(connection, RULES, NOW) == 1
        assert due(connection, row) == NOW + WAIT
        assert arm(connection, RULES, NOW) == 0
        assert begin(connection, RULES, ATTRIBUTES, letters, NOW + WAIT / 2) == ()
        (attempt,) = begin(connection, RULES, ATTRIBUTES, letters, NOW + WAIT)
        assert (attempt.channel, attempt.recipient, attempt.letter.subject) == ("chat", "@ann", "Outage")
        settle(connection, attempt, "", NOW + WAIT)
        assert notes(connection) == {"chat": "done"}
        assert due(connection, row) is None
        assert arm(connection, RULES, NOW + HOUR) == 0


def test_what_was_seen_goes_no_other_way(database: sa.Engine) -> None:
    with database.begin() as connection:
        row = sent(connection)
        arm(connection, RULES, NOW)
        see(connection, row)
        assert begin(connection, RULES, ATTRIBUTES, letters, NOW + WAIT) == []
        assert notes(connection) == {"push": "seen"}
        assert arm(connection, RULES, NOW + HOUR) == 0


def test_a_channel_that_fails_gives_way_to_the_next_at_once(database: sa.Engine) -> None:
    with database.begin() as connection:
        row = sent(connection)
        arm(connection, RULES, NOW)
        (first,) = begin(connection, RULES, ATTRIBUTES, letters, NOW + WAIT)
        settle(connection, first, "no answer", NOW + WAIT)
        (second,) = begin(connection, RULES, ATTRIBUTES, letters, NOW + WAIT)
        assert second.channel == "mail"
        assert second.marker != first.marker
        settle(connection, second, "refused", NOW + WAIT)
        assert begin(connection, RULES, ATTRIBUTES, letters, NOW + WAIT) == []
        assert notes(connection) == {"chat": "failed", "mail": "failed"}
        assert due(connection, row) is None


@pytest.mark.parametrize(
    "attributes",
    [{"email": "a@b.example"}, {"telegram": "", "email": "a@b.example"}, {"telegram": 7, "email": "a@b.example"}],
)
def test_a_channel_that_does_not_know_the_person_is_passed_over(database: sa.Engine, attributes: Any) -> None:
    with database.begin() as connection:
        sent(connection, attributes=attributes)
        arm(connection, RULES, NOW)
        (attempt,) = begin(connection, RULES, ATTRIBUTES, letters, NOW + WAIT)
        assert attempt.channel == "mail"
        assert notes(connection) == {"chat": "failed", "mail": "trying"}


def test_a_worker_that_died_sends_an_incident_again_by_the_same_marker_and_a_promo_never(database: sa.Engine) -> None:
    with database.begin() as connection:
        sent(connection)
        arm(connection, RULES, NOW)
        (first,) = begin(connection, RULES, ATTRIBUTES, letters, NOW + WAIT)
        assert begin(connection, RULES, ATTRIBUTES, letters, NOW + WAIT) == ()
        (again,) = begin(connection, RULES, ATTRIBUTES, letters, NOW + WAIT + HOUR)
        assert again.marker == first.marker
    with database.begin() as connection:
        connection.execute(campaign.delete())
        connection.execute(sa.text("DELETE FROM digest_source"))
        sent(connection, Kind.PROMO)
        arm(connection, RULES, NOW)
        (promo,) = begin(connection, RULES, ATTRIBUTES, letters, NOW + WAIT)
        assert not promo.insistent
        assert begin(connection, RULES, ATTRIBUTES, letters, NOW + DAY) == ()
        assert notes(connection)["mail"] == "trying"


def test_who_left_or_asked_for_a_pause_is_left_in_peace(database: sa.Engine) -> None:
    with database.begin() as connection:
        sent(connection, left_at=NOW)
        arm(connection, RULES, NOW)
        assert begin(connection, RULES, ATTRIBUTES, letters, NOW + WAIT) == []
    with database.begin() as connection:
        connection.execute(campaign.delete())
        connection.execute(sa.text("DELETE FROM digest_source"))
        sent(connection, Kind.PROMO, paused_until=NOW + DAY)
        arm(connection, RULES, NOW)
        assert begin(connection, RULES, ATTRIBUTES, letters, NOW + WAIT) == []


def test_what_nobody_can_have_got_does_not_wait(database: sa.Engine) -> None:
    with database.begin() as connection:
        row = sent(connection, state="failed")
        arm(connection, RULES, NOW)
        assert due(connection, row) == NOW


@pytest.mark.parametrize(
    ("kind", "browser", "armed"), [(Kind.INCIDENT, False, 1), (Kind.INCIDENT, True, 0), (Kind.PROMO, False, 0)]
)
def test_who_has_no_browser_left_still_hears_of_an_incident(
    database: sa.Engine, kind: Kind, browser: bool, armed: int
) -> None:
    with database.begin() as connection:
        row = sent(connection, kind, state="skipped")
        if browser:
            connection.execute(
                subscription.insert().values(
                    subscriber=row.subscriber,
                    endpoint="e",
                    endpoint_hash="h",
                    origin="o",
                    p256dh=b"",
                    auth=b"",
                    vapid_key="k",
                )
            )
        assert arm(connection, RULES, NOW) == armed


def test_what_is_older_than_a_day_is_left_in_peace(database: sa.Engine) -> None:
    with database.begin() as connection:
        sent(connection)
        assert arm(connection, RULES, NOW + DAY) == 0


def test_the_settings_name_a_kind_a_time_and_an_order() -> None:
    rules = FallbackSchema().load({"incident": {"after_minutes": 10, "channels": "chat, mail"}, "promo": {}})
    assert rules == {Kind.INCIDENT: Rule(timedelta(minutes=10), ("chat", "mail"))}
    assert "step" in FallbackSchema().validate({"step": {"channels": ["mail"]}})
    assert "incident" in FallbackSchema().validate({"incident": {"after_minutes": 0}})
