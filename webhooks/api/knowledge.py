"""The knowledge base: the search, and `/find_kb` for chat channels."""

from typing import Any

from deskside.knowledge.search import command, searches
from deskside.knowledge.search.query import Hit, find
from deskside.store.database import reading, utc_now
from deskside.text import clean
from webhooks.api import schemas
from webhooks.api.operation import operation
from webhooks.context import current


@operation("GET", "/kb/search", scope="kb:read", answer=schemas.ArticlesFound, arguments=schemas.KnowledgeArguments)
def search_knowledge(q: str, language: str, limit: int, public: bool) -> dict[str, Any]:
    """Search the articles of every help centre.

    Any word of the question is enough; articles with more and rarer ones come first.
    """
    around = current()
    with reading(around.database) as connection:
        hits = find(connection, q, language, public, limit, synonyms=around.synonyms)
    with around.database.begin() as connection:
        number = searches.note(connection, q, hits, searches.PROGRAM, utc_now(), language=language)
    return {"search": number, "articles": [_article(number, hit) for hit in hits]}


@operation("POST", "/kb/find_kb", scope="kb:read", answer=schemas.FindKbReply, body=schemas.FindKbBody)
def find_kb(arguments: str, audience: str, language: str) -> command.Reply:
    """Answer the command `/find_kb` of a chat channel."""
    around = current()
    with around.database.begin() as connection:
        return command.find_kb(
            connection,
            clean(arguments),
            audience=audience,
            now=utc_now(),
            base_url=around.settings.base_url,
            language=clean(language),
            synonyms=around.synonyms,
        )


def _article(number: int, hit: Hit) -> dict[str, Any]:
    return {
        "title": hit.title,
        "url": hit.url,
        "open_url": f"{current().settings.base_url}{command.opening(number, hit.entry)}",
        "target": hit.target,
        "article_id": hit.article_id,
        "language": hit.language,
        "public": hit.public,
        "snippet": hit.snippet,
        "marks": hit.marks,
        "score": hit.score,
    }
