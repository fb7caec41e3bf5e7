"""Search over 5,000 articles, beside SQLite's FTS5 on the same texts; and how good the answers are.

The articles are those of arduino/help-center-content, from the shared data where it is there, repeated with a part of
their words left out and a part of another article's put in; else texts made of as many invented words. FTS5 is asked as
it does best: porter, any word, bm25 with a title that weighs four times.
"""

import json
import math
import os
import random
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from markdown_it import MarkdownIt

from benchmarks.figures import Figure, main, percentile
from benchmarks.running import stores
from deskside.knowledge.search import entries, query, tokens
from deskside.markup import plain
from deskside.model.article import Article, ArticleText
from deskside.store.database import open_database, reading, utc_now

ARTICLES = 5_000
ROUNDS = 5
PUT_AT_ONCE = 50
TARGET = "guide"
SHARED = Path(os.environ.get("DESKSIDE_SHARED") or Path(__file__).resolve().parents[2] / "shared")
P50_MS, P99_MS, LEAST_NDCG = 2.0, 10.0, 0.73
_FTS = (
    "SELECT rowid, title, snippet(found, 1, '', '', '…', 40) FROM found WHERE found MATCH ?"
    " ORDER BY bm25(found, 4.0, 1.0) LIMIT 10"
)


@dataclass(frozen=True, slots=True)
class Corpus:
    """Articles as (id, title, HTML), and questions with the id of the article that answers."""

    articles: Sequence[tuple[str, str, str]]
    questions: Sequence[tuple[str, str]]
    real: bool


def measure() -> list[Figure]:
    """The figures on each kind of database."""
    small = _corpus()
    large = list(_varied(small.articles))
    figures: list[Figure] = []
    with stores() as kinds:
        for kind, store in kinds.items():
            database = open_database(store.make("search"))
            _put(database, small.articles)
            if small.real:
                figures.append(_quality(database, kind, small))
            took = _put(database, large)
            _analyse(database)
            figures += _times(database, kind, small, _fts(large) if kind == "SQLite" else None)
            figures.append(Figure(f"{kind}: read an article for its words and store them", took, "ms"))
            database.dispose()
    return figures


def _times(database: sa.Engine, kind: str, corpus: Corpus, fts: sqlite3.Connection | None) -> Iterator[Figure]:
    asked = [words for words, _ in corpus.questions]
    with reading(database) as connection:
        ours, theirs = _turns(
            partial(query.find, connection), asked, (lambda words: _ask_fts(fts, words)) if fts else None
        )
    for name, of, target in (("p50", 50, P50_MS), ("p99", 99, P99_MS)):
        peers = {"FTS5": percentile(theirs, of)} if theirs else {}
        what = f"{kind}: search {ARTICLES:,} articles, ten answers with their passages, {name}"
        yield Figure(what, percentile(ours, of), "ms", peers, target=target)


def _turns(
    ask: Callable[[str], Any], asked: Sequence[str], peer: Callable[[str], Any] | None
) -> tuple[list[float], list[float]]:
    """Times of every question in milliseconds, ours and the peer's in turn; the first round only warms up."""
    ours: list[float] = []
    theirs: list[float] = []
    for turn in range(ROUNDS + 1):
        for words in asked:
            for took, action in ((ours, ask), (theirs, peer)):
                if action is None:
                    continue
                started = time.perf_counter()
                action(words)
                if turn:
                    took.append((time.perf_counter() - started) * 1000)
    return ours, theirs


def _quality(database: sa.Engine, kind: str, corpus: Corpus) -> Figure:
    with reading(database) as connection:
        ours = statistics.fmean(
            _gain([hit.article_id for hit in query.find(connection, words)], right) for words, right in corpus.questions
        )
    ids = [number for number, _, _ in corpus.articles]
    fts = _fts(corpus.articles)
    theirs = statistics.fmean(
        _gain([ids[row[0] - 1] for row in _ask_fts(fts, words)], right) for words, right in corpus.questions
    )
    return Figure(
        f"{kind}: nDCG@10 of {len(corpus.questions)} questions to {len(ids)} real articles",
        ours,
        "",
        {"FTS5": theirs},
        target=LEAST_NDCG,
        at_most=False,
    )


def _gain(found: Sequence[str], right: str) -> float:
    return 1 / math.log2(found.index(right) + 2) if right in found else 0.0


def _put(database: sa.Engine, articles: Sequence[tuple[str, str, str]]) -> float:
    """Put articles into the index; milliseconds for each."""
    started = time.perf_counter()
    for start in range(0, len(articles), PUT_AT_ONCE):
        with database.begin() as connection:
            for number, title, html in articles[start : start + PUT_AT_ONCE]:
                text = {"en-us": ArticleText("en-us", title, html, "1")}
                article = Article(number, "1", f"https://help.example/{number}", text)
                entries.put(connection, TARGET, article, utc_now())
    return (time.perf_counter() - started) * 1000 / len(articles)


def _fts(articles: Sequence[tuple[str, str, str]]) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE found USING fts5(title, body, tokenize='porter unicode61')")
    rows = [(title, plain.text(html)) for _, title, html in articles]
    connection.executemany("INSERT INTO found (title, body) VALUES (?, ?)", rows)
    return connection


def _ask_fts(connection: sqlite3.Connection, words: str) -> list[Any]:
    terms = dict.fromkeys(word for _, word in tokens.spelled(words))
    return connection.execute(_FTS, (" OR ".join(f'"{term}"' for term in terms),)).fetchall()


def _corpus() -> Corpus:
    folder = SHARED / "data" / "arduino_hc"
    if not folder.exists():
        print(f"no articles at {folder}: invented ones are searched, and nothing is judged", file=sys.stderr)
        return _invented()
    render = MarkdownIt("commonmark", {"html": True}).enable("table").render
    articles = json.loads((folder / "articles.json").read_text("utf-8"))
    pairs = json.loads((folder / "anchor_queries.json").read_text("utf-8"))
    return Corpus(
        [(one["id"], one["title"], render(one["body"])) for one in articles],
        [(pair["query"], pair["article_id"]) for pair in pairs],
        real=True,
    )


def _invented() -> Corpus:
    chance = random.Random(7)
    syllables = ["ka", "mo", "re", "ti", "su", "lan", "ver", "dom", "pix", "ul"]
    words = ["".join(chance.choices(syllables, k=3)) for _ in range(800)]
    # Some words are in almost every text, most are rare, as in any language.
    weights = [1 / (rank + 1) for rank in range(len(words))]

    def text(length: int) -> str:
        return " ".join(chance.choices(words, weights, k=length))

    articles = [(str(number), text(8), f"<p>{text(276)}</p>") for number in range(414)]
    return Corpus(articles, [(text(5), "") for _ in range(142)], real=False)


def _varied(articles: Sequence[tuple[str, str, str]]) -> Iterator[tuple[str, str, str]]:
    """The articles again and again until there are ARTICLES with them, each time a little different."""
    chance = random.Random(1)
    bodies = [html.split(" ") for _, _, html in articles]
    for at in range(len(articles), ARTICLES):
        number, title, _ = articles[at % len(articles)]
        kept = [word for word in bodies[at % len(articles)] if chance.random() > 0.15]
        other = chance.choice(bodies)
        yield f"{number}-{at}", title, " ".join([*kept, *other[: len(other) // 8]])


def _analyse(database: sa.Engine) -> None:
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if database.dialect.name == "sqlite" else "VACUUM ANALYZE")


if __name__ == "__main__":
    main("Search of articles", measure)
