"""When others are asked: as soon as the look from here is enough to call the target down, else at its end."""

import asyncio
import time
from collections.abc import Sequence
from typing import Protocol

from adapters.health.verdict import Look, judge, merge, needs_others
from deskside.model.health import Finding, HealthReport, Word
from deskside.model.service import Target


class Others(Protocol):
    """The other vantages."""

    async def ask(self, target: Target, seconds: float) -> tuple[Look, ...]:
        """How `target` looks from each of them, within `seconds`. Never raises for what they do."""


class SecondOpinion:
    """Asks the others about one target at most once, beside the probes that are still running here.

    Waiting for the end of our own look would leave them no time: a dead host takes most of the deadline.
    """

    def __init__(self, others: Others | None, target: Target, deadline: float) -> None:
        self._others = others
        self._target = target
        self._deadline = deadline
        self._seen: list[Finding] = []
        self._asked: asyncio.Task[tuple[Look, ...]] | None = None

    def notice(self, findings: Sequence[Finding]) -> None:
        """Take note of what a probe has found. One silence is not yet a reason to ask: the next may show life."""
        self._seen.extend(findings)
        if judge(self._seen)[0] is Word.DOWN:
            self._ask()

    async def over(self, report: HealthReport) -> HealthReport:
        """Our report, merged with the others' looks when it needs them."""
        if self._others is None or not needs_others(report):
            return report
        self._ask()
        assert self._asked is not None
        return merge(report, await self._asked)

    def close(self) -> None:
        """Do not wait for answers that nobody needs any more."""
        if self._asked is not None:
            self._asked.cancel()

    def _ask(self) -> None:
        if self._others is not None and self._asked is None:
            seconds = max(0.0, self._deadline - time.monotonic())
            self._asked = asyncio.create_task(self._others.ask(self._target, seconds))
