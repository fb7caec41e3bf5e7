"""A small help centre to search in: fill it, ask it."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from deskside.knowledge.search import entries, query
from deskside.model.article import Article, ArticleText
from deskside.store.database import reading

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def article(
    number: int | str, title: str, html: str = "", language: str = "en-us", *, public: bool = True, edited: str = "1"
) -> Article:
    text = ArticleText(language, title, html, edited)
    return Article(str(number), "1", f"https://help.example/{number}", {language: text}, public=public)


def put(database: sa.Engine, *articles: Article, target: str = "guide") -> None:
    with database.begin() as connection:
        for one in articles:
            entries.put(connection, target, one, NOW)


def found(database: sa.Engine, asked: str, **how: Any) -> list[str]:
    """The ids of the articles that answer, the best first."""
    with reading(database) as connection:
        return [hit.article_id for hit in query.find(connection, asked, **how)]
