"""What a request of the knowledge base may ask: its fields by type, and texts that fit and are harmless."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from deskside.demo.whmcs.knowledge.tables import Columns, encoded

LARGEST_NUMBER = 2_147_483_647
TAGS_MOST, TAG_CHARACTERS = 100, 64
FORBIDDEN = frozenset(
    [
        *("applet", "base", "body", "button", "embed", "form", "frame", "frameset", "head", "html", "input", "link"),
        *("math", "meta", "noscript", "object", "plaintext", "script", "select", "style", "svg", "template"),
        *("textarea", "title", "xmp"),
    ]
)
ADDRESSES = frozenset(["action", "background", "cite", "data", "formaction", "href", "longdesc", "poster", "src"])
SCHEMES = ("http", "https", "mailto", "tel")


class Refused(Exception):
    """Why a request is not done; nothing was changed."""

    def __init__(self, status: int, name: str, words: str) -> None:
        super().__init__(words)
        self.status = status
        self.name = name


def malformed(words: str) -> Refused:
    """400: a field that is missing or of another type."""
    return Refused(400, "malformed", words)


def gone() -> Refused:
    """404."""
    return Refused(404, "gone", "there is no such article, or it was archived")


@dataclass(frozen=True)
class Asked:
    """The JSON object of a request."""

    fields: dict[str, Any]

    def text(self, name: str) -> str:
        """A text."""
        value = self.fields.get(name)
        if not isinstance(value, str):
            raise malformed(f"{name} must be a text")
        return value

    def number(self, name: str, least: int = 1) -> int:
        """A whole number."""
        value = self.fields.get(name)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= LARGEST_NUMBER:
            raise malformed(f"{name} must be a number from {least}")
        return value

    def number_or_none(self, name: str) -> int | None:
        """A whole number from 0, or null."""
        return None if self.fields.get(name) is None else self.number(name, 0)

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self.fields.get(name)
        if not isinstance(value, bool):
            raise malformed(f"{name} must be true or false")
        return value

    def texts(self, name: str, most: int) -> list[str]:
        """A list of texts."""
        value = self.fields.get(name)
        if not isinstance(value, list) or len(value) > most or not all(isinstance(item, str) for item in value):
            raise malformed(f"{name} must be a list of at most {most} texts")
        return value

    def matching(self, name: str, pattern: str) -> str:
        """A text of a certain form."""
        value = self.text(name)
        if not re.fullmatch(pattern, value):
            raise malformed(f"{name} is not of its form")
        return value

    def marker(self) -> str:
        """The name a caller gives what it makes, to find it again."""
        return self.matching("marker", r"[A-Za-z0-9:._-]{1,64}")

    def language(self) -> str:
        """A language as WHMCS calls it."""
        return self.matching("language", r"[a-z][a-z-]{1,38}")

    def tag(self) -> str:
        """The same language as Deskside calls it."""
        return self.matching("tag", r"(?=.{1,16}$)[a-z]{2,3}(?:-[a-z0-9]{2,8})*")


@dataclass(frozen=True)
class Written:
    """A title and a body that fit; the title is as it is stored."""

    title: str
    html: str

    @classmethod
    def of(cls, asked: Asked, columns: Columns) -> "Written":
        """Those of a request. Raises Refused, and never cuts."""
        title, body = asked.text("title"), asked.text("html")
        if not title.strip():
            raise malformed("title must not be empty")
        for text in (title, body):
            demand_storable(text, columns)
        demand_harmless(body)
        stored = encoded(title)
        if columns.title_characters is not None and len(stored) > columns.title_characters:
            raise Refused(422, "too_long", f"title has {len(stored)}, at most {columns.title_characters} are taken")
        size = len(body.encode())
        if columns.article_bytes is not None and size > columns.article_bytes:
            raise Refused(422, "too_long", f"article has {size}, at most {columns.article_bytes} are taken")
        return cls(stored, body)


def demand_storable(text: str, columns: Columns) -> None:
    """Refuse what the charset would cut."""
    if "\0" in text:
        raise Refused(422, "not_text", "there are bytes in it that are no UTF-8 text")
    if not columns.four_byte_characters and any(ord(letter) > 0xFFFF for letter in text):
        raise Refused(422, "four_byte_characters", "the database would cut it at an emoji or a rare character")


def demand_harmless(body: str) -> None:
    """Refuse what must never reach a reader: themes print bodies raw."""
    guard = _Guard(convert_charrefs=True)
    guard.feed(body)
    if re.search(r"<[a-zA-Z/!?]", guard.rawdata):
        raise unsafe("markup that is not closed")


def unsafe(what: str) -> Refused:
    """422."""
    return Refused(422, "unsafe", f"the article holds {what}")


class _Guard(HTMLParser):
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._check(tag)
        for name, value in attrs:
            if name.startswith("on") or name == "srcdoc":
                raise unsafe("an attribute that is not allowed")
            scheme = re.match(r"([^:/?#]*):", re.sub(r"[\x00-\x20\x7f]+", "", value or ""))
            if name in ADDRESSES and scheme and scheme[1].lower() not in SCHEMES:
                raise unsafe("an address of a scheme that is not allowed")

    def handle_endtag(self, tag: str) -> None:
        self._check(tag)

    def handle_comment(self, data: str) -> None:
        raise unsafe("markup that is not closed")

    def handle_decl(self, decl: str) -> None:
        raise unsafe("markup that is not closed")

    def handle_pi(self, data: str) -> None:
        raise unsafe("markup that is not closed")

    def unknown_decl(self, data: str) -> None:
        raise unsafe("markup that is not closed")

    @staticmethod
    def _check(tag: str) -> None:
        if tag in FORBIDDEN or not re.fullmatch(r"[a-z][a-z0-9]*", tag):
            raise unsafe("a tag that is not allowed")
