"""What all constructs of the storage format are converted with: the page, what is around it, and what was found."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import Protocol

from adapters.confluence.storage.parse import AC, BrokenStorage, Element, parse
from deskside.model.article import Asset

DEEPEST_INCLUDE = 5
_TAG = re.compile(r"<[^>]*>")


class NotShown(Exception):
    """A page or file that a body refers to and that must not or cannot be shown; the text says why."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page: `body` is storage format, `parent` and `home` are the ids of its parent and of its space's home page."""

    id: str
    space: str
    title: str
    body: str
    parent: str = ""
    home: str = ""


class Wiki(Protocol):
    """What is around a page. `address` is how addresses of the wiki begin, `https://host/wiki` in the Cloud."""

    address: str

    def page(self, space: str, title: str) -> Page:
        """A page that may stand inside others. Raises `NotShown`."""

    def files(self, page: Page) -> Sequence[Asset]:
        """The files of a page, newest versions."""

    def person(self, key: str) -> str:
        """The display name of an account id, a user key or a user name; empty when it is not known."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a team wants its pages written. `mention` stands for every mentioned person; empty is their own name."""

    language: str = "en-us"
    mention: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading as it was written: its level from 1 to 6, its id, its text."""

    level: int
    id: str
    text: str


@dataclass(slots=True)
class Found:
    """What is found on the way through one document. `generated` are functions for what is only known at its end."""

    headings: list[Heading] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    assets: dict[str, Asset] = field(default_factory=dict)
    depends: dict[str, None] = field(default_factory=dict)
    warnings: dict[str, None] = field(default_factory=dict)
    generated: list[Callable[[], str]] = field(default_factory=list)


Handler = Callable[[Element, "Writing"], str]


@dataclass(frozen=True, slots=True)
class Writing:
    """The conversion of one page, which may stand inside others (`outer`, the document's own first)."""

    page: Page
    wiki: Wiki
    style: Style
    handlers: Mapping[str, Handler]
    otherwise: Handler
    found: Found
    outer: tuple[str, ...] = ()

    def one(self, node: Element) -> str:
        """HTML of one element, without what follows it."""
        return self.handlers.get(node.tag, self.otherwise)(node, self)

    def inside(self, node: Element) -> str:
        """HTML of what is inside an element."""
        return "".join(self.pieces(node))

    def pieces(self, node: Element) -> list[str]:
        """HTML of what is inside an element: texts and elements in turn, as they stand."""
        parts = [text(node.text)]
        for child in node:
            parts.append(self.one(child))
            parts.append(text(child.tail))
        return parts

    def warn(self, sentence: str) -> None:
        """Say once what was lost or changed."""
        self.found.warnings[sentence] = None

    def file(self, name: str, page: Page | None = None) -> Asset:
        """A file of this page or another one, from now on one of the document's. Raises `NotShown`."""
        wanted = unicodedata.normalize("NFC", name)
        for asset in self.wiki.files(page or self.page):
            if unicodedata.normalize("NFC", asset.filename) == wanted:
                self.found.assets[asset.ref] = asset
                return asset
        raise NotShown("the page has no such file")

    def new_id(self, name: str) -> str:
        """The id of a place called `name`: as `anchor_id`, with a number when there was one before."""
        base = anchor_id(name) or "section"
        given, number = base, 0
        while given in self.found.ids:
            number += 1
            given = f"{base}{number}"
        self.found.ids.add(given)
        return given

    def later(self, generate: Callable[[], str]) -> str:
        """A mark that becomes what `generate` answers once the whole document is read."""
        self.found.generated.append(generate)
        return f"\0{len(self.found.generated) - 1}\0"

    def included(self, space: str, title: str, part: Callable[[Element], Element | None]) -> str:
        """HTML of `part` of another page, written as that page; empty with a warning where it cannot be shown."""
        named = f"the page “{title}”"
        try:
            page = self.wiki.page(space or self.page.space, title)
            outer = (*self.outer, self.page.id)
            if page.id in outer:
                raise NotShown("it includes itself")
            if len(outer) > DEEPEST_INCLUDE:
                raise NotShown("it stands too deep inside others")
            node = part(parse(page.body))
            if node is None:
                raise NotShown("it has no such part")
        except (NotShown, BrokenStorage) as reason:
            self.warn(f"{named} is not included: {reason}")
            return ""
        self.found.depends[page.id] = None
        return replace(self, page=page, outer=outer).inside(node)


def text(value: str | None) -> str:
    """Text as HTML."""
    return escape(value, quote=False) if value else ""


def plain(markup: str) -> str:
    """HTML that was written here as one line of text, still escaped."""
    return " ".join(_TAG.sub("", markup).split())


def anchor_id(name: str) -> str:
    """The id of a heading or anchor by its text, or by what Confluence calls it in an address.

    Letters and digits alone, so that “Step 2: go”, `Step-2:-go` (Cloud) and `Step2:go` (Data Center) are one place.
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(character for character in folded if character.isalnum())


def of_type(node: Element, *names: str) -> Element | None:
    """The first child that is one of these `ac:` elements."""
    return next((child for child in node for name in names if child.tag == AC + name), None)
