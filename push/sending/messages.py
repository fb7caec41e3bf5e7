"""What the sending of a message must know of it, and what carries it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa

from deskside.store.database import Row
from push.model import Kind, Urgency, Variant, Window
from push.wire.fanout import Outcome, Parcel


@dataclass(frozen=True, slots=True)
class Message:
    """One message as its maker (a campaign, a chain, a digest) has it now.

    `tag` is the same for what replaces one another. `window` counts in the time zone `zone`, in the person's own where
    that is empty. `ended` says why it is not to be sent to this person any more, `held` why not yet.
    """

    variant: Variant
    tag: str
    topic: str | None = None
    urgency: Urgency = Urgency.NORMAL
    window: Window | None = None
    zone: str = ""
    ended: str = ""
    held: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """A send that reached its end: `state` is sent, failed, unknown or skipped, `reason` says why."""

    id: int
    kind: Kind
    campaign: int | None
    enrollment: int | None
    step_key: str
    subscriber: int
    state: str
    reason: str
    at: datetime


# The messages of these rows of `send`, by the row's id; a row without one is skipped.
MessagesOf = Callable[[sa.Connection, Sequence[Row]], Mapping[int, Message]]
# Called in the transaction that settles these.
After = Callable[[sa.Connection, Sequence[Settled]], None]


def nothing(_connection: sa.Connection, _ended: Sequence[Settled]) -> None:
    """Nothing follows from them."""


class Deliverer(Protocol):
    """Posts parcels and tells what came of each; `push.wire.fanout.Fanout` is one."""

    def deliver(self, parcels: Iterable[Parcel]) -> Iterator[Outcome]:
        """Post them, many at once; the outcomes come in any order."""

    def close(self) -> None:
        """End its connections."""


def settled(row: Row, state: str, reason: str, at: datetime) -> Settled:
    """What is told of a row of `send` that reached its end."""
    values: dict[str, Any] = {
        name: getattr(row, name) for name in ("id", "campaign", "enrollment", "step_key", "subscriber")
    }
    return Settled(kind=Kind(row.kind), state=state, reason=reason, at=at, **values)
