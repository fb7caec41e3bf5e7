"""What Deskside made or learned on a desk, by name: ids of fields, views and webhooks, our own actor id."""

import threading
import time
from collections.abc import Callable
from typing import Protocol

import sqlalchemy as sa

from deskside.store.database import reading, upsert
from deskside.store.tables import binding


def get(database: sa.Engine, desk: str, name: str) -> str | None:
    """The value bound to `name`, or None."""
    with reading(database) as connection:
        found: str | None = connection.scalar(
            sa.select(binding.c.value).where(binding.c.desk == desk, binding.c.name == name)
        )
        return found


def put(database: sa.Engine, desk: str, name: str, value: str) -> None:
    """Bind `value` to `name`, replacing what was there."""
    with database.begin() as connection:
        upsert(connection, binding, desk=desk, name=name, value=value)


class Bindings(Protocol):
    """Texts by name, kept for good."""

    def get(self, name: str) -> str | None:
        """The value bound to `name`, or None."""

    def put(self, name: str, value: str) -> None:
        """Bind `value` to `name`, replacing what was there."""


class StoredBindings:
    """The bindings of one desk in Deskside's store."""

    def __init__(self, database: sa.Engine, desk: str) -> None:
        self._database = database
        self._desk = desk

    def get(self, name: str) -> str | None:
        """The value bound to `name`, or None."""
        return get(self._database, self._desk, name)

    def put(self, name: str, value: str) -> None:
        """Bind `value` to `name`."""
        put(self._database, self._desk, name, value)


class RememberedBindings:
    """Bindings read at most once in `keep` seconds each.

    They change when an admin runs `deskside connect` in another process, so what was read must not be kept for good.
    """

    def __init__(self, behind: Bindings, keep: float = 10.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._behind = behind
        self._keep = keep
        self._clock = clock
        self._lock = threading.Lock()
        self._read: dict[str, tuple[float, str | None]] = {}

    def get(self, name: str) -> str | None:
        """The value bound to `name`, at most `keep` seconds old, or None."""
        now = self._clock()
        with self._lock:
            known = self._read.get(name)
        if known is not None and now - known[0] < self._keep:
            return known[1]
        value = self._behind.get(name)
        self._remember(name, value)
        return value

    def put(self, name: str, value: str) -> None:
        """Bind `value` to `name`."""
        self._behind.put(name, value)
        self._remember(name, value)

    def _remember(self, name: str, value: str | None) -> None:
        with self._lock:
            self._read[name] = (self._clock(), value)
