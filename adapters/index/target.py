"""The target: articles in Deskside's own store behind the port of targets. Nothing outside is asked."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import sqlalchemy as sa

from deskside.errors import Gone
from deskside.knowledge import internal
from deskside.markup import allowed
from deskside.model.article import Article, ArticleText, Filing, Limits, Text, Upload
from deskside.ports import CheckResult
from deskside.store.database import Row, reading, utc_now

LARGEST_FILE = 5 * 1024 * 1024


class IndexTarget:
    """The internal articles of one target. `base_url` is where Deskside is reached."""

    title = "Articles for agents"

    def __init__(self, name: str, database: sa.Engine, base_url: str) -> None:
        self.name = name
        self._database = database
        self._base_url = base_url

    @property
    def requests(self) -> int:
        """None is ever sent."""
        return 0

    def limits(self) -> Limits:
        """Only files are limited: they are kept in the database."""
        return Limits(asset_bytes=LARGEST_FILE)

    def preflight(self, languages: Sequence[str]) -> Sequence[CheckResult]:
        """Every language can be written."""
        return (CheckResult(f"{self.name}: {self.title}", True, "are kept by Deskside itself"),)

    def listing(self) -> Iterator[Article]:
        """Every article that is not archived."""
        with reading(self._database) as connection:
            rows = internal.listing(connection, self.name)
        return (self._article(row) for row in rows)

    def read(self, article_id: str) -> Article:
        """One article. Raises `Gone` when it was archived."""
        with reading(self._database) as connection:
            return self._article(self._there(connection, article_id))

    def find(self, marker: str) -> str | None:
        """The id of the article that was made with this marker."""
        with reading(self._database) as connection:
            return internal.find(connection, self.name, marker)

    def sections(self) -> Mapping[tuple[str, ...], str]:
        """The sections that articles stand in."""
        with reading(self._database) as connection:
            return {internal.path_of(section): section for section in internal.sections(connection, self.name)}

    def create_section(self, path: tuple[str, ...], language: str) -> str:
        """The id of a section; it is there once an article stands in it."""
        return internal.section_of(path)

    def create(self, marker: str, filing: Filing, text: Text) -> str:
        """Make a draft; the same marker again answers the article it was used for, archived or not."""
        with self._database.begin() as connection:
            return internal.create(connection, self.name, marker, filing, _clean(text), utc_now())

    def write_text(self, article_id: str, text: Text) -> None:
        """Write one language. Raises `Gone`."""
        with self._database.begin() as connection:
            row = self._there(connection, article_id, lock=True)
            internal.write(connection, row, _clean(text), utc_now())

    def file(self, article_id: str, marker: str, filing: Filing) -> None:
        """Move, label and order it. Raises `Gone`."""
        with self._database.begin() as connection:
            internal.file(connection, self._there(connection, article_id, lock=True), filing)

    def archive(self, article_id: str) -> None:
        """Show it no longer; its text is kept."""
        with self._database.begin() as connection:
            internal.archive(connection, self.name, article_id)

    def upload(self, filename: str, content_type: str, content: bytes) -> Upload:
        """Keep a file; the same bytes are the same file."""
        digest = hashlib.sha256(content).hexdigest()
        with self._database.begin() as connection:
            internal.keep_file(connection, digest, filename, content_type, content)
        return Upload(reference=digest, url=f"{self._base_url}/kb/files/{digest}")

    def url(self, article_id: str, language: str) -> str:
        """The page of an article, in one language."""
        return f"{self._base_url}/kb/internal/{article_id}" + (f"?language={language}" if language else "")

    def redirect(self, article_id: str, to: str) -> bool:
        """Readers of an archived article are sent there."""
        with self._database.begin() as connection:
            return internal.redirect(connection, self.name, article_id, to)

    def _there(self, connection: sa.Connection, article_id: str, *, lock: bool = False) -> Row:
        row = internal.get(connection, article_id, lock=lock)
        if row is None or row.target != self.name or row.archived:
            raise Gone(f"there is no article {article_id} in {self.name}")
        return row

    def _article(self, row: Row) -> Article:
        return Article(
            id=str(row.id),
            section=row.section,
            url=self.url(str(row.id), ""),
            texts={language: ArticleText(language, **text) for language, text in row.texts.items()},
            labels=tuple(row.labels),
            segment=row.segment,
            position=row.position,
            public=False,
            marker=row.marker,
        )


def _clean(text: Text) -> Text:
    # What is shown under our own address is cleaned here once more, whoever rendered it.
    return replace(text, html=allowed.clean(text.html).html)
