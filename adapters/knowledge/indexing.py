"""What readers of a target see is told to the search: after every listing, and after every article we wrote."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from deskside.knowledge.search import entries
from deskside.knowledge.search.entries import Face
from deskside.model.article import Article
from deskside.ports import KnowledgeTarget
from deskside.store.database import reading, utc_now

_AT_ONCE = 50


def index(database: sa.Engine, target: KnowledgeTarget, articles: Iterable[Article]) -> None:
    """Tell the search a complete listing: what is new or changed is read for its words, the rest is left alone."""
    with reading(database) as connection:
        known = entries.faces(connection, target.name)
    by_article: dict[str, dict[str, Face]] = {}
    for (article_id, language), face in known.items():
        by_article.setdefault(article_id, {})[language] = face
    changed, ids = [], set()
    for article in articles:
        ids.add(article.id)
        # Who may read it and its address change without an edit.
        shown = {
            language: Face(text.edited_at, article.public, target.url(article.id, language))
            for language, text in article.texts.items()
            if not text.draft
        }
        if shown != by_article.get(article.id, {}):
            changed.append(article)
    for start in range(0, len(changed), _AT_ONCE):
        put(database, target, changed[start : start + _AT_ONCE])
    lost = sorted(by_article.keys() - ids)
    for start in range(0, len(lost), _AT_ONCE):
        with database.begin() as connection:
            for article_id in lost[start : start + _AT_ONCE]:
                entries.remove(connection, target.name, article_id)


def put(database: sa.Engine, target: KnowledgeTarget, articles: Sequence[Article]) -> None:
    """Tell the search what readers see of these articles."""
    now = utc_now()
    with database.begin() as connection:
        for article in articles:
            entries.put(connection, target.name, article, now, target.url)


def remove(database: sa.Engine, target: KnowledgeTarget, article_id: str) -> None:
    """Tell the search that readers see an article no longer."""
    with database.begin() as connection:
        entries.remove(connection, target.name, article_id)
