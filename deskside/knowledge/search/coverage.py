"""Which tickets the knowledge base had an answer for, and what those without one were about."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from deskside.knowledge.search import bm25, corpus, searches, tokens
from deskside.knowledge.search.query import Hit
from deskside.store.database import Row, insert_new
from deskside.store.knowledge_tables import kb_coverage, kb_entry, kb_search

# Nothing was found; something was; somebody opened it; an agent says that there is no article.
NONE, OFFERED, OPENED, MISSING = "none", "offered", "opened", "missing"
_MOST_GROUPED = 5_000
_COVERAGE = kb_coverage.c


@dataclass(frozen=True, slots=True)
class Summary:
    """How many tickets came to what."""

    none: int = 0
    offered: int = 0
    opened: int = 0
    missing: int = 0

    @property
    def tickets(self) -> int:
        """How many tickets were looked up."""
        return self.none + self.offered + self.opened + self.missing

    @property
    def without(self) -> int:
        """How many of them had no article."""
        return self.none + self.missing


@dataclass(frozen=True, slots=True)
class Gap:
    """Tickets without an article that share a word, the newest first; rows of desk, ticket_id, at, subject, answer."""

    word: str
    tickets: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An article offered for a ticket. `search` and `entry` are what a link that counts carries."""

    search: int
    entry: int
    title: str
    url: str
    language: str
    public: bool


def known(connection: sa.Connection, desk: str, ticket_id: str) -> Row | None:
    """What the knowledge base had for this ticket; None when it was never looked up."""
    return connection.execute(sa.select(kb_coverage).where(*_of(desk, ticket_id))).first()


def offer(
    connection: sa.Connection, desk: str, ticket_id: str, subject: str, hits: Sequence[Hit], now: datetime
) -> None:
    """Keep what was found for a ticket, the first time it is looked up. Of what was asked only the subject is kept."""
    if known(connection, desk, ticket_id) is not None:
        return
    search = searches.note(connection, subject, hits, searches.TICKET, now, desk=desk, ticket_id=ticket_id)
    answer = OFFERED if hits else NONE
    insert_new(
        connection,
        kb_coverage,
        desk=desk,
        ticket_id=ticket_id,
        at=now,
        subject=subject,
        answer=answer,
        search=search,
    )


def suggestions(connection: sa.Connection, desk: str, ticket_id: str) -> tuple[Suggestion, ...]:
    """The articles that were found for a ticket and are still there, the best first."""
    row = connection.execute(
        sa.select(kb_search.c.id, kb_search.c.answers)
        .join(kb_coverage, _COVERAGE.search == kb_search.c.id)
        .where(*_of(desk, ticket_id))
    ).first()
    if row is None or not row.answers:
        return ()
    columns = (kb_entry.c.id, kb_entry.c.title, kb_entry.c.url, kb_entry.c.language, kb_entry.c.public)
    entries = connection.execute(sa.select(*columns).where(kb_entry.c.id.in_(row.answers)))
    there = {
        entry.id: Suggestion(row.id, entry.id, entry.title, entry.url, entry.language, entry.public)
        for entry in entries
    }
    return tuple(there[entry] for entry in row.answers if entry in there)


def missing(connection: sa.Connection, desk: str, ticket_id: str, subject: str, now: datetime) -> None:
    """Keep that an agent says there is no article for this ticket."""
    values = {"at": now, "subject": subject, "answer": MISSING}
    if not insert_new(connection, kb_coverage, desk=desk, ticket_id=ticket_id, **values):
        connection.execute(sa.update(kb_coverage).where(*_of(desk, ticket_id)).values(answer=MISSING))


def summary(connection: sa.Connection, since: datetime) -> Summary:
    """What came of the tickets that were looked up since then."""
    counted = (
        sa.select(_COVERAGE.answer, sa.func.count().label("tickets"))
        .where(_COVERAGE.at >= since)
        .group_by(_COVERAGE.answer)
    )
    return Summary(**{row.answer: row.tickets for row in connection.execute(counted)})


def without(connection: sa.Connection, since: datetime, limit: int = 20) -> tuple[Gap, ...]:
    """The tickets since then that had no article, by the words of their subjects, the largest groups first.

    A ticket is in one group: that of the word it shares with most others, where words that stand in many articles
    count less. Those that share none are in groups of one.
    """
    columns = (_COVERAGE.desk, _COVERAGE.ticket_id, _COVERAGE.at, _COVERAGE.subject, _COVERAGE.answer)
    rows = connection.execute(
        sa.select(*columns)
        .where(_COVERAGE.at >= since, _COVERAGE.answer.in_((NONE, MISSING)))
        .order_by(_COVERAGE.at.desc(), _COVERAGE.desk, _COVERAGE.ticket_id)
        .limit(_MOST_GROUPED)
    ).all()
    words = [_words(row.subject) for row in rows]
    weights = _weights(connection, words)
    gaps: list[Gap] = []
    left = set(range(len(rows)))
    while left and len(gaps) < limit:
        tickets: dict[str, list[int]] = defaultdict(list)
        for number in sorted(left):
            for term in words[number]:
                tickets[term].append(number)
        term = max(sorted(tickets), key=lambda term: (len(tickets[term]) * weights[term], len(tickets[term])))
        written = Counter(words[number][term] for number in tickets[term])
        gaps.append(Gap(written.most_common(1)[0][0], tuple(rows[number] for number in tickets[term])))
        left -= set(tickets[term])
    return tuple(sorted(gaps, key=lambda gap: -len(gap.tickets)))


def purge(connection: sa.Connection, before: datetime) -> None:
    """Delete what was looked up before this time."""
    connection.execute(sa.delete(kb_coverage).where(_COVERAGE.at < before))


def _of(desk: str, ticket_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return _COVERAGE.desk == desk, _COVERAGE.ticket_id == ticket_id


def _words(subject: str) -> dict[str, str]:
    """The terms of a subject and how they are written there; one that has none is of the empty word."""
    return {term: word for term, word in tokens.spelled(subject) if len(term) > 2 or tokens.is_unspaced(term)} or {
        "": ""
    }


def _weights(connection: sa.Connection, words: Sequence[dict[str, str]]) -> dict[str, float]:
    """How much a term tells of a ticket: little, where most articles have it."""
    terms = {term for one in words for term in one}
    known, frequencies = corpus.read(connection, terms)
    return {term: bm25.rarity(frequencies.get(term, (0, 0))[0], known.entries) for term in terms}
