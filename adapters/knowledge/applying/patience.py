"""Trying again what may help to be tried again, within what a run may wait in all."""

import random
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from deskside.errors import Conflict, Transient, UnknownOutcome

ATTEMPTS = 5
LONGEST = 60.0

Args = ParamSpec("Args")
Answer = TypeVar("Answer")


class Halt(Exception):
    """The run ends here; what is left is left for the next one. The text says why."""


class Patience:
    """`seconds` are what all waiting of a run may come to; `wait(seconds)` waits, true when the run is to end."""

    def __init__(self, seconds: float, wait: Callable[[float], bool]) -> None:
        self.left = seconds
        self._wait = wait

    def call(self, function: Callable[Args, Answer], *args: Args.args, **kwargs: Args.kwargs) -> Answer:
        """Call what may be repeated. Raises its last error, or Halt."""
        return self._call(lambda: function(*args, **kwargs), repeatable=True)

    def once(self, function: Callable[Args, Answer], *args: Args.args, **kwargs: Args.kwargs) -> Answer:
        """Call what must not be repeated once it may have acted: raises UnknownOutcome then."""
        return self._call(lambda: function(*args, **kwargs), repeatable=False)

    def _call(self, function: Callable[[], Answer], *, repeatable: bool) -> Answer:
        attempt = 0
        while True:
            try:
                return function()
            except Conflict:
                raise
            except Transient as error:
                attempt += 1
                if isinstance(error, UnknownOutcome) and not repeatable:
                    raise
                self._pause(attempt, error)

    def _pause(self, attempt: int, error: Transient) -> None:
        """Wait before the next attempt; raises the error where there is none."""
        delay = error.retry_after
        if delay is None:
            # Spread, so that what failed together does not come back together.
            delay = min(LONGEST, 2.0 ** (attempt - 1)) * random.uniform(0.5, 1.5)  # noqa: S311
        if attempt >= ATTEMPTS or delay > self.left:
            raise error
        self.left -= delay
        if self._wait(delay):
            raise Halt("the process ends")
