"""The lease of a target, renewed by a thread for as long as somebody writes there."""

import os
import secrets
import socket
import threading
from datetime import timedelta
from types import TracebackType

import sqlalchemy as sa

from adapters.knowledge.applying.patience import Halt
from deskside.knowledge import leases
from deskside.store.database import reading, utc_now

# A heartbeat may be late by two of its own spans before the lease runs out.
BEATS = 3


class Lease:
    """A context manager: takes the lease, or raises Halt naming who has it."""

    def __init__(self, database: sa.Engine, target: str, span: timedelta) -> None:
        self._database, self._target, self._span = database, target, span
        self._owner = f"{socket.gethostname()[:32]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._end = threading.Event()
        self._lost = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"lease {target}", daemon=True)

    def __enter__(self) -> "Lease":
        with self._database.begin() as connection:
            taken = leases.take(connection, self._target, self._owner, self._span, utc_now())
        if not taken:
            with reading(self._database) as connection:
                row = leases.held(connection, self._target, utc_now())
            until = f" until {row.until:%H:%M:%S} UTC at the latest, unless it goes on" if row else ""
            raise Halt(f"another process writes to {self._target}{until}")
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()
        with self._database.begin() as connection:
            leases.release(connection, self._target, self._owner)

    def check(self) -> None:
        """Raise Halt when the lease is somebody else's now."""
        if self._lost.is_set():
            raise Halt(f"the lease of {self._target} was lost to another process")

    def _beat(self) -> None:
        pause = self._span.total_seconds() / BEATS
        while not self._end.wait(pause):
            try:
                with self._database.begin() as connection:
                    kept = leases.renew(connection, self._target, self._owner, self._span, utc_now())
            except sa.exc.OperationalError:
                # The next beat is in time.
                continue
            if not kept:
                self._lost.set()
                return
