"""The back-test and the audit in the terminal."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.backtest.desks import always, planted, write_csv
from tests.commandline.desk import Run

TICKETS = planted(3600, always(vip=600), gap=300)


@pytest.fixture
def history(folder: Path) -> str:
    (folder / "weights.toml").write_text("[class]\nvip = 60\n")
    return write_csv(folder / "history.csv", TICKETS).name


def test_a_back_test_ends_in_a_report(run: Run, folder: Path, history: str) -> None:
    said = run("queue", "backtest", history, "--weights", "weights.toml", "--years", "3", "--html", "out.html").stdout
    assert "3,600 rows, 3,600 used." in said
    assert "vip: served as if it had come 10 min earlier" in said
    assert "Reproduced." in said
    assert "vip: nine in ten wait at most" in said
    assert "Budget of unfairness" in said
    assert "What this cannot know" in said
    assert "The report is in out.html." in said
    assert "<h1>Back-test of the queue</h1>" in (folder / "out.html").read_text("utf-8")


def test_a_back_test_speaks_json(data: Callable[..., Any], history: str) -> None:
    found = data("queue", "backtest", history, "--weights", "weights.toml", "--years", "3")
    assert found["fit"]["verdict"] == "reproduced"
    assert found["fit"]["pace"] == pytest.approx(1, abs=0.05)
    assert [(group["scope"], group["name"]) for group in found["groups"]] == [
        ("all", ""),
        ("class", "regular"),
        ("class", "vip"),
    ]
    assert found["groups"][2]["after"]["mean"] < found["groups"][2]["before"]["mean"]
    assert found["groups"][2]["after"]["kept"] >= found["groups"][2]["before"]["kept"]
    assert found["unfairness"][0]["after"] > found["unfairness"][0]["before"]


def test_a_replay_that_is_not_like_the_desk_ends_with_status_3(run: Run, folder: Path, history: str) -> None:
    arguments = ("queue", "backtest", history, "--weights", "weights.toml", "--years", "0", "--agents", "50")
    said = run(*arguments, status=3).stdout
    assert "Not calibrated." in said or "Not reproduced." in said
    assert "not to be acted on" in said or "Something else" in said
    assert "Budget of unfairness" not in said
    assert "Budget of unfairness" in run(*arguments, "--even-so").stdout


def test_the_audit_says_which_rule_was_kept_month_by_month(run: Run, data: Callable[..., Any], history: str) -> None:
    said = run("queue", "audit", history).stdout
    assert "vip: served as if it had come 10 min earlier" in said
    assert "2026-01" in said
    (vip,) = [found for found in data("queue", "audit", history)["audit"]["findings"] if found["kind"] == "vip"]
    assert vip["overall"]["rule"] == "credit"
    assert vip["overall"]["credit"] == pytest.approx(600, abs=30)


def test_a_weight_that_no_ticket_has_is_pointed_out(run: Run, folder: Path, history: str) -> None:
    (folder / "weights.toml").write_text("[class]\nvpi = 60\n")
    said = run("queue", "backtest", history, "--weights", "weights.toml", "--years", "0").stdout
    assert "weights.toml: no ticket of the history has [class] vpi" in said


def test_columns_are_mapped_by_options(run: Run, folder: Path, history: str) -> None:
    text = (folder / history).read_text().replace("class", "Priority", 1).replace("arrived", "Created at", 1)
    (folder / history).write_text(text)
    wrong = run("queue", "audit", history, status=1)
    assert "--arrived-column" in wrong.stderr
    said = run("queue", "audit", history, "--arrived-column", "Created at", "--class-column", "priority").stdout
    assert "vip: served as if" in said


def test_the_working_hours_are_those_of_the_queue(run: Run, folder: Path, data: Callable[..., Any]) -> None:
    (folder / "deskside.toml").write_text('[queue.calendar]\ntimezone = "Europe/Berlin"\nmon = "09:00-17:00"\n')
    (folder / "weights.toml").write_text("")
    rows = [
        f"{day}-{n},2026-03-{day:02} 09:{n:02},2026-03-{day:02} 09:{n + 2:02},1,ann"
        for day in (2, 9)
        for n in range(40)
    ]
    (folder / "h.csv").write_text("ticket,arrived,taken,handling_minutes,agent\n" + "\n".join(rows) + "\n")
    run("queue", "backtest", "h.csv", "--weights", "weights.toml", "--years", "0", "--even-so")
    found = data("queue", "backtest", "h.csv", "--weights", "weights.toml", "--years", "0", "--even-so")
    assert found["days"] == {"count": 2, "first": "2026-03-02", "last": "2026-03-09"}
    assert found["history"]["remarks"] == ["times without a zone are read as Europe/Berlin"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--agents", "0"), "--agents 0: must be a number"),
        (("--agents", "Second=3"), "there is no pool Second"),
        (("--timezone", "Mars"), "Mars is no time zone"),
        (("--pool-column", "group"), "no column group for pool"),
    ],
)
def test_a_wrong_option_is_one_line(run: Run, history: str, arguments: tuple[str, ...], words: str) -> None:
    said = run("queue", "audit", history, *arguments, status=1).stderr
    assert words in said
    assert said.count("\n") == 1


def test_wrong_weights_are_one_line(run: Run, folder: Path, history: str) -> None:
    (folder / "weights.toml").write_text("[class]\nvip = -1\n")
    said = run("queue", "backtest", history, "--weights", "weights.toml", status=1).stderr
    assert "[class] vip (found -1): must be a whole number" in said


def test_foreign_text_does_not_reach_the_terminal_as_markup(run: Run, folder: Path, history: str) -> None:
    text = (folder / history).read_text().replace(",vip,", ",[bold]x[/] \x1b[31m,")
    (folder / history).write_text(text)
    said = run("queue", "audit", history).stdout
    assert "[bold]x[/]" in said
    assert "\x1b" not in said
