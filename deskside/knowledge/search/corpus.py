"""What the ranking counts with: how many entries there are, how long, and in how many of them a term stands.

Counted of all entries at once, when a tenth of them changed since: a rarity or an average that is a tenth off moves
no answer to speak of, and counting at every question would cost more than ranking.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa

from deskside.store.database import insert_new
from deskside.store.knowledge_tables import kb_corpus, kb_entry, kb_frequency, kb_term

# Counted anew when more than entries/10 changed, so at every change while there are fewer than ten.
_PART = 10
_CORPUS = kb_corpus.c
_THE_ONE = 1
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Corpus:
    """All entries as they were counted: how many, and the terms of all their texts and of all their titles."""

    entries: int
    length: int
    title_length: int


EMPTY = Corpus(0, 0, 0)


def read(connection: sa.Connection, terms: Collection[str]) -> tuple[Corpus, Mapping[str, tuple[int, int]]]:
    """What was counted last, and in how many entries and how many titles each of these terms stood then.

    A term that came since is not in it.
    """
    known, frequencies = EMPTY, {}
    listed = list(terms)
    for start in range(0, len(listed), _AT_ONCE):
        asked = {f"term{number}": term for number, term in enumerate(listed[start : start + _AT_ONCE])}
        for row in connection.execute(_counted(len(asked)), asked):
            if row.term is None:
                known = Corpus(row.entries, row.length, row.title_length)
            else:
                frequencies[row.term] = (row.entries, row.title_entries)
    return known, frequencies


@cache
def _counted(terms: int) -> sa.CompoundSelect[Any]:
    """What was counted, in one question: a row for all entries, whose term is null, and one for each term."""
    wanted = [sa.bindparam(f"term{number}", type_=sa.String) for number in range(terms)]
    nothing: sa.ColumnElement[int] = sa.literal_column("0", sa.Integer)
    return sa.union_all(
        sa.select(
            sa.null().label("term"),
            _CORPUS.entries,
            nothing.label("title_entries"),
            _CORPUS.length,
            _CORPUS.title_length,
        ).where(_CORPUS.id == _THE_ONE),
        sa.select(kb_frequency.c.term, kb_frequency.c.entries, kb_frequency.c.title_entries, nothing, nothing).where(
            sa.or_(*(kb_frequency.c.term == term for term in wanted))
        ),
    )


def lock(connection: sa.Connection) -> None:
    """Let nobody else write to the index until this transaction ends: writers come one after another."""
    chosen = sa.select(_CORPUS.id).where(_CORPUS.id == _THE_ONE).with_for_update()
    if connection.execute(chosen).first() is None:
        insert_new(connection, kb_corpus, id=_THE_ONE, entries=0, length=0, title_length=0, changed=0)
        connection.execute(chosen)


def changed(connection: sa.Connection) -> None:
    """Note that one entry changed; count all of them when that makes a tenth. The caller holds the lock."""
    row = connection.execute(
        sa.update(kb_corpus)
        .where(_CORPUS.id == _THE_ONE)
        .values(changed=_CORPUS.changed + 1)
        .returning(_CORPUS.changed, _CORPUS.entries)
    ).one()
    if row.changed * _PART > row.entries:
        count(connection)


def count(connection: sa.Connection) -> None:
    """Count all entries and terms anew."""
    lock(connection)
    entries, length, title_length = connection.execute(
        sa.select(
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(kb_entry.c.length), 0),
            sa.func.coalesce(sa.func.sum(kb_entry.c.title_length), 0),
        )
    ).one()
    connection.execute(
        sa.update(kb_corpus)
        .where(_CORPUS.id == _THE_ONE)
        .values(entries=entries, length=int(length), title_length=int(title_length), changed=0)
    )
    in_title = sa.func.sum(sa.case((kb_term.c.title_count > 0, 1), else_=0))
    connection.execute(sa.delete(kb_frequency))
    connection.execute(
        sa.insert(kb_frequency).from_select(
            ["term", "entries", "title_entries"],
            sa.select(kb_term.c.term, sa.func.count(), in_title).group_by(kb_term.c.term),
        )
    )
