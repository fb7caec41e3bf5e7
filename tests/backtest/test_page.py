"""The report is one file that loads nothing, runs nothing and shows what is foreign as text."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from deskside.backtest.history import History, Unusable
from deskside.backtest.lines import make_desk
from deskside.backtest.page import page
from deskside.backtest.study import Study, study
from deskside.backtest.weights import parse_weights
from deskside.order.calendar import WorkingTime
from tests.backtest.desks import always, planted

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>{{ 7 * 7 }}'


class Page(HTMLParser):
    """What a browser would find."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in ("meta", "line", "rect", "circle", "path", "i", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("line", "rect", "circle", "path", "i"):
            assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def made() -> Study:
    tickets = planted(3600, always(vip=600), gap=300)
    hostile = [replace(item, kind=HOSTILE if item.kind == "vip" else item.kind, pool=HOSTILE) for item in tickets]
    weights = parse_weights({"class": {HOSTILE: 60}})
    return study(make_desk(hostile, WorkingTime(), {HOSTILE: 5}), weights, years=3)


@pytest.fixture(scope="module")
def html(made: Study) -> str:
    unusable = (Unusable("a date that cannot be read", 2, (HOSTILE,)),)
    tickets = tuple(job.ticket for job in made.desk.lines[0].jobs)
    return page(made, History(tickets, 3602, unusable, (HOSTILE,)), f"{HOSTILE}.csv", [HOSTILE])


def test_foreign_text_is_shown_and_never_run(html: str) -> None:
    found = Page(html)
    assert not {"script", "img", "iframe", "object", "link"} & set(found.tags)
    assert not [name for name, _ in found.attributes if name.startswith("on")]
    assert HOSTILE in found.text


def test_nothing_is_loaded_from_anywhere(html: str) -> None:
    found = Page(html)
    assert not [value for name, value in found.attributes if name in ("src", "href", "action", "style")]
    assert "url(" not in html and "@import" not in html
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in found.attributes


def test_every_tag_is_closed_where_it_was_opened(html: str) -> None:
    assert Page(html).open == []


def test_the_report_says_what_it_cannot_know_and_what_was_left_out(html: str) -> None:
    text = " ".join(Page(html).text.split())
    for words in (
        "What this cannot know",
        "The replay may be believed",
        "3,602 rows",
        "Clients react",
        "left out: a date",
    ):
        assert words in text


def test_every_drawing_lies_inside_its_frame(html: str) -> None:
    places = [
        float(value.removesuffix("%"))
        for name, value in Page(html).attributes
        if name in ("x", "x1", "x2", "cx", "width") and value.endswith("%")
    ]
    assert places
    assert all(0 <= place <= 100 for place in places)


def test_a_replay_that_was_refused_shows_no_comparison(made: Study) -> None:
    refused = replace(made, groups=(), outcomes=())
    tickets = tuple(job.ticket for job in made.desk.lines[0].jobs)
    text = Page(page(refused, History(tickets, len(tickets)), "history.csv")).text
    assert "What the new weights change" not in text
    assert "Is the replay like the desk?" in text
