"""Instants counted by the quarter of an hour, so that one statement serves every time zone.

Every zone in use is a multiple of 15 minutes away from UTC: which local hour or day a quarter belongs to is worked out
from its beginning.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from deskside.store.database import EPOCH

_QUARTER = timedelta(minutes=15)


def quarter(connection: sa.Connection, column: sa.ColumnElement[datetime]) -> sa.ColumnElement[int]:
    """The number of the quarter of an hour, since 1970, that an instant of this column lies in."""
    if connection.dialect.name == "sqlite":
        return sa.type_coerce(column, sa.BigInteger) // (_QUARTER // timedelta(microseconds=1))
    seconds = sa.extract("epoch", column)
    return sa.cast(sa.func.floor(seconds / _QUARTER.total_seconds()), sa.BigInteger)


def begins(number: int) -> datetime:
    """When a quarter begins."""
    return EPOCH + number * _QUARTER


def local_day(number: int, where: ZoneInfo) -> date:
    """The local day of a quarter."""
    return begins(number).astimezone(where).date()


def local_hour(number: int, where: ZoneInfo) -> tuple[int, int]:
    """The weekday (0 is Monday) and the hour of a quarter."""
    local = begins(number).astimezone(where)
    return local.weekday(), local.hour
