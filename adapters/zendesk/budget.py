"""What is left of the account's requests this minute, and who may still spend them."""

import threading
import time
from collections.abc import Callable, Mapping

from deskside.errors import Transient

# Shares of the account's limit that must be left. Half belongs to the agents and their other integrations; a note is
# worth going nearer to the edge for than a position, which the next minute can still write.
FOR_PLACEMENTS = 0.50
FOR_NOTES = 0.05
# Articles can wait longest; publishing takes at most six tenths of a minute.
FOR_ARTICLES = 0.40
WINDOW = 60.0

_LIMITS = ("x-rate-limit", "ratelimit-limit", "rate-limit")
_LEFT = ("x-rate-limit-remaining", "ratelimit-remaining", "rate-limit-remaining")
_RESET = ("ratelimit-reset", "rate-limit-reset")


class Budget:
    """The rate-limit headers of the last answer, shared by all threads.

    Source: developer.zendesk.com, "Rate limits": limits are per account and minute and differ by plan, so they are
    read, never assumed.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._limit = 0.0
        self._left = 0.0
        self._until = 0.0

    def record(self, headers: Mapping[str, str]) -> None:
        """Note what an answer's headers (any case) say; without them nothing changes."""
        lower = {name.lower(): value for name, value in headers.items()}
        limit, left = _number(lower, _LIMITS), _number(lower, _LEFT)
        if limit is None or left is None or limit <= 0:
            return
        reset = _number(lower, _RESET)
        with self._lock:
            self._limit, self._left = limit, left
            self._until = self._clock() + min(WINDOW, WINDOW if reset is None else max(1.0, reset))

    def admit(self, share: float) -> None:
        """Raise `Transient`, due when the minute is over, unless at least `share` of the limit is left."""
        with self._lock:
            wait = self._until - self._clock()
            if wait > 0 and self._left < share * self._limit:
                raise Transient(
                    f"only {self._left:.0f} of {self._limit:.0f} Zendesk requests are left this minute", wait
                )

    @property
    def known(self) -> tuple[int, int] | None:
        """Requests left and the limit, as last seen; None before the first answer."""
        with self._lock:
            return (int(self._left), int(self._limit)) if self._limit else None


def _number(headers: Mapping[str, str], names: tuple[str, ...]) -> float | None:
    for name in names:
        # `ratelimit-limit` may carry a policy after the number: "700, 700;w=60".
        text = headers.get(name, "").split(",")[0].split(";")[0].strip()
        if text.isdecimal():
            return float(text)
    return None
