"""Faults on command: what the network, the web server and the addon do on a bad day."""

import fnmatch
import threading
from dataclasses import dataclass, field
from typing import Any

ANSWERS = ("server_error", "waf")
CONNECTION = ("slow", "drop_before", "drop_after", "lag", "reset")
PUSH = ("push_duplicate", "push_reorder", "push_loss")
KINDS = ANSWERS + CONNECTION + PUSH


@dataclass
class Fault:
    """One kind of trouble for the next `count` calls that match.

    Kinds: `server_error` (`status`, a page of the web server), `waf` (403 and no JSON: a firewall, not WHMCS), `slow`
    (`seconds` before it answers), `drop_after` (acts, then breaks the connection: the outcome is unknown),
    `drop_before` (breaks it without acting), `reset` (the same with a TCP reset), `lag` (breaks it at once and acts
    after `seconds`); for the addon's events `push_duplicate` (sent twice under one id), `push_reorder` (held back until
    the next one is sent) and `push_loss` (the hook never ran). `action` is a glob over the API's action in lower case,
    for events over their type.
    """

    kind: str
    action: str = "*"
    count: int = 1
    status: int = 500
    seconds: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault {self.kind!r}; known are {', '.join(KINDS)}")


@dataclass
class Faults:
    """The faults still to come, first in, first used."""

    waiting: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def next(self, kind: str, action: str = "*", count: int = 1, **options: Any) -> Fault:
        """Order a fault; see `Fault`. Raises ValueError for an unknown kind."""
        fault = Fault(kind, action.lower(), count, **options)
        with self._lock:
            self.waiting.append(fault)
        return fault

    def clear(self) -> None:
        """Forget all that were ordered."""
        with self._lock:
            self.waiting.clear()

    def take(self, action: str, kinds: tuple[str, ...]) -> Fault | None:
        """The first fault that matches, used up by one."""
        with self._lock:
            for fault in self.waiting:
                if fault.kind in kinds and fault.count > 0 and fnmatch.fnmatchcase(action.lower(), fault.action):
                    fault.count -= 1
                    if fault.count == 0:
                        self.waiting.remove(fault)
                    return fault
        return None
