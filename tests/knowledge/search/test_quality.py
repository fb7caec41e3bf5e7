"""How good the answers are: queries and articles of a live help centre that nobody here wrote."""

import json
import math
from pathlib import Path

import pytest
import sqlalchemy as sa
from markdown_it import MarkdownIt

from deskside.knowledge.search import query
from deskside.store.database import reading
from tests import databases
from tests.knowledge.search.shelf import article, put
from tests.shared import shared

LEAST = 0.73


@pytest.mark.slow
def test_links_of_a_live_help_centre_lead_to_their_articles(tmp_path: Path) -> None:
    """nDCG@10 over 142 link texts of arduino/help-center-content (about one in ten names nothing)."""
    articles = json.loads(shared("data/arduino_hc/articles.json").read_text())
    pairs = json.loads(shared("data/arduino_hc/anchor_queries.json").read_text())
    render = MarkdownIt("commonmark", {"html": True}).enable("table").render
    database = databases.open_careless(databases.migrated_sqlite(tmp_path / "deskside.db"))
    put(database, *(article(one["id"], one["title"], render(one["body"])) for one in articles))
    with reading(database) as connection:
        gains = [_gain(connection, pair["query"], pair["article_id"]) for pair in pairs]
    database.dispose()
    assert sum(gains) / len(gains) >= LEAST


def _gain(connection: sa.Connection, asked: str, right: str) -> float:
    """The discounted gain of the one right article; the best possible is 1."""
    ranks = [rank for rank, hit in enumerate(query.find(connection, asked), 1) if hit.article_id == right]
    return 1 / math.log2(ranks[0] + 1) if ranks else 0.0
