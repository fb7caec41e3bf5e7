"""Probes and resolvers that stand in where a real one could not be made to behave so on loopback."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from adapters.health.resolver import StubResolver
from deskside.model.health import Finding, Sign, Word
from deskside.model.service import Target
from deskside.ports import Surroundings


def saw(kind: str, word: Word, sign: Sign, **details: object) -> Finding:
    """A finding of a probe named as its kind."""
    return Finding(kind, kind, word, sign, f"{kind} is {sign.value}", {"code": "x", **details})


def silent(kind: str) -> Finding:
    """A kind of evidence that is silent."""
    return saw(kind, Word.UNKNOWN, Sign.SILENT)


@dataclass
class StandIn:
    """A probe whose look is `behaviour`, or that gives `finding`; counts its looks."""

    kind: str
    finding: Finding | None = None
    behaviour: Callable[[], Awaitable[object]] | None = None
    looks: list[Surroundings] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.kind

    def applies(self, target: Target) -> bool:
        return True

    async def look(self, target: Target, surroundings: Surroundings) -> Sequence[Finding]:
        self.looks.append(surroundings)
        if self.behaviour is not None:
            await self.behaviour()
        return () if self.finding is None else (self.finding,)


class KnownNames(StubResolver):
    """A resolver that knows some names, raises what it is told to, and never asks anybody."""

    def __init__(self, known: dict[str, tuple[str, ...] | Exception]) -> None:
        self.known = known
        self.asked: list[str] = []

    async def addresses(self, host: str) -> tuple[str, ...]:
        self.asked.append(host)
        answer = self.known[host]
        if isinstance(answer, Exception):
            raise answer
        return answer


class Gate:
    """A look that waits in the examiner's loop until the test's thread opens it."""

    def __init__(self) -> None:
        self.entered = threading.Semaphore(0)
        self.opened = threading.Event()

    async def __call__(self) -> None:
        self.entered.release()
        while not self.opened.is_set():
            await asyncio.sleep(0.005)
