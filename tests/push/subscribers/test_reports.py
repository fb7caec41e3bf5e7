"""What browsers report is kept once, each thing the first time."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from deskside.store.database import reading
from deskside.store.push_tables import push, send
from push.subscribers import reports
from push.subscribers.reports import Report, What
from tests.push.subscribers.people import NOON, agree, device

SOON = NOON + timedelta(seconds=5)
LATER = NOON + timedelta(minutes=5)


@pytest.fixture(autouse=True)
def sent(database: sa.Engine, offered: None) -> None:
    """A push with the token `t`."""
    with database.begin() as connection:
        found = agree(connection, device())
        values = {"dedupe_key": "k", "kind": "promo", "subscriber": found.subscriber_id, "due_at": NOON}
        number = connection.execute(sa.insert(send).values(values).returning(send.c.id)).scalar_one()
        copy = {"send": number, "subscription": found.subscription_id, "origin": "https://x", "tried_at": NOON}
        connection.execute(sa.insert(push).values(token="t", **copy))


def told(database: sa.Engine, *what: tuple[What, datetime, int | None]) -> Any:
    """The push after these reports, each in a beacon of its own."""
    for kind, at, button in what:
        with database.begin() as connection:
            reports.note(connection, [Report("t", kind, at, button), Report("unknown", kind, at, button)])
    with reading(database) as connection:
        return connection.execute(sa.select(push)).one()


def test_shown_twice_is_shown_at_first(database: sa.Engine) -> None:
    row = told(database, (What.SHOWN, SOON, None), (What.SHOWN, LATER, None))
    assert (row.shown_at, row.clicked_at, row.closed_at) == (SOON, None, None)


def test_what_was_clicked_was_shown_also_where_that_report_is_lost(database: sa.Engine) -> None:
    row = told(database, (What.CLICKED, LATER, None))
    assert (row.shown_at, row.clicked_at, row.button) == (LATER, LATER, None)
    assert told(database, (What.SHOWN, SOON, None)).shown_at == LATER


@pytest.mark.parametrize("first", [0, 1, None])
def test_the_first_button_counts(database: sa.Engine, first: int | None) -> None:
    row = told(database, (What.CLICKED, SOON, first), (What.CLICKED, LATER, 1))
    assert (row.clicked_at, row.button) == (SOON, first)


def test_closed_is_not_clicked(database: sa.Engine) -> None:
    row = told(database, (What.CLOSED, SOON, None))
    assert (row.shown_at, row.closed_at, row.clicked_at, row.button) == (SOON, SOON, None, None)
