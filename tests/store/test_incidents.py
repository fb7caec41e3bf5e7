"""Incidents are open until they are closed, once."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from deskside.store import incidents

NOW = datetime(2026, 11, 22, 10, 31, tzinfo=UTC)


def test_the_open_ones_are_told_oldest_first_and_a_closed_one_no_more(database: sa.Engine) -> None:
    with database.begin() as connection:
        second = incidents.open_incident(connection, "Switch", ["198.51.100.0/24"], NOW)
        first = incidents.open_incident(connection, "Power", ["srv1", "192.0.2.7"], NOW - timedelta(hours=1))
        assert [item.id for item in incidents.open_now(connection)] == [first, second]
        assert incidents.close_incident(connection, first)
        assert not incidents.close_incident(connection, first)
        (left,) = incidents.open_now(connection)
        assert (left.title, left.scope, left.opened_at, left.closed_at) == ("Switch", ("198.51.100.0/24",), NOW, None)
        assert [item.id for item in incidents.latest(connection)] == [second, first]
        assert [item.id for item in incidents.latest(connection, 1)] == [second]


def test_an_incident_that_never_was_cannot_be_closed(database: sa.Engine) -> None:
    with database.begin() as connection:
        assert not incidents.close_incident(connection, 7)
