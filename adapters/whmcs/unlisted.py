"""Tickets that should be in a listing and are not."""

import threading
import time
from collections.abc import Callable, Collection, Sequence

AGAIN = 3600.0


class Unlisted:
    """Tells each such ticket once when it is missed, and again when it is still missed an hour later.

    Where a status is hidden from the listing, its tickets are never in it: to read them all in every round would cost
    more than the round.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._told: dict[str, float] = {}

    def since_last(self, expected: Collection[str], listed: Collection[str]) -> Sequence[str]:
        """The ids that are expected, not listed, and not told lately."""
        now = self._clock()
        missing = set(expected) - set(listed)
        with self._lock:
            self._told = {key: at for key, at in self._told.items() if key in missing}
            due = sorted(key for key in missing if now - self._told.get(key, now - AGAIN) >= AGAIN)
            self._told.update(dict.fromkeys(due, now))
        return due
