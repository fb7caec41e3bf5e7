"""Tasks: named functions that an engine runs at least once."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from deskside.errors import DesksideError, Permanent, Transient

LONGEST_DELAY = 1800.0
PATIENCE = 25

Settle = Callable[[sa.Connection], None]


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a task. `attempts` counts the runs before it that did not end well; `context` is what tasks use."""

    attempts: int
    context: Any


@dataclass(frozen=True, slots=True)
class Task:
    """A task as registered.

    `function(run, **args)` may return a function of a connection: the engine calls it in the transaction that
    records the job as done. `on_dead(connection, error, args)` runs in the transaction that gives the job up.
    """

    name: str
    function: Callable[..., Settle | None]
    max_attempts: int
    on_dead: Callable[[sa.Connection, str, dict[str, Any]], None] | None

    def delay(self, attempts: int, error: BaseException | None) -> float | None:
        """Seconds until the next try after `attempts` earlier ones and this error; None when there is none."""
        # Waiting for a limit that says when it ends is not failing: it may take long.
        told = isinstance(error, Transient) and error.retry_after is not None
        if isinstance(error, Permanent) or attempts + 1 >= self.max_attempts * (PATIENCE if told else 1):
            return None
        if isinstance(error, Transient) and error.retry_after is not None:
            return max(0.1, error.retry_after)
        # Spread, so that what failed together does not come back together.
        return min(LONGEST_DELAY, 2.0 ** min(attempts, 12)) * random.uniform(0.5, 1.5)  # noqa: S311


TASKS: dict[str, Task] = {}


def task(
    name: str,
    *,
    max_attempts: int = 60,
    on_dead: Callable[[sa.Connection, str, dict[str, Any]], None] | None = None,
) -> Callable[[Callable[..., Settle | None]], Callable[..., Settle | None]]:
    """Register a function as a task. Sixty attempts with the longest delay of half an hour outlast a day's outage."""

    def register(function: Callable[..., Settle | None]) -> Callable[..., Settle | None]:
        TASKS[name] = Task(name, function, max_attempts, on_dead)
        return function

    return register


def describe(error: BaseException) -> str:
    """An error as text for a row. The text of a foreign error is left out: it may quote what must not be stored."""
    if isinstance(error, DesksideError):
        return f"{type(error).__name__}: {error}"
    frame = error.__traceback__
    while frame and frame.tb_next:
        frame = frame.tb_next
    where = f" at {frame.tb_frame.f_code.co_name}:{frame.tb_lineno}" if frame else ""
    return f"{type(error).__module__}.{type(error).__name__}{where}"
