"""Another help centre of Zendesk Guide as a source of the knowledge base.

What Deskside itself published is left out, so that nothing goes round in circles; so is what is not published, and what
not everybody may read, unless the configuration asks for it.
Sources: developer.zendesk.com, "Articles: List Articles Incrementally", "Article Attachments".
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

from marshmallow import Schema

from adapters.zendesk.client import Row
from adapters.zendesk.desk import NAME
from adapters.zendesk.guide.api import HelpCenter
from adapters.zendesk.guide.articles import (
    language_of,
    marker_of,
    read_labels,
    read_translations,
    segment_of,
    unstamped,
)
from adapters.zendesk.guide.media import MOST_BYTES
from adapters.zendesk.guide.pages import by_id, convert, uses_attachments
from adapters.zendesk.guide.sections import Path, read_tree
from adapters.zendesk.guide.settings import SourceSchema, public_url, reach
from adapters.zendesk.guide.storage import Storage
from deskside.errors import DesksideError, Gone, Permanent
from deskside.fetching import host_of
from deskside.model.article import Asset, Document, Listed, Listing
from deskside.ports import CheckResult, Surface
from deskside.text import clean, identifier

SCOPE = "hc:read"
CONVERTER = "zendesk-guide-1"
# Two answers of Zendesk may come from servers whose clocks differ, and a full listing takes a while itself.
OVERLAP_SECONDS = 600
_MOST_CHANGES = 100


class GuideSource:
    """One help centre that is read."""

    converter = CONVERTER

    def __init__(
        self, name: str, center: HelpCenter, storage: Storage, public_url: str, options: Mapping[str, Any]
    ) -> None:
        self.name = name
        self.title = f"Zendesk Guide ({urlsplit(public_url).netloc})"
        self._center = center
        self._storage = storage
        self._options = options
        self._hosts = {urlsplit(url).netloc.lower() for url in (center.url, public_url)}
        self._base = public_url
        self._paths: Mapping[str, Path] = {}

    def changes(self, watermark: str) -> Listing:
        """Articles whose text or metadata changed since ten minutes before `watermark`, a Unix time of Zendesk's.

        An archived article is not told of: only a full listing lacks it.
        """
        if not watermark.isdecimal():
            return self.listing()
        self._paths = read_tree(self._center).paths()
        start = max(0, int(watermark) - OVERLAP_SECONDS)
        rows: dict[str, Row] = {}
        for _ in range(_MOST_CHANGES):
            answer = self._center.ask(
                "GET",
                "help_center/incremental/articles.json",
                params={"start_time": str(start), "include": "translations"},
            )
            found = answer.get("articles")
            if not isinstance(found, list):
                raise Permanent("Zendesk's answer holds no 'articles'")
            rows |= {str(row["id"]): row for row in found if isinstance(row, dict) and identifier(row.get("id"))}
            if not answer.get("next_page"):
                return Listing(self._listed(rows.values()), False, _newest(rows.values(), int(watermark)))
            following = identifier(answer.get("end_time")) or _start_of(answer["next_page"])
            if following is None or int(following) <= start:
                # More than a page changed within a second: what lies behind cannot be asked for.
                return self.listing()
            start = int(following)
        return self.listing()

    def listing(self) -> Listing:
        """Every article there is to publish."""
        self._paths = read_tree(self._center).paths()
        rows = list(self._center.rows("help_center/articles.json", "articles", include="translations"))
        return Listing(self._listed(rows), True, _newest(rows, 0))

    def read(self, document_id: str) -> Sequence[Document]:
        """An article in its languages. Raises `Gone` too when it is not, or no longer, one that is published here."""
        number = identifier(document_id)
        if number is None:
            raise Gone("there is no such article: its id is not a number")
        row = self._with_translations(
            self._center.get(f"help_center/articles/{number}.json", "article", include="translations")
        )
        reason = self._left_out(row)
        if reason:
            raise Gone(f"article {number} is not taken: {reason}")
        if clean(row.get("section_id")) not in self._paths:
            self._paths = read_tree(self._center).paths()
        texts = self._texts(row)
        attachments: Mapping[str, Row] = {}
        if any(uses_attachments(clean(text.get("body"))) for text in texts):
            path = f"help_center/articles/{number}/attachments.json"
            attachments = by_id(self._center.rows(path, "article_attachments"))
        return tuple(self._document(number, row, text, attachments) for text in texts)

    def fetch(self, asset: Asset) -> bytes:
        """A file, by its address at the help centre; a redirect is followed without our token."""
        if not asset.ref.startswith(("/hc/article_attachments/", "/guide-media/")):
            raise Gone(f"{asset.ref}: this is no file of a help centre")
        response = self._center.download(asset.ref)
        content, kind = response.content, clean(response.headers.get("Content-Type"))
        if response.status_code != 200:
            content, kind = self._elsewhere(asset, urljoin(self._center.url + asset.ref, response.headers["Location"]))
        if kind.startswith("text/html") and asset.content_type != "text/html":
            raise Permanent(f"{asset.filename}: the help centre shows a page in place of the file")
        if len(content) > MOST_BYTES:
            raise Permanent(f"{asset.filename}: {len(content)} bytes; {MOST_BYTES} are the most")
        return content

    def check(self) -> Sequence[CheckResult]:
        """Read a page of articles."""
        name = f"{self.name} articles"
        try:
            answer = self._center.ask("GET", "help_center/articles.json", params={"page[size]": "1"})
            # Anybody may list what is public; attachments and drafts take a token that is somebody's.
            self._center.ask("GET", "help_center/user_segments.json", params={"page[size]": "1"})
        except DesksideError as error:
            return (CheckResult(name, False, str(error), "let the OAuth client have `hc:read`, owned by an agent"),)
        if not isinstance(answer.get("articles"), list):
            return (CheckResult(name, False, "Zendesk's answer holds no 'articles'", "is this a help centre?"),)
        return (CheckResult(name, True, f"articles of {self._center.url} can be read"),)

    def _listed(self, rows: Any) -> tuple[Listed, ...]:
        whole = (self._with_translations(row) for row in rows)
        return tuple(Listed(str(row["id"]), self._version(row)) for row in whole if not self._left_out(row))

    def _with_translations(self, row: Row) -> Row:
        if isinstance(row.get("translations"), list):
            return row
        path = f"help_center/articles/{identifier(row.get('id'))}/translations.json"
        return {**row, "translations": list(self._center.rows(path, "translations"))}

    def _left_out(self, row: Row) -> str:
        """Why this article is none of the source's documents; empty when it is one."""
        if marker_of(read_labels(row)) or any(unstamped(clean(text.get("body")))[1] for text in read_translations(row)):
            return "Deskside published it"
        if segment_of(row) and not self._options["restricted"]:
            return "not everybody may read it"
        if not self._texts(row):
            return "it is not published"
        return ""

    def _texts(self, row: Row) -> list[Row]:
        return [text for text in read_translations(row) if text.get("draft") is False or self._options["drafts"]]

    def _version(self, row: Row) -> str:
        """Of what a document is made of; a vote moves the article's own time, and changes nothing here."""
        texts = [
            [language_of(text.get("locale")), clean(text.get("updated_at")), text.get("draft") is False]
            for text in self._texts(row)
        ]
        path = self._paths.get(clean(row.get("section_id")), ())
        parts = [sorted(texts), sorted(read_labels(row)), list(path), row.get("position"), segment_of(row)]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]

    def _document(self, number: str, row: Row, text: Row, attachments: Mapping[str, Row]) -> Document:
        language = language_of(text.get("locale"))
        url = f"{self._base}/hc/{language}/articles/{number}"
        page = convert(clean(text.get("body")), url, self._hosts, attachments)
        path = self._paths.get(clean(row.get("section_id")), ())
        segment = segment_of(row)
        warnings = [f"lost: {phrase}" for phrase in page.lost]
        if segment:
            warnings.append(f"At the source only user segment {segment} may read it.")
        position = row.get("position")
        return Document(
            id=number,
            language=language,
            version=self._version(row),
            title=clean(text.get("title")),
            html=page.html,
            url=url,
            space=path[0] if path else "",
            path=path,
            labels=read_labels(row),
            position=position if isinstance(position, int) else 0,
            draft=text.get("draft") is not False,
            assets=page.assets,
            warnings=tuple(warnings),
            modified_at=_moment(text.get("updated_at")),
            source_language=language_of(row.get("source_locale")),
        )

    def _elsewhere(self, asset: Asset, address: str) -> tuple[bytes, str]:
        if urlsplit(address).netloc == urlsplit(self._center.url).netloc:
            raise Permanent(f"{asset.filename}: the help centre wants a person to sign in for it")
        page = self._storage.get(address, MOST_BYTES)
        if page.status in (404, 410):
            raise Gone(f"{asset.filename} is not there any more")
        if page.status != 200:
            raise Permanent(f"{asset.filename}: {host_of(address)} answers {page.status}")
        return page.body, clean(page.headers.get("Content-Type"))


class GuideSourcePlugin:
    """Entry point `deskside.knowledge_sources: zendesk`."""

    name = NAME
    schema: type[Schema] = SourceSchema

    def build(self, name: str, settings: Mapping[str, Any], surface: Surface) -> GuideSource:
        """The help centre of the section `[knowledge.sources.NAME]`. Raises ConfigurationError."""
        center, _ = reach(f"knowledge.sources.{name}", settings, surface, SCOPE)
        return GuideSource(name, center, Storage(center.url, surface.guard), public_url(settings, center), settings)


def _newest(rows: Any, otherwise: int) -> str:
    moments = [_moment(row.get("updated_at")) for row in rows]
    return str(max([otherwise, *(int(moment.timestamp()) for moment in moments if moment is not None)]))


def _moment(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo else None


def _start_of(link: object) -> str | None:
    query = parse_qs(urlsplit(link).query) if isinstance(link, str) else {}
    return identifier(query.get("start_time", [""])[0])
