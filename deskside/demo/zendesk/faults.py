"""Faults on command: what the real Zendesk, and the network before it, does on a bad day."""

import fnmatch
import threading
from dataclasses import dataclass, field
from typing import Any

ANSWERS = ("update_conflict", "database_conflict", "too_many_requests", "server_error")
CONNECTION = ("slow", "drop_after", "drop_before", "lag")
WEBHOOK = ("webhook_duplicate", "webhook_reorder", "webhook_loss")
KINDS = ANSWERS + CONNECTION + WEBHOOK


@dataclass
class Fault:
    """One kind of trouble for the next `count` requests that match.

    Kinds: `update_conflict` and `database_conflict` (409), `too_many_requests` (429 in plain text), `server_error`
    (`status`), `slow` (`seconds` before it answers), `drop_after` (acts, then breaks the connection), `drop_before`
    (breaks it without acting), `lag` (breaks it at once and acts after `seconds`); for deliveries
    `webhook_duplicate`, `webhook_reorder` (held back until the next one is sent) and `webhook_loss`, where `path`
    matches the event's type. `path` is a glob over the path without `/api/v2` and `.json`;
    its `*` crosses slashes too.
    """

    kind: str
    method: str = "*"
    path: str = "*"
    count: int = 1
    status: int = 503
    seconds: float = 1.0
    retry_after: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault {self.kind!r}; known are {', '.join(KINDS)}")


@dataclass
class Faults:
    """The faults still to come, first in, first used."""

    waiting: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def next(self, kind: str, method: str = "*", path: str = "*", count: int = 1, **options: Any) -> Fault:
        """Order a fault; see `Fault`. Raises ValueError for an unknown kind."""
        fault = Fault(kind, method.upper(), path, count, **options)
        with self._lock:
            self.waiting.append(fault)
        return fault

    def clear(self) -> None:
        """Forget all that were ordered."""
        with self._lock:
            self.waiting.clear()

    def take(self, method: str, path: str, kinds: tuple[str, ...]) -> Fault | None:
        """The first fault that matches, used up by one."""
        with self._lock:
            for fault in self.waiting:
                if (
                    fault.kind in kinds
                    and fault.count > 0
                    and fault.method in ("*", method)
                    and fnmatch.fnmatchcase(path, fault.path)
                ):
                    fault.count -= 1
                    if fault.count == 0:
                        self.waiting.remove(fault)
                    return fault
        return None
