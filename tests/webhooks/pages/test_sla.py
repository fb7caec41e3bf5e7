"""Promises of the page of first replies: chart, table and file say the same."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from tests.store.test_sla import reply
from tests.webhooks.desk import HOSTILE, text
from webhooks.pages import charts

NOW = datetime.now(UTC)


@pytest.fixture
def replies(database: sa.Engine) -> None:
    """Today: two of Support in time, one of Billing too late. Last year: one without a promise."""
    with database.begin() as connection:
        for minutes in (10, 20):
            reply(connection, NOW, minutes, due_at=NOW + timedelta(minutes=1))
        reply(connection, NOW, 90, due_at=NOW - timedelta(minutes=1), pool="Billing", band="ahead")
        reply(connection, NOW - timedelta(days=400), 5)


def cells(html: str, row: int = 1) -> list[str]:
    """The cells of one row of the first table, without marks."""
    found = re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)[row]
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", found, re.DOTALL)]


@pytest.mark.usefixtures("replies")
def test_the_table_has_counts_times_and_the_share(agent: FlaskClient) -> None:
    html = text(agent, "/sla")
    assert cells(html)[1:] == ["3", "20 min", "1 h 30 min", "3", "2", "67 %"]
    assert cells(html, 2)[1:] == ["0", "–", "–", "0", "0", "–"]
    assert "of 3 targets met" in html


@pytest.mark.usefixtures("replies")
def test_the_chart_says_what_the_table_says(agent: FlaskClient) -> None:
    html = text(agent, "/sla")
    titles = re.findall(r"<title>([^<]+)</title></rect>", html)
    assert [title.split(": ")[1] for title in titles] == [
        "half within 20 min",
        "90 % within 1 h 30 min",
        "67 % of targets met",
    ]
    assert html.count('role="img"') == 2
    assert "style=" not in html


@pytest.mark.usefixtures("replies")
def test_a_pool_or_a_class_alone(agent: FlaskClient) -> None:
    assert cells(text(agent, "/sla?pool=Billing"))[1:] == ["1", "1 h 30 min", "1 h 30 min", "1", "0", "0 %"]
    assert cells(text(agent, "/sla?class=normal"))[1] == "2"
    assert "No first reply in this time" in text(agent, "/sla?pool=Billing&class=normal")


@pytest.mark.usefixtures("replies")
def test_days_months_and_years(agent: FlaskClient) -> None:
    for step, rows in (("day", 30), ("month", 12), ("year", 5)):
        html = text(agent, f"/sla?by={step}")
        assert len(re.findall(r"<tbody>(.*?)</tbody>", html, re.DOTALL)[0].split("<tr>")) - 1 == rows
    assert "4 first replies" in re.sub(r"<[^>]+>", " ", text(agent, "/sla?by=year")).replace("  ", " ")


@pytest.mark.usefixtures("replies")
def test_earlier_times_can_be_looked_at(agent: FlaskClient) -> None:
    html = text(agent, "/sla")
    earlier = re.search(r'href="(/sla\?[^"]*end=[^"]*)">← Earlier', html)
    assert earlier is not None
    back = text(agent, earlier[1].replace("&amp;", "&"))
    assert "No first reply in this time" in back
    assert "Later →" in back
    assert "Later →" not in html


def test_without_a_reply_the_page_says_so_in_words(agent: FlaskClient) -> None:
    html = text(agent, "/sla")
    assert "No first reply in this time" in html
    assert "<svg viewBox=" not in html
    assert "Download as CSV" not in html


@pytest.mark.usefixtures("replies")
def test_the_file_has_the_rows_of_the_table(agent: FlaskClient) -> None:
    answer = agent.get("/sla.csv?by=year")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert "attachment; filename=first-replies-by-year-until-" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    assert len(rows) == 5
    today = next(row for row in rows if row["period"] == f"{NOW.year}-01-01")
    assert (today["replies"], today["promised"], today["met"], today["share_met"]) == ("3", "3", "2", "0.6667")
    assert (today["median_seconds"], today["p90_seconds"]) == ("1200", "5400")
    empty = rows[0]
    assert (empty["replies"], empty["share_met"], empty["median_seconds"]) == ("0", "", "")


def test_a_pool_that_looks_like_a_formula_is_text_in_a_spreadsheet(agent: FlaskClient, database: sa.Engine) -> None:
    with database.begin() as connection:
        reply(connection, NOW, pool="=1+1")
    rows = list(csv.DictReader(io.StringIO(agent.get("/sla.csv?pool=%3D1%2B1").get_data(as_text=True))))
    assert {row["pool"] for row in rows} == {"'=1+1"}


def test_hostile_names_are_shown_and_never_run(agent: FlaskClient, database: sa.Engine) -> None:
    with database.begin() as connection:
        reply(connection, NOW, pool=HOSTILE[:120].replace("\x00", ""))
    html = text(agent, "/sla")
    assert "&lt;script&gt;" in html
    assert "<script>alert" not in html


@pytest.mark.parametrize("query", ["by=week", "end=never", "end=9999-12-31", "end=0001-01-01", "class=king", "pool="])
def test_an_argument_that_makes_no_sense_is_left_out(agent: FlaskClient, query: str) -> None:
    assert agent.get(f"/sla?{query}").status_code == 200
    assert agent.get(f"/sla.csv?{query}").status_code == 200


def test_who_is_not_signed_in_sees_nothing(anonymous: FlaskClient) -> None:
    for path in ("/sla", "/sla.csv"):
        assert anonymous.get(path).status_code == 303


values = st.lists(st.none() | st.floats(0, 10**6), min_size=1, max_size=40)


@given(values)
def test_no_column_leaves_the_picture_and_a_taller_one_is_more(found: list[float | None]) -> None:
    top = charts.top_minutes([value for value in found if value is not None])
    (columns,) = charts.columns([found], top).series
    assert [column is None for column in columns] == [value is None for value in found]
    drawn = [(value, column) for value, column in zip(found, columns, strict=True) if column is not None]
    for value, column in drawn:
        assert value is not None and value <= top
        assert 0 <= column.x <= column.x + column.width <= charts.WIDTH
        assert 0 <= column.y <= charts.HEIGHT - column.height + 0.01
    ordered = sorted(drawn, key=lambda pair: pair[0] or 0)
    assert [column.height for _, column in ordered] == sorted(column.height for _, column in drawn)
