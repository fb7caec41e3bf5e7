"""Questions to the index: BM25 over the text and the title of every entry, the same answers on both databases.

The title is a field of its own, with rarities of its own, and any word of the question is enough. Scores are counted in
whole numbers: a sum of those is the same in whatever order a database adds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

import sqlalchemy as sa

from deskside.knowledge.search import bm25, corpus, snippets, tokens
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
# Candidates are the entries that are most about one of the terms, this many for all terms together; the best of those
# get their whole scores. Without that, "the" would be looked up in every entry there is.
_POSTINGS = 600
_FEWEST_POSTINGS = 75
_CANDIDATES = 40
_SCALE = 1000


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that answers. `marks` are the spans of the snippet that hold words of the question.

    `score` is BM25's, so that it compares answers to one question only; `part` is it as a part of what an article that
    is about every word would have, which compares questions too.
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
    """A term, and what it weighs in a text and in a title. `literal` is false for a synonym."""

    term: str
    literal: bool
    weight: float
    title_weight: float


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
    limit = min(limit, MOST_HITS)
    if not words or limit < 1:
        return ()
    shares = synonyms.expand(words)
    known, frequencies = corpus.read(connection, shares.keys())
    asked = _weigh(shares, frequencies, known)
    parameters = _parameters(asked, known) | {"language": _primary(language), "limit": 2 * limit}
    rows = connection.execute(_ranking(len(asked), public_only), parameters).all()
    return _hits(_distinct(rows)[:limit], asked)


def any_entries(connection: sa.Connection) -> bool:
    """Whether there is anything to find."""
    return bool(connection.scalar(sa.select(sa.exists().where(kb_entry.c.id > 0))))


def _weigh(shares: Mapping[str, float], frequencies: Mapping[str, tuple[int, int]], known: Corpus) -> list[_Asked]:
    """What each term weighs, the rarest first, and no more than MOST_TERMS; those that stand nowhere are the last."""
    asked = []
    for term, share in shares.items():
        # What is not counted yet has just come, and is rare.
        entries, titles = frequencies.get(term, (1, 1))
        weight = share * bm25.rarity(entries, known.entries)
        asked.append(_Asked(term, share == 1.0, weight, TITLE * share * bm25.rarity(titles, known.entries)))
    return sorted(asked, key=lambda one: (one.term not in frequencies, -one.weight, one.term))[:MOST_TERMS]


@cache
def _ranking(terms: int, public_only: bool) -> sa.Select[Any]:
    """One statement for both databases: candidates by their levels, then the whole scores of the best of them."""
    asked = sa.union_all(
        *(
            sa.select(
                sa.bindparam(f"term{number}", type_=sa.String).label("term"),
                sa.bindparam(f"weight{number}", type_=sa.BigInteger).label("weight"),
                sa.bindparam(f"title_weight{number}", type_=sa.BigInteger).label("title_weight"),
            )
            for number in range(terms)
        )
    ).cte("asked")
    about = sa.union_all(*(sa.select(_most_about(number, terms, public_only)) for number in range(terms))).subquery()
    guess = sa.func.sum(about.c.guess)
    candidate = (
        sa.select(about.c.entry)
        .group_by(about.c.entry)
        .order_by(guess.desc(), about.c.entry)
        .limit(_CANDIDATES)
        .cte("candidate")
    )
    in_text = _impact(asked.c.weight, kb_term.c.count, kb_entry.c.length, "slope")
    in_title = _impact(asked.c.title_weight, kb_term.c.title_count, kb_entry.c.title_length, "title_slope")
    # Asked for each candidate alone: a database that joins would rather begin with the terms, and read them all.
    whole = (
        sa.select(sa.func.sum(in_text + in_title))
        .where(kb_term.c.entry == kb_entry.c.id, kb_term.c.term == asked.c.term)
        .correlate(kb_entry)
        .scalar_subquery()
    )
    primary = sa.bindparam("language", type_=sa.String)
    preferred = sa.or_(primary == "", kb_entry.c.language == primary, kb_entry.c.language.startswith(primary + "-"))
    # The language asked for counts double, so that half of it is a whole number.
    score = whole * sa.case((preferred, round(1 / OTHER_LANGUAGE)), else_=1)
    scored = (
        sa.select(kb_entry.c.id, score.label("score")).join(candidate, candidate.c.entry == kb_entry.c.id).subquery()
    )
    best = (
        sa.select(scored)
        .order_by(scored.c.score.desc(), scored.c.id)
        .limit(sa.bindparam("limit", type_=sa.Integer))
        .subquery()
    )
    # The texts are read of these alone.
    shown = kb_entry.alias("shown")
    return sa.select(shown, best.c.score).join(best, best.c.id == shown.c.id).order_by(best.c.score.desc(), shown.c.id)


def _most_about(number: int, terms: int, public_only: bool) -> sa.Subquery:
    """The entries that are most about one term, and what they may get for it."""
    in_text, in_title = (sa.bindparam(f"{name}{number}", type_=sa.BigInteger) for name in ("weight", "title_weight"))
    chosen = sa.select(kb_term.c.entry, ((in_text + in_title) * kb_term.c.level).label("guess")).where(
        kb_term.c.term == sa.bindparam(f"term{number}", type_=sa.String)
    )
    if public_only:
        chosen = chosen.where(kb_term.c.public)
    most = max(_FEWEST_POSTINGS, _POSTINGS // terms)
    return chosen.order_by(kb_term.c.level.desc(), kb_term.c.entry).limit(most).subquery()


def _impact(
    weight: sa.ColumnElement[int], count: sa.ColumnElement[int], length: sa.ColumnElement[int], slope: str
) -> sa.ColumnElement[int]:
    """`bm25.impact` times a weight, all in thousandths. Whole numbers that are divided stay whole on both databases."""
    fixed = round(_SCALE * bm25.K1 * (1 - bm25.B))
    norm = fixed + sa.bindparam(slope, type_=sa.BigInteger) * length // _SCALE
    return weight * (round(_SCALE * (bm25.K1 + 1)) * _SCALE * sa.cast(count, sa.BigInteger) // (_SCALE * count + norm))


def _parameters(asked: Sequence[_Asked], known: Corpus) -> dict[str, Any]:
    """What the statement is asked with: weights in thousandths, the slopes of length in millionths."""
    slope = _SCALE * _SCALE * bm25.K1 * bm25.B * known.entries
    values: dict[str, Any] = {
        "slope": round(slope / max(1, known.length)),
        "title_slope": round(slope / max(1, known.title_length)),
    }
    for number, term in enumerate(asked):
        values[f"term{number}"] = term.term
        values[f"weight{number}"] = round(_SCALE * term.weight)
        values[f"title_weight{number}"] = round(_SCALE * term.title_weight)
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


def _hits(rows: Sequence[Row], asked: Sequence[_Asked]) -> tuple[Hit, ...]:
    weights = {term.term: term.weight for term in asked}
    perfect = (bm25.K1 + 1) * sum(term.weight + term.title_weight for term in asked if term.literal)
    return tuple(_hit(row, snippets.best(row.text, weights), perfect) for row in rows)


def _hit(row: Row, snippet: snippets.Snippet, perfect: float) -> Hit:
    score = int(row.score) * OTHER_LANGUAGE / (_SCALE * _SCALE)
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
        part=score / perfect if perfect else 0.0,
    )


def _primary(language: str) -> str:
    """The language of a tag, without its country."""
    return language.strip().lower().replace("_", "-").partition("-")[0]
