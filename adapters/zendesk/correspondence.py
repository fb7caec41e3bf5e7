"""What was said on a ticket in public.

Source: developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.zendesk.client import Client
from adapters.zendesk.problems import AccessRefused
from adapters.zendesk.tickets import read_instant
from deskside.errors import Gone
from deskside.model.ticket import Reply
from deskside.text import clean, identifier

# An end user who was an agent once is none any more.
_OURS = ("agent", "admin")


def read(client: Client, ticket_id: str, pages: int) -> Sequence[Reply]:
    """The public comments among the newest of a ticket, the first word first; who wrote them is asked once each."""
    rows: list[Mapping[str, Any]] = []
    after: str | None = None
    for _ in range(pages):
        page, after = client.comments(ticket_id, after)
        rows += page
        if after is None:
            break
    authors: dict[str, Mapping[str, Any]] = {}
    return tuple(_reply(client, row, authors) for row in reversed(rows) if row.get("public") is True)


def _reply(client: Client, row: Mapping[str, Any], authors: dict[str, Mapping[str, Any]]) -> Reply:
    author_id = identifier(row.get("author_id")) or ""
    if author_id not in authors:
        authors[author_id] = _author(client, author_id)
    author = authors[author_id]
    return Reply(
        author=clean(author.get("name")),
        from_agent=author.get("role") in _OURS,
        text=clean(row.get("plain_body") or row.get("body")),
        at=read_instant(row.get("created_at")),
    )


def _author(client: Client, author_id: str) -> Mapping[str, Any]:
    try:
        return client.user(author_id) if author_id else {}
    except (Gone, AccessRefused):
        return {}
