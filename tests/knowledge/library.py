"""Rows of a knowledge base, as reading, planning and applying leave them."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from deskside.knowledge import bindings, documents, journal, plans
from deskside.knowledge.search import entries
from deskside.markup import meaning
from deskside.model.article import Article, ArticleText
from deskside.store.database import utc_now
from deskside.store.knowledge_tables import kb_document

BODY = "<h2>First</h2><p>You need the number of the invoice.</p><p>A transfer takes two days.</p>"
THEIRS = BODY.replace("two days", "up to three days")
OURS = BODY.replace("the number", "the code")


@dataclass
class Library:
    """Fills the store of `database`; whatever is not said is as it mostly is."""

    database: sa.Engine
    now: datetime = field(default_factory=utc_now)

    def source(self, name: str = "handbook", **values: Any) -> None:
        """How far a source was read."""
        told = {"read_at": self.now, "full_at": self.now, "full_count": 1, "state": "good", **values}
        with self.database.begin() as connection:
            documents.note_source(connection, name, **told)

    def document(self, title: str, id: str = "", source: str = "handbook", **values: Any) -> None:
        """A document in one language."""
        lists = ("path", "labels", "names", "links", "lists", "assets", "depends", "warnings")
        told = {
            "source": source,
            "id": id or title.lower().replace(" ", "-"),
            "language": "en-us",
            "source_language": "en-us",
            "version": "1",
            "converter": "test",
            "title": title,
            "html": BODY,
            "content_hash": meaning.semantic_hash(title, BODY),
            "read_at": self.now,
            **{name: [] for name in lists},
            **values,
        }
        with self.database.begin() as connection:
            connection.execute(sa.insert(kb_document).values(**told))

    def article(
        self,
        id: str,
        target: str = "guide",
        *,
        source: str = "handbook",
        language: str = "en-us",
        article_id: str = "",
        shown: bool = True,
        **values: Any,
    ) -> int:
        """A document stands on a target; the number of its binding."""
        article_id = article_id or f"a-{id}"
        told = {"state": "live", "rendered_hash": "r", "readback_hash": "b", "readback": BODY, **values}
        with self.database.begin() as connection:
            bound = bindings.bind(connection, source, id, language, target, article_id, f"m-{target}-{id}", self.now)
            bindings.change(connection, bound.id, self.now, **told)
            if shown:
                self._show(connection, target, article_id, language, id)
        return bound.id

    def step(self, id: str, target: str = "guide", step: str = journal.ARTICLE, result: str = "a-1") -> None:
        """Something that was made for a document."""
        with self.database.begin() as connection:
            entry = journal.intend(connection, 1, target, step, id, self.now, f"m-{target}-{id}")
            journal.done(connection, entry, result, self.now)

    def plan(self, *actions: Mapping[str, Any], made_by: str = "clock", at: datetime | None = None, **told: Any) -> int:
        """A plan of these actions; its number."""
        document = {"version": 1, "sources": {}, "targets": {}, **told, "actions": list(actions)}
        counts = Counter(str(action["kind"]) for action in actions)
        with self.database.begin() as connection:
            return plans.put(connection, made_by, json.dumps(document), counts, at or self.now)

    def _show(self, connection: sa.Connection, target: str, article_id: str, language: str, title: str) -> None:
        text = ArticleText(language, title, BODY, "1")
        url = f"https://{target}.example/{article_id}"
        entries.put(connection, target, Article(article_id, "1", url, {language: text}), self.now)


def action(kind: str, id: str = "pay", target: str = "guide", **values: Any) -> dict[str, Any]:
    """An action as a plan's file has it."""
    return {
        "id": f"{target}/handbook/{id}/en-us/{kind}",
        "kind": kind,
        "target": target,
        "source": "handbook",
        "document": id,
        "language": "en-us",
        "title": id.title(),
        "section": ["Billing"],
        "reason": "the document changed",
        **values,
    }


def drift(binding: int, kind: str = "drift", id: str = "pay", seen: str = "seen-1", **values: Any) -> dict[str, Any]:
    """Somebody changed the text of this binding on its target."""
    told = {
        "reason": "its text was changed in the target",
        "target_diff": meaning.compare(BODY, THEIRS).text(),
        "source_diff": meaning.compare(BODY, OURS).text() if kind == "conflict" else "",
        "diff": meaning.compare(THEIRS, OURS if kind == "conflict" else BODY).text(),
        "source_hash": "s",
        "target_title": id.title(),
        "target_html": THEIRS,
        **values,
    }
    return action(kind, id, binding=binding, seen=seen, **told)
