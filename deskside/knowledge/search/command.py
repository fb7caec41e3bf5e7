"""`/find_kb`: the search as chat channels show it, as lines of text and links."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from deskside.knowledge.search import searches
from deskside.knowledge.search.query import Hit, find
from deskside.knowledge.search.synonyms import NONE, Synonyms

MOST = 5
OPEN = "/kb/open"
_USAGE = "Say what to look for: /find_kb renew a certificate"
_LINE = 160


@dataclass(frozen=True, slots=True)
class Link:
    """An answer to open. `url` leads through Deskside, which counts it; `target_url` is where it ends."""

    title: str
    url: str
    target_url: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What a channel shows: lines of plain text, and the links they speak of, in the same order."""

    lines: tuple[str, ...]
    links: tuple[Link, ...] = ()


def find_kb(
    connection: sa.Connection,
    arguments: str,
    *,
    audience: str,
    now: datetime,
    base_url: str = "",
    language: str = "",
    synonyms: Synonyms = NONE,
) -> Reply:
    """Answer `/find_kb arguments`.

    `audience` is one of `searches.AGENT`, CLIENT or PROGRAM: clients are told public articles only. `base_url` is where
    Deskside is reached.
    """
    question = " ".join(arguments.split())
    if not question:
        return Reply((_USAGE,))
    hits = find(connection, question, language, audience == searches.CLIENT, MOST, synonyms=synonyms)
    number = searches.note(connection, question, hits, audience, now, language=language)
    if not hits:
        return Reply(("No article has any of these words.",))
    links = tuple(Link(hit.title, f"{base_url}{opening(number, hit.entry)}", hit.url) for hit in hits)
    return Reply(tuple(line for at, hit in enumerate(hits, 1) for line in _lines(at, hit)), links)


def opening(search: int, entry: int) -> str:
    """The path that opens an answer, and counts it."""
    return f"{OPEN}/{search}/{entry}"


def _lines(at: int, hit: Hit) -> tuple[str, str]:
    internal = "" if hit.public else " (internal)"
    snippet = hit.snippet if len(hit.snippet) <= _LINE else hit.snippet[: _LINE - 1].rstrip() + "…"
    return f"{at}. {hit.title}{internal}", f"   {snippet}"
