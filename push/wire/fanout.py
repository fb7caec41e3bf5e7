"""Posting many encrypted messages at once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from push.settings import PushSettings
from push.wire.answer import Verdict
from push.wire.vapid import Keys


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message for one browser; `body` is what is encrypted for it, `ttl` is in seconds."""

    id: int
    endpoint: str
    p256dh: bytes
    auth: bytes
    key_id: str
    body: bytes
    ttl: int
    urgency: str
    topic: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a parcel; `retry_after` is in seconds."""

    id: int
    verdict: Verdict
    status: int | None = None
    reason: str = ""
    retry_after: float | None = None
    strike: bool = False


class Fanout:
    """One instance lives as long as the process."""

    def __init__(self, settings: PushSettings, keys: Keys) -> None:
        self.settings = settings
        self.keys = keys

    def deliver(self, parcels: Iterable[Parcel]) -> Iterator[Outcome]:
        """Post them; an outcome for each."""
        for parcel in parcels:
            yield Outcome(parcel.id, Verdict.NOT_SENT, None, "not built")

    def close(self) -> None:
        """End its connections."""
