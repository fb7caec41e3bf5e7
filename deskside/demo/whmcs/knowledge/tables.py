"""WHMCS's tables of the knowledge base and those of the addon, in a database that cuts what does not fit.

Source of the columns: a dump of a real install; `article` is TEXT there, 65,535 bytes.
"""

import hashlib
import html
from dataclasses import dataclass, field
from typing import Any

TEXT_BYTES = 65_535
STANDARD = "english"


class DatabaseError(Exception):
    """What a strict database says of a text that does not fit."""


@dataclass
class Columns:
    """What the columns take. A database that is not strict cuts what does not fit, without a word.

    `four_byte_characters` false is utf8mb3: such a database cuts a text at its first emoji.
    """

    article_bytes: int | None = TEXT_BYTES
    title_characters: int | None = TEXT_BYTES // 4
    four_byte_characters: bool = True
    strict: bool = True
    transactions: bool = True

    @property
    def charset(self) -> str:
        """What MySQL calls it."""
        return "utf8mb4" if self.four_byte_characters else "utf8mb3"

    def kept(self, text: str, most: int | None) -> str:
        """What is kept of a text in a column of so many bytes. Raises DatabaseError when strict."""
        whole = text
        if not self.four_byte_characters:
            at = next((number for number, letter in enumerate(text) if ord(letter) > 0xFFFF), len(text))
            text = text[:at]
        if most is not None and len(text.encode()) > most:
            text = text.encode()[:most].decode(errors="ignore")
        if self.strict and text != whole:
            raise DatabaseError("Data too long, or an incorrect string value")
        return text


@dataclass
class Row:
    """`tblknowledgebase`: an article, or with a `parentid` its translation. The title is stored encoded."""

    id: int
    title: str
    article: str
    private: bool = False
    order: int = 0
    parentid: int = 0
    language: str = ""
    views: int = 0
    useful: int = 0
    votes: int = 0


@dataclass
class Category:
    """`tblknowledgebasecats`."""

    id: int
    parentid: int
    name: str
    hidden: bool = False
    description: str = ""


@dataclass
class Own:
    """`mod_deskside_articles`: an article that Deskside made, where it belongs, and who may read it."""

    marker: str
    language: str
    category: int
    private: bool


@dataclass
class Kept:
    """`mod_deskside_texts`: what a language of an own article was written as, and its text while it is a draft."""

    tag: str
    draft: bool = False
    title: str = ""
    article: str = ""


@dataclass
class Tables:
    """All of them. `links` are (category, article), `tags` (article, tag), `files` bytes by name.

    `language` is the standard one of WHMCS, `languages` those installed; `files_writable` false is a folder that PHP
    may not write to.
    """

    columns: Columns = field(default_factory=Columns)
    language: str = STANDARD
    languages: list[str] = field(default_factory=lambda: ["english", "german", "russian"])
    files_writable: bool = True
    request_bytes: int = 8 * 1024 * 1024
    rows: dict[int, Row] = field(default_factory=dict)
    categories: dict[int, Category] = field(default_factory=dict)
    links: list[tuple[int, int]] = field(default_factory=list)
    tags: list[tuple[int, str]] = field(default_factory=list)
    own: dict[int, Own] = field(default_factory=dict)
    texts: dict[tuple[int, str], Kept] = field(default_factory=dict)
    hidden: dict[str, int] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    nonces: dict[str, float] = field(default_factory=dict)

    def insert(self, title: str, article: str, **more: Any) -> Row:
        """A new row of the knowledge base, as the database keeps it. Raises DatabaseError when strict."""
        number = max(self.rows, default=0) + 1
        row = Row(number, "", "", **more)
        self.write(row, title, article)
        self.rows[number] = row
        return row

    def write(self, row: Row, title: str, article: str) -> None:
        """Other texts in a row. Raises DatabaseError when strict."""
        kept = self.columns.kept(article, self.columns.article_bytes)
        most = self.columns.title_characters
        row.title, row.article = self.columns.kept(title, most * 4 if most else None), kept

    def add_category(self, name: str, parent: int = 0, hidden: bool = False) -> Category:
        """A new category."""
        row = Category(max(self.categories, default=0) + 1, parent, encoded(name), hidden)
        self.categories[row.id] = row
        return row

    def translations(self, article_id: int) -> list[Row]:
        """The rows of an article's other languages."""
        return [row for row in self.rows.values() if row.parentid == article_id]

    def categories_of(self, article_id: int) -> list[int]:
        """Where an article stands."""
        return sorted({category for category, article in self.links if article == article_id})

    def place(self, article_id: int, *categories: int) -> None:
        """Let it stand in these categories and in no others."""
        self.links = [link for link in self.links if link[1] != article_id]
        self.links += [(category, article_id) for category in categories]

    def tags_of(self, article_id: int) -> list[str]:
        """An article's tags."""
        return [tag for article, tag in self.tags if article == article_id]

    def unseen(self) -> set[int]:
        """Categories that readers do not see, for themselves or for one above them."""
        found = set()
        for number in self.categories:
            at, passed = number, set[int]()
            while at in self.categories and at not in passed:
                passed.add(at)
                if self.categories[at].hidden:
                    found.add(number)
                at = self.categories[at].parentid
        return found

    def public(self, article_id: int) -> bool:
        """Whether a visitor may read it."""
        row = self.rows.get(article_id)
        seen = set(self.categories_of(article_id)) - self.unseen()
        return row is not None and row.parentid == 0 and not row.private and bool(seen)

    def delete(self, article_id: int) -> None:
        """What a person does with the button "delete": the addon's tables are not told."""
        for row in [self.rows[article_id], *self.translations(article_id)]:
            del self.rows[row.id]
        self.place(article_id)
        self.tags = [pair for pair in self.tags if pair[0] != article_id]


def encoded(text: str) -> str:
    """Text as WHMCS stores what is typed."""
    return html.escape(text, quote=True).replace("&#x27;", "&#039;")


def typed(text: str) -> str:
    """What was typed."""
    return html.unescape(text)


def hashed(row: Row | Kept) -> str:
    """What tells whether it was edited: WHMCS keeps no time."""
    return hashlib.sha256(f"{row.title}\n{row.article}".encode()).hexdigest()
