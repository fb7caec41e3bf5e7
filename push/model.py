"""What is said to people, and how: the vocabulary of web push, without I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a message is for, which decides how careful and how insistent its sending is."""

    PROMO = "promo"
    DIGEST = "digest"
    POLL = "poll"
    STEP = "step"
    SERVICE = "service"
    INCIDENT = "incident"
    TEST = "test"


# Bound by caps, gaps, quiet hours and what the desk knows of the person; at most once.
COURTEOUS = frozenset({Kind.PROMO, Kind.DIGEST, Kind.POLL, Kind.STEP})
# Sent again when it is unknown whether it arrived; the same tag and topic make a second one replace the first.
INSISTENT = frozenset({Kind.SERVICE, Kind.INCIDENT})


class Urgency(StrEnum):
    """RFC 8030, 5.3: how long a device that saves its battery may leave a message waiting."""

    VERY_LOW = "very-low"
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Button:
    """A button of a notification; where there are none (Safari, iOS) only the message's own link is left."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Content:
    """One message in one language. `title` and `body` are Jinja templates over the subscriber's attributes.

    `icon` and `image` are addresses of pictures, `badge` of the small monochrome one; `url` is where a click goes.
    """

    title: str
    body: str
    url: str
    icon: str = ""
    image: str = ""
    badge: str = ""
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Variant:
    """A message in its languages; the first is the fallback. Several variants of a campaign are an A/B test."""

    name: str
    contents: Mapping[str, Content]

    def content(self, language: str) -> Content:
        """In this language, else in its main language (`pt` for `pt-BR`), else in the fallback."""
        for wanted in (language, language.partition("-")[0]):
            if wanted in self.contents:
                return self.contents[wanted]
        return next(iter(self.contents.values()))


@dataclass(frozen=True, slots=True)
class Notification:
    """What one browser shows. `token` is what it reports with; `tag` is the same for what replaces one another."""

    token: str
    tag: str
    title: str
    body: str
    url: str
    language: str = ""
    icon: str = ""
    image: str = ""
    badge: str = ""
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the local day, on some weekdays (0 is Monday); `end` before `start` goes over midnight."""

    start: time
    end: time
    days: frozenset[int] = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class Person:
    """What the gates know of a subscriber. Times of the day are minutes after local midnight; None is unsaid."""

    id: int
    language: str = ""
    zone: str = ""
    per_week: int | None = None
    quiet_from: int | None = None
    quiet_to: int | None = None
    paused_until: datetime | None = None
    left_at: datetime | None = None
    desk: str | None = None
    client_id: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    topics: Sequence[str] = ()
