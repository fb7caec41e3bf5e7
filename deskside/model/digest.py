"""What could stand in a digest: news of a feed, an article, a post, an announcement."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing a source has, as plain text.

    `guid` is the source's own name of it, which a publisher may change or give twice. `section` is what the source
    files it under (a category, a forum topic), `language` a tag such as `de` or `pt-br`; empty is unsaid.
    """

    guid: str
    url: str
    title: str
    published_at: datetime
    summary: str = ""
    section: str = ""
    author: str = ""
    language: str = ""
    image: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at a source came to: its entries, in no order, and what the next look goes on from."""

    entries: tuple[Entry, ...] = field(default=())
    cursor: str = ""
