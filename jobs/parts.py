"""What the tasks of digests and of other channels work with."""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from deskside.fetching import Fetcher
from deskside.ports import Channel, DigestSource
from push.digests.settings import DigestSettings
from push.fallback import Letters, Rules
from push.launching import Launch
from push.links import Links


@dataclass(frozen=True, slots=True)
class Digesting:
    """`zone` is that of the schedule; `sources` are by kind. Without `launch` nothing can be sent."""

    settings: DigestSettings
    zone: ZoneInfo
    sources: Mapping[str, DigestSource]
    fetcher: Fetcher
    links: Links
    launch: Launch | None = None


@dataclass(frozen=True, slots=True)
class Falling:
    """`attributes` says of each channel where a subscriber's address stands. Without `letters` nothing is carried."""

    rules: Rules
    channels: Mapping[str, Channel]
    attributes: Mapping[str, str]
    letters: Letters | None = None
