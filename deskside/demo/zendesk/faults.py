"""Faults on command: what the real Zendesk, and the network before it, does on a bad day."""

import fnmatch
from dataclasses import dataclass

ANSWERS = ("update_conflict", "database_conflict", "too_many_requests", "server_error", "unauthorized", "forbidden")
CONNECTION = ("slow", "drop_after", "drop_before", "lag")
WEBHOOK = ("webhook_duplicate", "webhook_reorder", "webhook_loss")
LISTING = ("empty_listing", "cut_listing", "empty_page")
KINDS = ANSWERS + CONNECTION + WEBHOOK + LISTING


@dataclass
class Fault:
    """One kind of trouble for the next `count` requests that match.

    Kinds: `update_conflict` and `database_conflict` (409), `too_many_requests` (429 in plain text), `server_error`
    (`status`), `unauthorized` (401) and `forbidden` (403), `slow` (`seconds` before it answers), `drop_after` (acts,
    then breaks the connection), `drop_before` (breaks it without acting), `lag` (breaks it at once and acts after
    `seconds`); for deliveries `webhook_duplicate`, `webhook_reorder` (held back until the next one is sent) and
    `webhook_loss`, where `path` matches the event's type; for lists of the help centre `empty_listing` (no row, and no
    more), `cut_listing` (half a page, and no more though there are) and `empty_page` (no row, but more of them).
    `path` is a glob over the path without `/api/v2` and `.json`; its `*` crosses slashes too.
    """

    kind: str
    method: str = "*"
    path: str = "*"
    count: int = 1
    status: int = 503
    seconds: float = 1.0
    retry_after: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault {self.kind!r}; known are {', '.join(KINDS)}")
        self.method = self.method.upper()

    def fits(self, *asked: str) -> bool:
        """Whether a request of this method (`*` for an event) to this path, or about this type, meets it."""
        method, path = asked
        return self.method in ("*", method) and fnmatch.fnmatchcase(path, self.path)
