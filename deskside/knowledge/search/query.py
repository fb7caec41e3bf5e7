"""Questions to the index: BM25 over the text and the title of every entry, the same answers on both databases.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, with k1 = 1.2 and b = 0.75; the
title is a field of its own, whose rarities are its own too, and any word of the question is enough. Scores are counted
in whole numbers: a sum of those is the same in whatever order a database adds.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

import sqlalchemy as sa

from deskside.knowledge.search import corpus, snippets, tokens
from deskside.knowledge.search.corpus import Corpus
from deskside.knowledge.search.synonyms import NONE, Synonyms
from deskside.store.database import Row
from deskside.store.knowledge_tables import kb_entry, kb_term

LONGEST_QUERY = 2_000
MOST_TERMS = 24
MOST_HITS = 50
# What a title counts beside a text.
TITLE = 1.0
# What an entry in another language counts beside one in the language asked for.
OTHER_LANGUAGE = 0.5
# Answers come from the entries that have one of the rarest words of the question, this many postings of them; the
# other words only order the best of those. Without that, "the" would be looked up in every entry there is.
FEW_POSTINGS = 2_000
_CANDIDATES = 200
# A word that most entries have decides nothing among so many.
_COMMON_PART = 0.6
# Statements are made for these numbers of terms and filled up with empty ones, so that there are few to prepare.
_SIZES = (4, 8, 16, MOST_TERMS)
_SCALE = 1000
_SCORE_SCALE = _SCALE * _SCALE


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that answers. `marks` are the spans of the snippet that hold words of the question.

    `score` is BM25's, so that it compares answers to one question only; `part` is it as a part of what a perfect
    answer would have, which compares questions too.
    """

    entry: int
    target: str
    article_id: str
    language: str
    title: str
    url: str
    public: bool
    snippet: str
    marks: tuple[tuple[int, int], ...]
    score: float
    part: float


@dataclass(frozen=True, slots=True)
class _Asked:
    """A term, what it weighs in a text and in a title (times _SCALE), and whether candidates are found by it."""

    term: str
    weight: int
    title_weight: int
    postings: int
    leads: bool = False


def find(
    connection: sa.Connection,
    query: str,
    language: str = "",
    public_only: bool = False,
    limit: int = 10,
    *,
    synonyms: Synonyms = NONE,
) -> tuple[Hit, ...]:
    """The entries that answer best, the best first; among equals the one that came first.

    `language` (a tag such as `en-us`, or `en`) puts its own entries before others. Of texts that are the same, and of
    the languages of one article, only the best is told. Whatever stands in `query` is words, never syntax.
    """
    words = list(islice(dict.fromkeys(tokens.terms(query[:LONGEST_QUERY])), 4 * MOST_TERMS))
    known = corpus.read(connection)
    asked = _weigh(connection, synonyms.expand(words), known)
    limit = min(limit, MOST_HITS)
    if not asked or limit < 1:
        return ()
    size = next(size for size in _SIZES if size >= len(asked))
    rows = connection.execute(
        _ranking(size, public_only),
        _parameters(asked, size, known) | {"language": _primary(language), "limit": 3 * limit},
    ).all()
    return _hits(connection, _distinct(rows)[:limit], asked)


def _weigh(connection: sa.Connection, shares: Mapping[str, float], known: Corpus) -> list[_Asked]:
    """What each term weighs, the rarest first, without those that decide nothing."""
    if not shares:
        return []
    frequencies = corpus.frequencies(connection, shares.keys())
    weighed = []
    for term, share in shares.items():
        entries, titles = frequencies.get(term, (1, 1))
        weighed.append(
            _Asked(
                term,
                round(_SCALE * share * _rarity(entries, known.entries)),
                round(_SCALE * share * TITLE * _rarity(titles, known.entries)),
                entries,
            )
        )
    weighed.sort(key=lambda asked: (-asked.weight, asked.term))
    chosen: list[_Asked] = []
    postings = 0
    for asked in weighed[:MOST_TERMS]:
        postings += asked.postings
        leads = not chosen or postings <= FEW_POSTINGS
        if leads or asked.postings <= _COMMON_PART * known.entries:
            chosen.append(_Asked(asked.term, asked.weight, asked.title_weight, asked.postings, leads))
    return chosen


def _rarity(with_term: int, entries: int) -> float:
    """The inverse document frequency, never negative."""
    entries = max(entries, with_term)
    return math.log(1 + (entries - with_term + 0.5) / (with_term + 0.5))


@cache
def _ranking(size: int, public_only: bool) -> sa.Select[Any]:
    """One statement for both databases: candidates by the terms that lead, then their whole scores."""
    asked = sa.union_all(
        *(
            sa.select(
                sa.bindparam(f"term{number}", type_=sa.String).label("term"),
                sa.bindparam(f"weight{number}", type_=sa.BigInteger).label("weight"),
                sa.bindparam(f"title_weight{number}", type_=sa.BigInteger).label("title_weight"),
                sa.bindparam(f"leads{number}", type_=sa.Integer).label("leads"),
            )
            for number in range(size)
        )
    ).cte("asked")
    led = kb_term.alias("led")
    first = sa.func.sum(_impact(asked, led)).label("first")
    found = sa.select(led.c.entry, first).join(asked, asked.c.term == led.c.term).where(asked.c.leads == 1)
    if public_only:
        found = found.join(kb_entry, kb_entry.c.id == led.c.entry).where(kb_entry.c.public)
    candidate = found.group_by(led.c.entry).order_by(first.desc(), led.c.entry).limit(_CANDIDATES).cte("candidate")
    primary = sa.bindparam("language", type_=sa.String)
    preferred = sa.or_(primary == "", kb_entry.c.language == primary, kb_entry.c.language.startswith(primary + "-"))
    scored = (
        sa.select(candidate.c.entry, sa.func.sum(_impact(asked, kb_term)).label("score"))
        .select_from(candidate)
        .join(asked, sa.true())
        .join(kb_term, sa.and_(kb_term.c.term == asked.c.term, kb_term.c.entry == candidate.c.entry))
        .group_by(candidate.c.entry)
        .cte("scored")
    )
    half = round(1 / OTHER_LANGUAGE)
    score = sa.cast(scored.c.score, sa.BigInteger) * sa.case((preferred, half), else_=1)
    columns = [column for column in kb_entry.columns if column.name != "text"]
    return (
        sa.select(*columns, score.label("score"))
        .join(scored, scored.c.entry == kb_entry.c.id)
        .order_by(score.desc(), kb_entry.c.id)
        .limit(sa.bindparam("limit", type_=sa.Integer))
    )


def _impact(asked: sa.FromClause, of: sa.FromClause) -> sa.ColumnElement[int]:
    """What an entry gets for one term: weight * count * (k1 + 1) / (count + k1 * (1 - b + b * length / average))."""
    return _saturated(asked.c.weight, of.c.count, of.c.length, "slope") + _saturated(
        asked.c.title_weight, of.c.title_count, of.c.title_length, "title_slope"
    )


def _saturated(
    weight: sa.ColumnElement[int], count: sa.ColumnElement[int], length: sa.ColumnElement[int], slope: str
) -> sa.ColumnElement[int]:
    # In thousandths; whole numbers that are divided stay whole on both databases. `slope` is k1 * b / average, in
    # millionths. The weight comes first: it is a big integer, and what it is multiplied with becomes one.
    norm = 300 + sa.bindparam(slope, type_=sa.BigInteger) * length // 1000
    return weight * (sa.cast(count, sa.BigInteger) * 2_200_000 // (1000 * count + norm))


def _parameters(asked: Sequence[_Asked], size: int, known: Corpus) -> dict[str, Any]:
    values: dict[str, Any] = {
        "slope": round(900_000 * known.entries / max(1, known.length)),
        "title_slope": round(900_000 * known.entries / max(1, known.title_length)),
    }
    filled = [*asked, *[_Asked("", 0, 0, 0)] * (size - len(asked))]
    for number, term in enumerate(filled):
        values |= {
            f"term{number}": term.term,
            f"weight{number}": term.weight,
            f"title_weight{number}": term.title_weight,
            f"leads{number}": int(term.leads),
        }
    return values


def _distinct(rows: Sequence[Row]) -> list[Row]:
    """Without other languages of an article that is there already, and without the same text in another place."""
    seen: set[tuple[str, ...]] = set()
    distinct = []
    for row in rows:
        keys = {(row.target, row.article_id), (row.indexed_hash,)}
        if not keys & seen:
            distinct.append(row)
        seen |= keys
    return distinct


def _hits(connection: sa.Connection, rows: Sequence[Row], asked: Sequence[_Asked]) -> tuple[Hit, ...]:
    ids = [row.id for row in rows]
    chosen = sa.select(kb_entry.c.id, kb_entry.c.text).where(kb_entry.c.id.in_(ids))
    texts = {row.id: row.text for row in connection.execute(chosen)}
    weights = {term.term: term.weight / _SCALE for term in asked}
    return tuple(_hit(row, snippets.best(texts[row.id], weights), sum(weights.values())) for row in rows)


def _hit(row: Row, snippet: snippets.Snippet, most: float) -> Hit:
    # The language asked for counts double, so that the other counts half in whole numbers.
    score = row.score * OTHER_LANGUAGE / _SCORE_SCALE
    return Hit(
        entry=row.id,
        target=row.target,
        article_id=row.article_id,
        language=row.language,
        title=row.title,
        url=row.url,
        public=row.public,
        snippet=snippet.text,
        marks=snippet.marks,
        score=score,
        part=score / most if most else 0.0,
    )


def _primary(language: str) -> str:
    """The language of a tag, without its country."""
    return language.strip().lower().replace("_", "-").partition("-")[0]
