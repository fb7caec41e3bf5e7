"""A source and a target of the knowledge base in one SQLite file, as their ports say, with faults to order.

They are plug-ins of the kind `file`, so that a Deskside in a process of its own can be killed in the middle of a
request and find everything as it was. People edit by the methods of `Shop`.
"""

import hashlib
import itertools
import json
import os
import re
import signal
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from marshmallow import fields

from deskside.errors import Gone, Permanent, TargetRefuses, Transient, UnknownOutcome
from deskside.model.article import (
    Article,
    ArticleText,
    Asset,
    Document,
    Filing,
    Limits,
    Listed,
    Listing,
    Text,
    Upload,
)
from deskside.ports import CheckResult, Surface
from deskside.settings.schema import SectionSchema, Whole

# `before:7` or `after:7`: die at the seventh request of this process, before or after the other side has acted.
KILL_AT = "DOUBLE_KILL_AT"
PAGE = 100
_HEADING = re.compile(r"<h([1-6])>")

_LAYOUT = """
CREATE TABLE IF NOT EXISTS thing (kind TEXT, name TEXT, value TEXT, PRIMARY KEY (kind, name));
CREATE TABLE IF NOT EXISTS log (number INTEGER PRIMARY KEY AUTOINCREMENT, who TEXT, what TEXT, about TEXT);
"""


class Shop:
    """The file, and what people do in it."""

    def __init__(self, path: Path | str = ":memory:") -> None:
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA synchronous=OFF")
        self._connection.executescript(_LAYOUT)
        # Orders of faults: called with (who, what, about, "before" or "after") at every request.
        self.fault: Callable[[str, str, str, str], None] = lambda *_: None

    def get(self, kind: str, name: str) -> Any:
        row = self._connection.execute("SELECT value FROM thing WHERE kind=? AND name=?", (kind, name)).fetchone()
        return json.loads(row[0]) if row else None

    def all(self, kind: str) -> dict[str, Any]:
        rows = self._connection.execute("SELECT name, value FROM thing WHERE kind=? ORDER BY name", (kind,))
        return {name: json.loads(value) for name, value in rows}

    def put(self, kind: str, name: str, value: Any) -> None:
        self._connection.execute("REPLACE INTO thing VALUES (?, ?, ?)", (kind, name, json.dumps(value)))

    def drop(self, kind: str, name: str) -> None:
        self._connection.execute("DELETE FROM thing WHERE kind=? AND name=?", (kind, name))

    def tick(self) -> int:
        number = int(self.get("clock", "") or 0) + 1
        self.put("clock", "", number)
        return number

    def note(self, who: str, what: str, about: str) -> None:
        self._connection.execute("INSERT INTO log (who, what, about) VALUES (?, ?, ?)", (who, what, about))

    def log(self, *what: str) -> list[tuple[str, str, str]]:
        """What was asked, of these kinds if any are named: (who, what, about)."""
        rows = self._connection.execute("SELECT who, what, about FROM log ORDER BY number").fetchall()
        return [row for row in rows if not what or row[1] in what]

    def clear_log(self) -> None:
        self._connection.execute("DELETE FROM log")

    # What authors do.

    def write(self, document: str, title: str, html: str, *, language: str = "en", **more: Any) -> None:
        """Write one language of a document."""
        found = self.get("document", document) or {"texts": {}}
        found["texts"][language] = {"title": title, "html": html, **more}
        self.put("document", document, {**found, "version": str(self.tick())})

    def attach(self, ref: str, content: bytes) -> None:
        self.put("asset", ref, content.decode("latin-1"))

    def erase(self, document: str) -> None:
        """Delete a document."""
        self.drop("document", document)

    # What readers and agents see and do.

    def articles(self) -> dict[str, Any]:
        """The articles that are there, by id."""
        return {name: item for name, item in self.all("article").items() if not item["archived"]}

    def article(self, title: str) -> dict[str, Any]:
        """The one article that has a text with this title."""
        (found,) = (
            item for item in self.articles().values() if title in {text["title"] for text in item["texts"].values()}
        )
        return dict(found)

    def edit(self, article_id: str, html: str, language: str = "en", **more: Any) -> None:
        """Change a text by hand."""
        found = self.get("article", article_id)
        text = {**found["texts"][language], "html": html, **more, "edited_at": self._edited()}
        self.put("article", article_id, {**found, "texts": {**found["texts"], language: text}})

    def change(self, article_id: str, **values: Any) -> None:
        """Change labels or section by hand, or `archived`."""
        self.put("article", article_id, {**self.get("article", article_id), **values})

    def _edited(self) -> str:
        return f"{self.tick():012}"

    edited = _edited


class _Side:
    """What counts requests, dies where it is told to, and commits faults."""

    requests = 0
    _numbers = itertools.count(1)

    def __init__(self, name: str, shop: Shop) -> None:
        self.name = self.title = name
        self.shop = shop

    def _asked(self, what: str, about: str = "") -> None:
        self.requests += 1
        self.number = next(_Side._numbers)
        self.shop.note(self.name, what, about)
        self._die("before")
        self.shop.fault(self.name, what, about, "before")

    def _acted(self, what: str, about: str = "") -> None:
        self._die("after")
        self.shop.fault(self.name, what, about, "after")

    def _die(self, when: str) -> None:
        if os.environ.get(KILL_AT) == f"{when}:{self.number}":
            os.kill(os.getpid(), signal.SIGKILL)


class FileSource(_Side):
    """A source."""

    converter = "file-1"

    def changes(self, watermark: str) -> Listing:
        return self.listing()

    def listing(self) -> Listing:
        self._asked("list")
        found = tuple(Listed(name, item["version"]) for name, item in self.shop.all("document").items())
        hidden = self.shop.get("listing", "hidden") or []
        self._acted("list")
        shown = tuple(item for item in found if item.id not in hidden)
        return Listing(shown, complete=True, watermark=str(self.shop.get("clock", "") or 0))

    def read(self, document_id: str) -> Sequence[Document]:
        self._asked("read document", document_id)
        found = self.shop.get("document", document_id)
        if found is None:
            raise Gone(f"{document_id} was deleted")
        return [_document(document_id, language, found["version"], text) for language, text in found["texts"].items()]

    def fetch(self, asset: Asset) -> bytes:
        self._asked("fetch", asset.ref)
        found = self.shop.get("asset", asset.ref)
        if found is None:
            raise Gone(f"{asset.ref} is not there")
        return str(found).encode("latin-1")

    def check(self) -> Sequence[CheckResult]:
        return [CheckResult(f"source {self.name}", True, "answers")]


class FileTarget(_Side):
    """A target. It gives headings an id, as Guide does."""

    reserialised = True

    def __init__(self, name: str, shop: Shop, limits: Limits | None = None) -> None:
        super().__init__(name, shop)
        self._limits = limits or Limits(body_bytes=1024 * 1024, labels=50)
        self._kind = "article"

    def limits(self) -> Limits:
        return self._limits

    def preflight(self, languages: Sequence[str]) -> Sequence[CheckResult]:
        self._asked("preflight")
        allowed = self.shop.get("languages", self.name)
        missing = [language for language in languages if allowed is not None and language not in allowed]
        return [
            CheckResult(f"target {self.name}", not missing, f"cannot write {', '.join(missing)}" if missing else "")
        ]

    def listing(self) -> Iterator[Article]:
        found = [item for item in self.shop.articles().values() if item["target"] == self.name]
        for start in range(0, max(len(found), 1), PAGE):
            self._asked("list articles")
            for item in found[start : start + PAGE]:
                yield self._seen(item)
            self._acted("list articles")

    def read(self, article_id: str) -> Article:
        self._asked("read", article_id)
        found = self._there(article_id)
        self._acted("read", article_id)
        return self._seen(found)

    def find(self, marker: str) -> str | None:
        self._asked("find", marker)
        found = [name for name, item in self.shop.articles().items() if item["marker"] == marker]
        return found[0] if found else None

    def sections(self) -> Mapping[tuple[str, ...], str]:
        self._asked("sections")
        return self._sections()

    def create_section(self, path: tuple[str, ...], language: str) -> str:
        self._asked("create section", " / ".join(path))
        there = self._sections()
        if path not in there:
            number = str(5000 + self.shop.tick())
            self.shop.put("section", number, {"path": list(path), "target": self.name})
            there = self._sections()
        self._acted("create section", " / ".join(path))
        return there[path]

    def create(self, marker: str, filing: Filing, text: Text) -> str:
        self._asked("create", text.title)
        if filing.section not in self._sections().values():
            raise Permanent("there is no such section")
        number = str(90_000 + self.shop.tick())
        article = {
            "id": number,
            "target": self.name,
            "marker": marker,
            "archived": False,
            "section": filing.section,
            "labels": list(filing.labels),
            "segment": filing.segment,
            "position": filing.position,
            "texts": {},
        }
        self.shop.put("article", number, article)
        self._write(number, Text(text.language, text.title, text.html, draft=True))
        self._acted("create", number)
        return number

    def write_text(self, article_id: str, text: Text) -> None:
        self._asked("write", article_id)
        self._there(article_id)
        self._write(article_id, text)
        self._acted("write", article_id)

    def file(self, article_id: str, marker: str, filing: Filing) -> None:
        self._asked("file", article_id)
        found = self._there(article_id)
        others = [label for label in found["labels"] if label not in filing.labels_before]
        labels = list(dict.fromkeys([*others, *filing.labels]))
        self.shop.change(article_id, section=filing.section, labels=labels, segment=filing.segment)
        self._acted("file", article_id)

    def archive(self, article_id: str) -> None:
        self._asked("archive", article_id)
        if self.shop.get("article", article_id):
            self.shop.change(article_id, archived=True)
        self._acted("archive", article_id)

    def upload(self, filename: str, content_type: str, content: bytes) -> Upload:
        self._asked("upload", filename)
        sha256 = hashlib.sha256(content).hexdigest()
        number = str(7000 + self.shop.tick())
        self.shop.put("upload", number, {"sha256": sha256, "filename": filename, "target": self.name})
        self._acted("upload", filename)
        return Upload(number, f"/files/{self.name}/{number}/{filename}")

    def url(self, article_id: str, language: str) -> str:
        return f"https://{self.name}.example.com/hc/{language}/articles/{article_id}"

    def redirect(self, article_id: str, to: str) -> bool:
        self._asked("redirect", article_id)
        self.shop.put("redirect", article_id, to)
        self._acted("redirect", article_id)
        return True

    def _sections(self) -> dict[tuple[str, ...], str]:
        return {
            tuple(item["path"]): number
            for number, item in self.shop.all("section").items()
            if item["target"] == self.name
        }

    def _there(self, article_id: str) -> Any:
        found = self.shop.get("article", article_id)
        if found is None or found["archived"]:
            raise Gone(f"the article {article_id} is not there")
        return found

    def _write(self, article_id: str, text: Text) -> None:
        html = _HEADING.sub(lambda found: f'<h{found[1]} id="h_{"0" * 25}{found[1]}">', text.html)
        written = {
            "title": text.title,
            "html": html if self.reserialised else text.html,
            "draft": text.draft,
            "outdated": text.outdated,
            "edited_at": self.shop.edited(),
        }
        found = self.shop.get("article", article_id)
        self.shop.put("article", article_id, {**found, "texts": {**found["texts"], text.language: written}})

    def _seen(self, item: Mapping[str, Any]) -> Article:
        texts = {language: ArticleText(language=language, **text) for language, text in item["texts"].items()}
        return Article(
            id=item["id"],
            section=item["section"],
            url=self.url(item["id"], next(iter(texts), "en")),
            texts=texts,
            labels=tuple(item["labels"]),
            segment=item["segment"],
            position=item["position"],
            public=not item["segment"],
            marker=item["marker"],
            locked=item.get("locked", ""),
        )


def _document(document_id: str, language: str, version: str, text: Mapping[str, Any]) -> Document:
    values = dict(text)
    for name in ("path", "labels", "names", "depends", "warnings"):
        values[name] = tuple(values.get(name, ()))
    values["assets"] = tuple(Asset(**asset) for asset in values.get("assets", ()))
    return Document(id=document_id, language=language, version=version, **values)


class FileSchema(SectionSchema):
    """A section of the kind `file`."""

    file = fields.String(required=True)
    body_bytes = Whole(load_default=None, allow_none=True)
    token = fields.String(load_default="")


class SourcePlugin:
    name = "file"
    schema = FileSchema

    def build(self, name: str, settings: Mapping[str, Any], surface: Surface) -> FileSource:
        return FileSource(name, Shop(settings["file"]))


class TargetPlugin:
    name = "file"
    schema = FileSchema

    def build(self, name: str, settings: Mapping[str, Any], surface: Surface) -> FileTarget:
        return FileTarget(name, Shop(settings["file"]), Limits(body_bytes=settings["body_bytes"], labels=50))


source, target = SourcePlugin(), TargetPlugin()

REFUSES = TargetRefuses("the token has ended")
BUSY = Transient("too many requests", retry_after=0.0)
SILENCE = UnknownOutcome("no answer came")


def once(fault: BaseException, what: str, when: str = "before", nth: int = 1) -> Callable[[str, str, str, str], None]:
    """A fault at the n-th request of a kind, and never again."""
    left = itertools.count(1)

    def commit(_who: str, asked: str, _about: str, at: str) -> None:
        if (asked, at) == (what, when) and next(left) == nth:
            raise fault

    return commit


def always(fault: BaseException, *what: str) -> Callable[[str, str, str, str], None]:
    """A fault at every request of these kinds."""

    def commit(_who: str, asked: str, _about: str, at: str) -> None:
        if asked in what and at == "before":
            raise fault

    return commit
