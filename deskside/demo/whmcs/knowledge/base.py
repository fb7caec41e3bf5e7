"""What the addon does in the knowledge base when Deskside asks, each whole or not at all."""

import base64
import binascii
import hashlib
from collections.abc import Callable

from deskside.demo.whmcs.knowledge.asked import (
    TAG_CHARACTERS,
    TAGS_MOST,
    Asked,
    Refused,
    Written,
    demand_storable,
    gone,
    malformed,
)
from deskside.demo.whmcs.knowledge.tables import Category, Kept, Own, Row, Tables, hashed, typed
from deskside.demo.whmcs.state import Json

ADDON_VERSION = "1.0.0"
DRAFTS, ARCHIVE = "drafts", "archive"
NAMES = {DRAFTS: "Deskside: drafts", ARCHIVE: "Deskside: archive"}
LIST_MOST = 100
LIST_BYTES = 4 * 1024 * 1024
FILE = "modules/addons/deskside/file.php?name="
TYPES = {
    "gif": "image/gif",
    "jpg": "image/jpeg",
    "pdf": "application/pdf",
    "png": "image/png",
    "webp": "image/webp",
}
BEGINNINGS = ((b"GIF8", "gif"), (b"\xff\xd8\xff", "jpg"), (b"%PDF-", "pdf"), (b"\x89PNG\r\n\x1a\n", "png"))


class KnowledgeBase:
    """The operations over the `Tables`; the caller holds the lock. Each raises Refused before it changes anything."""

    def __init__(self, tables: Tables, version: Callable[[], str]) -> None:
        self.tables = tables
        self.version = version
        self.operations: dict[str, Callable[[Asked], Json]] = {
            "describe": self.describe,
            "list": self.listing,
            "read": lambda asked: {"article": self.one(asked.number("id"))},
            "find": lambda asked: {"id": self.by_marker(asked.marker())},
            "categories": self.categories,
            "create_category": self.create_category,
            "create": self.create,
            "write": self.write,
            "file": self.file,
            "archive": self.archive,
            "upload": self.upload,
        }

    def do(self, fields: Json) -> Json:
        """The answer to a request."""
        asked = Asked(fields)
        operation = self.operations.get(asked.text("op"))
        if operation is None:
            raise Refused(400, "unknown_operation", "this version of the addon does not know this operation")
        return operation(asked)

    def describe(self, asked: Asked) -> Json:
        """What this WHMCS takes."""
        columns = self.tables.columns
        return {
            "addon": ADDON_VERSION,
            "whmcs": self.version(),
            "language": self.tables.language,
            "languages": list(self.tables.languages),
            "article_bytes": columns.article_bytes,
            "title_characters": columns.title_characters,
            "four_byte_characters": columns.four_byte_characters,
            "charset": columns.charset,
            "strict": columns.strict,
            "transactions": columns.transactions,
            "tag_characters": TAG_CHARACTERS,
            "request_bytes": self.tables.request_bytes,
            "file_types": dict(TYPES),
            "files_writable": self.tables.files_writable,
        }

    def listing(self, asked: Asked) -> Json:
        """Articles by id, as many as fit into an answer; archived ones are left out."""
        after, limit = asked.number("after", 0), asked.number("limit")
        if limit > LIST_MOST:
            raise malformed(f"limit must be at most {LIST_MOST}")
        ids = sorted(row.id for row in self.tables.rows.values() if row.parentid == 0 and row.id > after)[:limit]
        shown: list[Json] = []
        size, last = 0, after
        for number in ids:
            article = self.article(number)
            size += sum(len(text["html"].encode()) for text in article["texts"])
            if shown and size > LIST_BYTES:
                return {"articles": shown, "next": last}
            if not article["archived"]:
                shown.append(article)
            last = number
        return {"articles": shown, "next": None if len(ids) < limit else last}

    def exists(self, article_id: int) -> bool:
        """Whether there is an article of this id, whoever made it."""
        row = self.tables.rows.get(article_id)
        return row is not None and row.parentid == 0

    def one(self, article_id: int) -> Json:
        """An article that is not archived."""
        if not self.exists(article_id):
            raise gone()
        article = self.article(article_id)
        if article["archived"]:
            raise gone()
        return article

    def by_marker(self, marker: str) -> int | None:
        """The article that was made with this marker, if it is still there."""
        found = (key for key, own in self.tables.own.items() if own.marker == marker and self.exists(key))
        return next(found, None)

    def hides(self, kind: str, article_id: int) -> bool:
        """Whether our hidden category is the only one it stands in: where a person filed it, it is theirs."""
        return self.tables.categories_of(article_id) == [self.tables.hidden.get(kind, 0)]

    def article(self, article_id: int) -> Json:
        """An article with all its languages, archived or not."""
        row, own = self.tables.rows[article_id], self.tables.own.get(article_id)
        draft = own is not None and self.hides(DRAFTS, article_id)
        links = self.tables.categories_of(article_id)
        category = links[0] if links else None
        if own is not None and (draft or own.category in links):
            category = own.category
        return {
            "id": article_id,
            "marker": own.marker if own else "",
            "category": category,
            "private": own.private if own and draft else row.private,
            "public": self.tables.public(article_id),
            "order": row.order,
            "tags": self.tables.tags_of(article_id),
            "archived": own is not None and self.hides(ARCHIVE, article_id),
            "texts": self._texts(row, own, draft),
        }

    def _texts(self, row: Row, own: Own | None, draft: bool) -> list[Json]:
        first = own.language if own else self.tables.language
        known = {language: kept for (key, language), kept in self.tables.texts.items() if key == row.id}
        parked = known.get(first)
        base = parked if draft and parked and parked.draft and not row.article else row
        found = {first: text(first, base, draft, known.get(first))}
        for other in self.tables.translations(row.id):
            language = other.language.lower()
            if language and language not in found:
                found[language] = text(language, other, False, known.get(language))
        for language, kept in sorted(known.items()):
            if kept.draft and language not in found:
                found[language] = text(language, kept, True, kept)
        return list(found.values())

    def categories(self, asked: Asked) -> Json:
        """All categories but our own."""
        mine = self.tables.hidden.values()
        rows = [row for row in self.tables.categories.values() if row.id not in mine]
        return {
            "categories": [
                {"id": row.id, "parent": row.parentid, "name": typed(row.name), "hidden": row.hidden} for row in rows
            ]
        }

    def create_category(self, asked: Asked) -> Json:
        """The category at the end of a path; what lacks on the way is made."""
        path = asked.texts("path", 10)
        if not path or any(not name.strip() for name in path):
            raise malformed("path must have names")
        for name in path:
            demand_storable(name, self.tables.columns)
        parent = made = 0
        for name in path:
            found = self._child(parent, name)
            if found is None:
                found, made = self.tables.add_category(name, parent), made + 1
            parent = found.id
        return {"id": parent, "made": made}

    def _child(self, parent: int, name: str) -> Category | None:
        rows = self.tables.categories.values()
        return next((row for row in rows if row.parentid == parent and typed(row.name) == name), None)

    def _demand(self, category: int) -> int:
        if category not in self.tables.categories or category in self.tables.hidden.values():
            raise Refused(422, "no_category", "there is no such category")
        return category

    def _hidden(self, kind: str) -> int:
        known = self.tables.hidden.get(kind)
        if known not in self.tables.categories:
            known = self.tables.hidden[kind] = self.tables.add_category(NAMES[kind], 0, True).id
        return known or 0

    def create(self, asked: Asked) -> Json:
        """A draft; with a marker that was used before, the article it was used for."""
        marker = asked.marker()
        known = self.by_marker(marker)
        if known is not None:
            return {"id": known, "made": False}
        language, tag, private = asked.language(), asked.tag(), asked.flag("private")
        category = self._demand(asked.number("category"))
        order, tags = asked.number_or_none("order"), self._tags(asked.texts("tags", TAGS_MOST))
        written = Written.of(asked, self.tables.columns)
        row = self.tables.insert(written.title, "", private=True, order=order or 0)
        for old in [key for key, own in self.tables.own.items() if own.marker == marker or key == row.id]:
            del self.tables.own[old]
            self.tables.texts = {key: kept for key, kept in self.tables.texts.items() if key[0] != old}
        self.tables.own[row.id] = Own(marker, language, category, private)
        self.tables.texts[row.id, language] = Kept(tag, True, written.title, written.html)
        self.tables.place(row.id, self._hidden(DRAFTS))
        self.tables.tags += [(row.id, name) for name in dict.fromkeys(tags)]
        return {"id": row.id, "made": True}

    def _own(self, article_id: int) -> Own:
        if not self.exists(article_id):
            raise gone()
        if article_id not in self.tables.own:
            raise Refused(403, "not_ours", "this article was not made by Deskside")
        return self.tables.own[article_id]

    def write(self, asked: Asked) -> Json:
        """Write one language; the article's own shows or hides the whole, another one only itself."""
        key, language, tag, draft = asked.number("id"), asked.language(), asked.tag(), asked.flag("draft")
        written = Written.of(asked, self.tables.columns)
        own = self._own(key)
        known = self.tables.texts.get((key, language))
        if known is not None and known.tag != tag:
            raise Refused(422, "language_taken", f"the article has this language already, as {known.tag}")
        if language == own.language and not draft:
            self._demand_place(key, own)
        if language != own.language and self.hides(ARCHIVE, key):
            raise gone()
        title, body = (written.title, written.html) if draft else ("", "")
        self.tables.texts[key, language] = Kept(tag, draft, title, body)
        if language != own.language:
            self._translate(key, language, written, draft)
        elif draft:
            self.tables.write(self.tables.rows[key], written.title, "")
            self._hide(key, DRAFTS)
        else:
            self.tables.write(self.tables.rows[key], written.title, written.html)
            self._show(key, own)
        return {"article": self.one(key)}

    def _translate(self, key: int, language: str, written: Written, draft: bool) -> None:
        rows = [row for row in self.tables.translations(key) if row.language == language]
        if draft:
            for row in rows:
                del self.tables.rows[row.id]
        elif rows:
            self.tables.write(rows[0], written.title, written.html)
        else:
            base = self.tables.rows[key]
            more = {"private": base.private, "order": base.order, "parentid": key, "language": language}
            self.tables.insert(written.title, written.html, **more)

    def _filed(self, key: int) -> bool:
        """Whether it stands in categories, and none of them is our own."""
        links = set(self.tables.categories_of(key))
        return bool(links) and not links & set(self.tables.hidden.values())

    def _demand_place(self, key: int, own: Own) -> None:
        if not self._filed(key):
            self._demand(own.category)

    def _show(self, key: int, own: Own) -> None:
        if self._filed(key):
            return
        mine = set(self.tables.hidden.values())
        others = [number for number in self.tables.categories_of(key) if number not in mine | {own.category}]
        self.tables.place(key, *others, own.category)
        self._close(key, own.private)

    def _hide(self, key: int, kind: str) -> None:
        self.tables.place(key, self._hidden(kind))
        self._close(key, True)

    def _close(self, key: int, private: bool) -> None:
        for row in [self.tables.rows[key], *self.tables.translations(key)]:
            row.private = private

    def file(self, asked: Asked) -> Json:
        """Move, tag and order it; a draft goes to its category once it is shown."""
        key, category, private = asked.number("id"), asked.number("category"), asked.flag("private")
        order, tags = asked.number_or_none("order"), self._tags(asked.texts("tags", TAGS_MOST))
        before = asked.texts("tags_before", TAGS_MOST)
        own = self._own(key)
        self._demand(category)
        old, own.category, own.private = own.category, category, private
        gone_tags = set(before) - set(tags)
        there = [name for name in self.tables.tags_of(key) if name not in gone_tags]
        self.tables.tags = [pair for pair in self.tables.tags if pair[0] != key]
        self.tables.tags += [(key, name) for name in dict.fromkeys([*there, *tags])]
        if order is not None:
            self.tables.rows[key].order = order
        drafted, archived = self.hides(DRAFTS, key), self.hides(ARCHIVE, key)
        if not drafted and not archived:
            others = [number for number in self.tables.categories_of(key) if number not in (old, category)]
            self.tables.place(key, *others, category)
            self._close(key, private)
        return {} if archived else {"article": self.one(key)}

    def _tags(self, tags: list[str]) -> list[str]:
        for tag in tags:
            demand_storable(tag, self.tables.columns)
            if not tag.strip() or len(tag) > TAG_CHARACTERS:
                raise Refused(422, "tag", f"a tag has 1 to {TAG_CHARACTERS} characters")
        return tags

    def archive(self, asked: Asked) -> Json:
        """Private, and in a hidden category."""
        key = asked.number("id")
        if not self.exists(key):
            return {"archived": False}
        self._own(key)
        self._hide(key, ARCHIVE)
        return {"archived": True}

    def upload(self, asked: Asked) -> Json:
        """Keep a file under the hash of its content; its type is told by its bytes."""
        try:
            content = base64.b64decode(asked.text("content"), validate=True)
        except (binascii.Error, ValueError):
            content = b""
        if not content:
            raise malformed("content must be base64")
        ending = next((name for beginning, name in BEGINNINGS if content.startswith(beginning)), "")
        if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            ending = "webp"
        if not ending:
            raise Refused(415, "file_type", f"only {', '.join(TYPES)} are taken")
        if not self.tables.files_writable:
            raise Refused(507, "files", "PHP cannot write into modules/addons/deskside/files")
        name = f"{hashlib.sha256(content).hexdigest()}.{ending}"
        self.tables.files[name] = content
        return {"name": name, "path": f"{FILE}{name}"}

    def restore(self, article_id: int, category: int) -> None:
        """A person files it in another category of WHMCS, and takes the tick "private" away."""
        self.tables.place(article_id, category)
        self._close(article_id, False)


def text(language: str, row: Row | Kept, draft: bool, kept: Kept | None) -> Json:
    """One language of an article."""
    return {
        "language": language,
        "tag": kept.tag if kept else "",
        "title": typed(row.title),
        "html": row.article,
        "draft": draft,
        "edited": hashed(row),
    }
