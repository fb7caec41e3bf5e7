"""Numbers of rows in addresses."""

from collections.abc import Callable

import sqlalchemy as sa
from flask import abort

from deskside.store.database import Row

BIGGEST_ID = 2**63 - 1


def row_id(number: int) -> bool:
    """Whether a row can have this id."""
    return 0 < number <= BIGGEST_ID


def one(connection: sa.Connection, find: Callable[[sa.Connection, int], Row | None], number: int) -> Row:
    """What `find` finds by this number; 404 when there is none."""
    row = find(connection, number) if row_id(number) else None
    if row is None:
        abort(404)
    return row
