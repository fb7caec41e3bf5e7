"""The weights in the terminal."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from deskside.model.health import Word
from deskside.model.weights import Apply, Change, Seen
from deskside.order.weights import configured
from deskside.store.database import utc_now
from jobs import weights
from tests.commandline.desk import Run, store
from tests.jobs.desk import Bench, make_bench

HOSTILE = "ann [bold]x[/] \x1b[31m"


@pytest.fixture
def bench(ready: Path) -> Bench:
    """A VIP's ticket and a plain one wait."""
    bench = make_bench(store(ready))
    now = utc_now()
    bench.put("1", created_at=now - timedelta(minutes=50))
    bench.put("2", created_at=now - timedelta(minutes=30), tags=frozenset({"vip"}))
    bench.look("1")
    bench.look("2")
    return bench


def change(bench: Bench, apply: Apply, seen: Seen, **minutes: int) -> None:
    own = configured(bench.context.settings.queue)
    weights.change(bench.context, Change(apply, {**own, **minutes}, HOSTILE, seen, "because"))


def test_without_a_version_the_configurations_minutes_are_shown(
    run: Run, data: Callable[..., Any], bench: Bench
) -> None:
    found = data("queue", "weights")
    assert (found["version"], found["by"], found["tried"]) == (0, None, None)
    assert found["minutes"] == found["configured"] == configured(bench.context.settings.queue)
    assert (found["unfairness_minutes"], found["limit_minutes"], found["tickets"]) == (30, 120, 2)
    said = run("queue", "weights").stdout
    assert "The configuration's own minutes are in force." in said
    assert "loses at most 30.0 min in the mean (limit 120; 2 tickets of the last 30 days)" in said


def test_the_version_in_force_and_the_one_that_is_tried_are_shown(
    run: Run, data: Callable[..., Any], bench: Bench
) -> None:
    change(bench, Apply.NEW, Seen(0, 0), vip_minutes=100)
    change(bench, Apply.TRY, Seen(1, 0), vip_minutes=20)
    found = data("queue", "weights")
    assert (found["version"], found["minutes"]["vip_minutes"], found["note"]) == (1, 100, "because")
    assert (found["tried"]["version"], found["tried"]["minutes"]["vip_minutes"]) == (2, 20)
    assert found["unfairness_minutes"] == 50
    said = run("queue", "weights").stdout
    assert "Version 1 by ann [bold]x[/]" in said
    assert "\x1b" not in said
    vip = next(line for line in said.splitlines() if "VIP" in line)
    assert [cell.strip() for cell in vip.split("│")[1:-1]] == ["VIP", "100", "60", "20"]


def test_what_dead_servers_add_is_said_apart(run: Run, data: Callable[..., Any], bench: Bench) -> None:
    assert "Dead servers" not in run("queue", "weights").stdout
    bench.add_service()
    bench.examiner.words["srv1"] = Word.DOWN
    bench.look("1")
    bench.run("ticket.check", desk="zendesk", ticket_id="1", request="r", asked_by="ticket", mentioned=[])
    found = data("queue", "weights")
    assert (found["unfairness_minutes"], found["emergencies_minutes"]) == (30, 2160)
    assert "Dead servers add 2160.0 min at most." in run("queue", "weights").stdout
