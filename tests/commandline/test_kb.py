"""`deskside kb`: a documentation lead in a terminal."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deskside.errors import TargetRefuses
from tests.commandline.desk import Run
from tests.doubles.knowledge import Shop
from tests.test_plugins import install

CONFIGURATION = """
[knowledge]
every_minutes = 0
grace_hours = 0
listings = 1
[knowledge.sources.handbook]
kind = "file"
file = "shop.db"
[knowledge.targets.guide]
kind = "file"
file = "shop.db"
[[knowledge.routes]]
target = "guide"
section = "Help / Start"
"""


@pytest.fixture
def shop(ready: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A Deskside with a source and a target of the kind `file`."""
    points = {
        "deskside.knowledge_sources": {"file": "tests.doubles.knowledge:source"},
        "deskside.knowledge_targets": {"file": "tests.doubles.knowledge:target"},
    }
    install(ready / "site", "deskside-file", points)
    monkeypatch.syspath_prepend(ready / "site")
    with (ready / "deskside.toml").open("a") as file:
        file.write(CONFIGURATION)
    shop = Shop(ready / "shop.db")
    shop.write("a", "First steps", "<p>Begin.</p>")
    shop.write("b", "The [bold]rest[/]", '<p>See <a href="doc:nowhere">this</a>.</p>')
    return shop


def test_a_plan_tells_by_its_status_whether_there_is_something_to_do(run: Run, shop: Shop) -> None:
    said = run("kb", "plan", "--out", "plan.json", status=2).output
    assert "create First steps" in said
    assert "The [bold]rest[/]" in said
    assert "leads nowhere yet" in said
    assert shop.articles() == {}
    assert "2 done" in run("kb", "apply", "plan.json").output
    assert "Nothing is to be done." in run("kb", "plan").output


def test_a_source_that_cannot_be_read_is_an_error(run: Run, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise TargetRefuses("the token has ended")

    monkeypatch.setattr("tests.doubles.knowledge.FileSource.listing", refuse)
    assert "source handbook: the token has ended" in run("kb", "plan", status=1).output


def test_without_a_file_people_are_asked(run: Run, shop: Shop) -> None:
    run("kb", "apply", input="n\n", status=1)
    assert shop.articles() == {}
    run("kb", "apply", input="y\n")
    assert len(shop.articles()) == 2
    assert "nothing to apply" in run("kb", "apply", "--yes").output


def test_the_number_of_archives_must_be_exact(run: Run, shop: Shop) -> None:
    for number in range(10):
        shop.write(f"more{number}", f"More {number}", "<p>.</p>")
    run("kb", "apply", "--yes")
    for number in range(6):
        shop.erase(f"more{number}")
    assert "apply with --allow-archive=6" in run("kb", "plan", "--out", "plan.json", status=2).output
    assert "nothing to apply" in run("kb", "apply", "plan.json").output
    run("kb", "apply", "plan.json", "--allow-archive", "5", status=1)
    assert len(shop.articles()) == 12
    run("kb", "apply", "plan.json", "--allow-archive", "6")
    assert len(shop.articles()) == 6


def test_drift_is_shown_with_what_somebody_changed(run: Run, shop: Shop) -> None:
    run("kb", "apply", "--yes")
    shop.edit(shop.article("First steps")["id"], "<p>Begin here.</p>")
    said = run("kb", "plan", status=2).output
    assert "drift First steps" in said
    assert "~ Begin{+ here+}." in said


def test_data_is_printed_as_json(run: Run, shop: Shop, data: Callable[..., Any]) -> None:
    plan = data("kb", "plan", status=2)
    assert plan["counts"] == {"create": 2}
    assert data("kb", "apply", "--yes")["done"] == 2
    (source,) = data("kb", "sources")
    assert (source["name"], source["state"], source["documents"]) == ("handbook", "good", 2)
    status = data("kb", "status")
    assert status["targets"]["guide"]["texts"] == {"live": 2}
    assert (status["plan"]["made_by"], status["plan"]["state"]) == ("cli", "applied")
    assert [item["ok"] for item in data("kb", "check")] == [True, True]
    assert "target guide" in {item["name"] for item in data("check", status=1)}


def test_tables_for_people(run: Run, shop: Shop) -> None:
    run("kb", "apply", "--yes")
    assert "handbook" in run("kb", "sources").output
    said = run("kb", "status").output
    assert "2 live" in said
    assert "is applied" in said


@pytest.mark.parametrize("option", ["--source", "--target"])
def test_a_name_that_is_not_there_is_named(run: Run, shop: Shop, option: str) -> None:
    assert "there is no" in run("kb", "plan", option, "nobody", status=1).output


def test_without_a_knowledge_base_it_is_said_how_to_get_one(run: Run, ready: Path) -> None:
    assert "[knowledge.sources" in run("kb", "plan", status=1).output


def test_a_strange_plan_is_refused(run: Run, shop: Shop) -> None:
    Path("plan.json").write_text(json.dumps({"version": 99}))
    assert "version 99" in run("kb", "apply", "plan.json", status=1).output
    assert shop.log() == []
