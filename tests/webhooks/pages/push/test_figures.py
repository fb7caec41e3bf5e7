"""Promises of the figures' page and its files."""

import csv
import io

import pytest
from flask.testing import FlaskClient

from tests.push.analytics import stream
from tests.push.sending.world import World
from tests.webhooks.desk import text
from tests.webhooks.pages.push.test_composer import words
from webhooks.pages.push.figures import _FILES


def test_all_of_it_is_on_one_page(ops: FlaskClient, world: World) -> None:
    stream.fill(world.database, people=150, now=world.hand.now)
    said = words(ops.get("/campaigns/figures?days=365"))
    for part in ("By hour and weekday", "Words in the title", "Not sent, or not yet", "Welcome", "hello"):
        assert part in said
    assert "people have only Safari" in said and "too few" in said


def test_without_anything_sent_it_says_so(ops: FlaskClient, world: World) -> None:
    assert "Nothing was sent in this time" in text(ops, "/campaigns/figures?days=77")


@pytest.mark.parametrize("what", list(_FILES))
def test_each_table_is_a_file_too(ops: FlaskClient, world: World, what: str) -> None:
    stream.fill(world.database, people=20, now=world.hand.now)
    answer = ops.get(f"/campaigns/figures/{what}.csv?days=365")
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True))))
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert len(rows) > 1 and {len(row) for row in rows} == {len(rows[0])}


def test_no_cell_is_a_formula(ops: FlaskClient, world: World) -> None:
    world.person()
    world.campaign(name="=HYPERLINK(1)")
    world.start()
    assert "'=HYPERLINK(1)" in text(ops, "/campaigns.csv")
