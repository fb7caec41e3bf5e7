"""What every task may use, made once at start and handed to it by the engine."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import sqlalchemy as sa

from adapters.health.settings import BUDGETS
from adapters.health.sweep.sweeper import Sweeper
from adapters.knowledge.building import Publishing
from deskside.errors import Permanent
from deskside.knowledge.search.synonyms import NONE, Synonyms
from deskside.model.health import HealthReport
from deskside.model.service import Target
from deskside.order.calendar import WorkingTime
from deskside.order.key import Caps
from deskside.order.pools import PoolRule
from deskside.ports import Desk, Engine, Factor
from deskside.settings import Settings
from jobs.parts import Digesting, Falling
from push.sending.messages import Deliverer
from push.settings import PushSettings


class Examiner(Protocol):
    """Looks at targets, all at once, within its own deadline."""

    def examine_all(self, targets: Sequence[Target], *, fresh: bool = False) -> tuple[HealthReport, ...]:
        """One report per target; `fresh` does not reuse a report of the last minute."""

    def close(self) -> None:
        """End its thread."""


@dataclass(frozen=True, slots=True)
class Context:
    """The parts that tasks work with."""

    database: sa.Engine
    engine: Engine
    settings: Settings
    desks: Mapping[str, Desk]
    factors: Sequence[Factor]
    examiner: Examiner
    # By name; the common one is "".
    calendars: Mapping[str, WorkingTime]
    pool_rules: Sequence[PoolRule]
    caps: Caps
    # Fields of a ticket or of a client that may name the service a ticket is about.
    target_fields: tuple[str, ...] = ("service",)
    # How long an effect whose answer is missing is left alone: longer than a request can still be on its way.
    quiet_seconds: float = 20.0
    # How often anything may be looked at; the keys of adapters.health.settings.BUDGETS.
    budgets: Mapping[str, int] = field(default_factory=lambda: dict(BUDGETS))
    # Looks at the whole fleet; None where that is switched off.
    sweeper: Sweeper | None = None
    # What `[push]` says, and what posts to the push services; None where there is no key to send with.
    push: PushSettings | None = None
    fanout: Deliverer | None = None
    # What digests are made with, and what carries what nobody saw; None where that is switched off.
    digesting: Digesting | None = None
    falling: Falling | None = None
    # Sources and targets of the knowledge base; None where there are none.
    publishing: Publishing | None = None
    # The team's own words for one another, for the search.
    synonyms: Synonyms = NONE
    # Set when the process ends: what takes long looks at it.
    stopping: threading.Event = field(default_factory=threading.Event)

    def calendar(self, name: str) -> WorkingTime:
        """The working time of this name; the common one when it is not configured any more."""
        return self.calendars.get(name) or self.calendars[""]

    def desk(self, name: str) -> Desk:
        """The desk of this name; raises Permanent when it is not configured any more."""
        try:
            return self.desks[name]
        except KeyError:
            raise Permanent(f"the desk '{name}' is not configured") from None
