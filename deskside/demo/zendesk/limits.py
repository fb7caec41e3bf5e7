"""Rate limits, counted over sliding windows."""

import math
import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from deskside.demo.zendesk import errors
from deskside.demo.zendesk.state import Clock


@dataclass
class Window:
    """So many in so many seconds."""

    limit: int
    seconds: float
    hits: deque[datetime] = field(default_factory=deque)

    def prune(self, now: datetime) -> None:
        """Forget what is older than the window."""
        while self.hits and (now - self.hits[0]).total_seconds() >= self.seconds:
            self.hits.popleft()

    def reset_in(self, now: datetime) -> int:
        """Whole seconds until the oldest hit is forgotten."""
        if not self.hits:
            return int(self.seconds)
        return max(1, math.ceil(self.seconds - (now - self.hits[0]).total_seconds()))


@dataclass
class Limits:
    """The account's limits; every number may be changed while it runs.

    `guide` is counted apart from `account`, for the help centre. `ticket_updates` is per ticket and user in ten
    minutes, everything else per minute.
    """

    clock: Clock
    account: int = 700
    guide: int = 700
    ticket_updates: int = 30
    account_updates: int = 100
    tickets_index: int = 100
    incremental: int = 10
    views: int = 5
    webhooks: int = 100
    webhook_tests: int = 20
    _windows: dict[tuple[str, ...], Window] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, limit: int, seconds: float, *key: str) -> dict[str, int]:
        """Count one call against the window `key`: total, remaining, resets. Raises ApiError 429 when it is full."""
        with self._lock:
            now = self.clock()
            window = self._windows.setdefault(key, Window(limit, seconds))
            window.limit = limit
            window.prune(now)
            if len(window.hits) >= limit:
                raise errors.rate_limited(window.reset_in(now))
            window.hits.append(now)
            return {"total": limit, "remaining": limit - len(window.hits), "resets": window.reset_in(now)}

    def headers(self, name: str) -> dict[str, str]:
        """The headers that every answer has; `name` is the window it counts against, `account` or `guide`."""
        limit: int = getattr(self, name)
        with self._lock:
            now = self.clock()
            window = self._windows.get((name,)) or Window(limit, 60)
            window.prune(now)
            left, reset = max(0, limit - len(window.hits)), window.reset_in(now)
        return {
            "X-Rate-Limit": str(limit),
            "X-Rate-Limit-Remaining": str(left),
            "ratelimit-limit": str(limit),
            "ratelimit-remaining": str(left),
            "ratelimit-reset": str(reset),
        }

    def forget(self) -> None:
        """Start counting anew."""
        with self._lock:
            self._windows.clear()
