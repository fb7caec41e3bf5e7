"""What was read and is still good enough, because it changes seldom."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from deskside.errors import Permanent, Transient

K = TypeVar("K")
V = TypeVar("V")

# How long, at most, what could not be read is taken for missing, in seconds.
GONE_WITHOUT = 600.0


@dataclass(frozen=True, slots=True)
class _Kept(Generic[V]):
    value: V
    until: float


class Aged(Generic[K, V]):
    """Values that are read again when they are `keep` seconds old; at most `most` of them, the longest unused leave."""

    def __init__(self, keep: float, most: int = 4096, clock: Callable[[], float] = time.monotonic) -> None:
        self._keep = keep
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[K, _Kept[V]] = OrderedDict()
        self._failed: set[K] = set()

    def get(self, key: K, read: Callable[[], V]) -> V:
        """The value of `key`, read when there is none that is young enough; raises what `read` raises."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and self._clock() < kept.until:
                self._kept.move_to_end(key)
                return kept.value
        value = read()
        self.put(key, value)
        return value

    def get_or(self, key: K, read: Callable[[], V], otherwise: V) -> V:
        """As `get`, but for what may be missing.

        What is refused for good is `otherwise`, for ten minutes at most. What fails for now is raised once, to be
        tried again; the second time it is gone without, because a ticket that is never read is worse than one that
        lacks this.
        """
        try:
            return self.get(key, read)
        except Permanent:
            self.put(key, otherwise, min(self._keep, GONE_WITHOUT))
        except Transient:
            with self._lock:
                again = key in self._failed
                self._failed.add(key)
            if not again:
                raise
            self.put(key, otherwise, min(self._keep, GONE_WITHOUT))
        return otherwise

    def put(self, key: K, value: V, keep: float | None = None) -> None:
        """Keep a value from now on, for as long as all others or for `keep` seconds."""
        with self._lock:
            self._failed.discard(key)
            self._kept[key] = _Kept(value, self._clock() + (self._keep if keep is None else keep))
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
