"""Articles that may help somebody who is about to write a ticket."""

from deskside.knowledge.search.query import find
from deskside.store.database import reading
from webhooks.context import current

MOST = 3


def articles(query: str, language: str) -> list[dict[str, str]]:
    """The best answers among what everybody may read: title, address and a line of each, as plain text."""
    with reading(current().database) as connection:
        hits = find(connection, query, language, public_only=True, limit=MOST, synonyms=current().synonyms)
    return [{"title": hit.title, "url": hit.url, "snippet": hit.snippet} for hit in hits if hit.url]
