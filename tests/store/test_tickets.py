from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from deskside.model.ticket import Status
from deskside.store import tickets

MORNING = datetime(2026, 11, 23, 9, tzinfo=UTC)


def put(connection: sa.Connection, desk: str, ticket_id: str, status: Status) -> None:
    times = {"created_at": MORNING, "updated_at": MORNING, "read_at": MORNING, "arrived_at": MORNING}
    place = {"arrived": 0, "head_start": 0, "key": 0, "band": "normal", "contributions": []}
    words = {"pool": "Support", "pools": ["Support"], "subject": "", "client_id": "7", "client_name": "", "digest": ""}
    values = {"status": status.value, "waiting": status.waiting, **times, **place, **words}
    tickets.put(connection, desk, ticket_id, **values)


@pytest.mark.parametrize("status", Status)
def test_only_what_nobody_works_on_any_more_is_finished(database: sa.Engine, status: Status) -> None:
    with database.begin() as connection:
        put(connection, "whmcs", "1", status)
        put(connection, "zendesk", "2", status)
        found = tickets.unfinished(connection, "whmcs")
    assert found == (frozenset() if status in (Status.SOLVED, Status.CLOSED, Status.DELETED) else {"1"})
