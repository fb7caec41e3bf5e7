"""What is asked of a Confluence, whichever kind it is: the words its two interfaces are read into."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from deskside.errors import Transient
from deskside.text import clean


@dataclass(frozen=True, slots=True)
class Space:
    """A space: `key` is what people know, `home` the id of its home page."""

    id: str
    key: str
    name: str
    home: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in a listing. `number` counts its versions; moving or labelling a page makes no new one.

    `labels` are what the listing tells of them; the Cloud's tells nothing.
    """

    id: str
    number: int
    parent: str
    modified_at: datetime
    labels: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        """Another text whenever the page was edited, renamed, moved or, as far as listings tell, labelled."""
        parts = [str(self.number), self.parent]
        if self.labels:
            parts.append(hashlib.sha256("\n".join(sorted(self.labels)).encode()).hexdigest()[:8])
        return ".".join(filter(None, parts))


@dataclass(frozen=True, slots=True)
class Ancestor:
    """What a page stands below: a page, or a folder, which has no body and no restrictions anybody can read."""

    id: str
    title: str
    is_page: bool = True


@dataclass(frozen=True, slots=True)
class WikiPage:
    """A page with its body. `space` is the space's id; `status` is Confluence's own word, `path` its address's end."""

    entry: Entry
    space: str
    title: str
    status: str
    body: str
    labels: tuple[str, ...] = ()
    parent_is_page: bool = True
    position: int = 0
    path: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a page, in its newest version."""

    id: str
    filename: str
    content_type: str
    number: int


class Api(Protocol):
    """Reads of one Confluence. Calls raise as `ApiSession.read` does."""

    def whoami(self) -> str:
        """The name of the token's account. Raises `TargetRefuses` when Confluence takes us for a stranger."""

    def spaces(self, keys: Collection[str]) -> Mapping[str, Space]:
        """The spaces with these keys, as far as the account may see them."""

    def pages(self, space: Space) -> Iterator[Entry]:
        """Every current page of a space, to the end of the listing."""

    def changed(self, space: Space, since: datetime) -> Iterator[Entry]:
        """At least the current pages that changed after `since`, which is a time of an earlier answer."""

    def page(self, page_id: str) -> WikiPage:
        """A page, whatever its status. Raises `Gone` where Confluence has none that this account may see."""

    def page_called(self, space: Space, title: str) -> WikiPage | None:
        """The current page of this title."""

    def ancestors(self, page_id: str) -> Sequence[Ancestor]:
        """What a page stands below, outermost first."""

    def restricted(self, page_id: str) -> bool:
        """Whether the page itself may be seen by some people only."""

    def files(self, page_id: str) -> Sequence[File]:
        """The files of a page."""

    def download(self, page_id: str, file_id: str, number: int) -> bytes:
        """The bytes of a version of a file. Raises `session.Redirect` where they are elsewhere."""

    def person(self, key: str) -> str:
        """The display name of an account; empty when there is none."""


def moment(value: Any) -> datetime:
    """An instant of an answer, in UTC. Raises `Transient` for what is none: the answer is not what it should be."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        raise Transient("an answer of Confluence without a time") from None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def results(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of a listing's page. Raises `Transient` when there is no list: an answer without one is not empty."""
    rows = answer.get("results")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Transient("a listing of Confluence without results")
    return rows


def is_restricted(answer: Mapping[str, Any]) -> bool:
    """Whether an answer of `restriction/byOperation/read` names anybody."""
    restrictions = answer.get("restrictions")
    if not isinstance(restrictions, dict):
        raise Transient("restrictions of a page that cannot be read")
    return any((restrictions.get(kind) or {}).get("results") for kind in ("user", "group")) or any(
        (restrictions.get(kind) or {}).get("size") for kind in ("user", "group")
    )


def number(value: Any) -> int:
    """A whole number of an answer; 0 for what is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def word(value: Any) -> str:
    """A short text of an answer."""
    return clean(value).strip()
