"""A folder of Markdown beside the simulated Guide, from the terminal: what a documentation lead goes through."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from deskside.demo.zendesk import SimulatedZendesk
from tests.commandline.desk import Run
from tests.shared import shared

CONFIGURATION = """
[knowledge]
every_minutes = 0
grace_hours = 0
listings = 1
[knowledge.sources.handbook]
kind = "markdown"
folder = "{folder}"
[knowledge.targets.guide]
kind = "zendesk"
[[knowledge.routes]]
target = "guide"
section = "Help / Start"
"""
PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 20


@pytest.fixture
def zendesk(ready: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatedZendesk]:
    with SimulatedZendesk(plan_limit=1_000_000) as made:
        for name, value in (("URL", made.url), ("CLIENT_ID", made.client_id), ("CLIENT_SECRET", made.client_secret)):
            monkeypatch.setenv(f"DESKSIDE_ZENDESK__{name}", value)
        # Every program's writing is changed by the simulated Guide, as the real one does.
        made.guide.rewriting = "mild"
        yield made


@pytest.fixture
def real() -> Path:
    """The articles of a real help centre. Asked for before the environment is emptied."""
    return shared("data/arduino_hc/content")


def configure(ready: Path, folder: Path) -> None:
    with (ready / "deskside.toml").open("a") as file:
        file.write(CONFIGURATION.format(folder=folder))


@pytest.fixture
def handbook(ready: Path, zendesk: SimulatedZendesk) -> Path:
    """Twelve articles, two of which link to each other, and a picture."""
    folder = ready / "handbook"
    folder.mkdir()
    write(folder, "start", "First steps", "## Begin\n\nSee [the rest](rest.md).\n\n![How](how.png)")
    write(folder, "rest", "The rest", "Back to [the beginning](start.md#begin). See <https://example.com>.")
    for number in range(10):
        write(folder, f"more{number}", f"More {number}", f"Text *{number}*.\n\n- one\n- two")
    (folder / "how.png").write_bytes(PNG)
    configure(ready, folder)
    return folder


def write(folder: Path, name: str, title: str, text: str) -> None:
    (folder / f"{name}.md").write_text(f"---\nid: {name}\ntitle: {title}\n---\n\n{text}\n")


def by_title(zendesk: SimulatedZendesk, title: str) -> dict[str, Any]:
    (found,) = (article for article in zendesk.articles() if article["title"] == title)
    return dict(found)


def counts(data: Callable[..., Any], status: int = 2) -> dict[str, int]:
    return dict(data("kb", "plan", status=status)["counts"])


def test_from_the_first_apply_to_a_rename_a_deletion_and_a_return(
    run: Run, data: Callable[..., Any], zendesk: SimulatedZendesk, handbook: Path
) -> None:
    assert counts(data) == {"create": 12}
    run("kb", "apply", "--yes")
    assert len(zendesk.articles()) == 12
    start = by_title(zendesk, "First steps")
    assert zendesk.visible(start["id"])
    assert f"/articles/{by_title(zendesk, 'The rest')['id']}" in zendesk.shown(start["id"])
    assert "<img" in zendesk.shown(start["id"])
    assert zendesk.place(start["id"]) == ["Help", "Start"]
    assert counts(data, 0) == {}

    # An editor that saves without an edit is no drift; a word is.
    zendesk.guide.editor_rewriting = "heavy"
    zendesk.edit_article(start["id"], body=start["body"])
    assert counts(data, 0) == {}
    more = by_title(zendesk, "More 1")
    zendesk.edit_article(more["id"], body=more["body"].replace("Text", "Words"))
    assert counts(data) == {"drift": 1}
    assert "{+Words+}" in run("kb", "plan", status=2).output

    # A file that moves and gets another title stays the same article.
    (handbook / "sub").mkdir()
    (handbook / "rest.md").unlink()
    write(handbook / "sub", "rest", "All the rest", "Back to [the beginning](../start.md#begin).")
    write(handbook, "start", "First steps", "## Begin\n\nSee [the rest](sub/rest.md).\n\n![How](how.png)")
    before = by_title(zendesk, "The rest")["id"]
    run("kb", "apply", "--yes")
    assert by_title(zendesk, "All the rest")["id"] == before
    assert zendesk.article(more["id"])["body"] == zendesk.article(more["id"])["translations"][0]["body"]

    (handbook / "more2.md").unlink()
    assert counts(data) == {"archive": 1, "drift": 1}
    run("kb", "apply", "--yes")
    assert len(zendesk.articles()) == 11
    write(handbook, "more2", "More 2", "It is back.")
    run("kb", "apply", "--yes")
    assert "It is back." in by_title(zendesk, "More 2")["body"]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_real_help_centre_is_published_and_a_second_run_does_nothing(
    real: Path, run: Run, data: Callable[..., Any], zendesk: SimulatedZendesk, ready: Path
) -> None:
    configure(ready, real)
    run("kb", "apply", "--yes")
    assert len(zendesk.articles()) == 414
    asked = len(zendesk.requests)
    assert counts(data, 0) == {}
    # Five pages of articles and a token.
    assert len(zendesk.requests) - asked <= 10
    for article in zendesk.articles():
        zendesk.guide.editor_rewriting = "heavy"
        zendesk.edit_article(article["id"], body=article["body"])
    assert counts(data, 0) == {}
