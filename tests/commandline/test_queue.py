"""The queue in the terminal: who is next, and why."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from deskside.model.ticket import Client, Status
from deskside.order.estimate import Calibration
from deskside.order.pace import Pace
from deskside.store import paces
from deskside.store.database import utc_now
from tests.commandline.desk import Run, store
from tests.jobs.desk import make_bench

HOSTILE = "Grüße [bold]not bold[/] \x1b[31mred\x07 \u202etxt"


@pytest.fixture
def waiting(ready: Path) -> Path:
    """Two tickets wait in Support, one elsewhere, one is answered."""
    bench = make_bench(store(ready))
    now = utc_now()
    bench.put("1", created_at=now - timedelta(minutes=50), subject=HOSTILE, client=Client("7", "Acme [GmbH]"))
    bench.put("2", created_at=now - timedelta(minutes=30), tags=frozenset({"vip"}))
    bench.put("3", created_at=now - timedelta(minutes=10), pool="Second line")
    bench.put("4", status=Status.PENDING)
    for number in ("1", "2", "3", "4"):
        bench.look(number)
    return ready


def test_nobody_waits_in_an_empty_queue(run: Run, data: Callable[..., Any], ready: Path) -> None:
    assert run("queue", "show").stdout == "Nobody waits.\n"
    assert data("queue", "show") == []


def test_the_order_is_shown_pool_by_pool(data: Callable[..., Any], waiting: Path) -> None:
    rows = data("queue", "show")
    assert [(row["pool"], row["position"], row["ticket"]) for row in rows] == [
        ("Second line", 1, "3"),
        ("Support", 1, "2"),
        ("Support", 2, "1"),
    ]
    assert rows[1]["head_start_seconds"] == 3600
    assert {item["factor"] for item in rows[1]["contributions"]} == {"waiting", "vip_tag"}


def test_one_pool_and_a_limit_can_be_asked_for(data: Callable[..., Any], waiting: Path) -> None:
    assert [row["ticket"] for row in data("queue", "show", "--pool", "Support", "--limit", "1")] == ["2"]
    assert data("queue", "show", "--pool", "nobody") == []


def test_the_table_shows_a_hostile_subject_as_text(run: Run, waiting: Path) -> None:
    said = run("queue", "show").stdout
    assert "[bold]not bold[/]" in said
    assert "Acme [GmbH]" in said
    assert not {"\x1b", "\x07", "\u202e"} & set(said)


def test_a_place_is_explained(run: Run, data: Callable[..., Any], waiting: Path) -> None:
    said = run("queue", "explain", "1").stdout
    assert "#1 is number 2 in Support." in said
    assert "waits since" in said
    assert "Directly ahead: #2 came 20 min after #1, with 1 h of head start against 0 min." in said
    assert "Only an emergency can newly go ahead after" in said
    assert data("queue", "explain", "1")["ahead"] == "#2 came 20 min after #1, with 1 h of head start against 0 min"


def test_an_explanation_says_when_it_will_be_taken_or_that_nobody_knows(
    run: Run, data: Callable[..., Any], waiting: Path
) -> None:
    unknown = run("queue", "explain", "1").stdout
    assert "When it will be taken is not yet known: 0 of 50 times were compared so far." in unknown
    assert data("queue", "explain", "1")["expected"]["quantiles"] is None
    ratios = Calibration(((0.5, 1.0, 2.0),) * 4, 60)
    with store(waiting).begin() as connection:
        known = paces.Known(Pace(1 / 600, 0.0, (), 60), ratios, ratios, 60)
        paces.put(connection, paces.as_text({"Support": known}))
    assert "Half of such tickets are taken within 10 working minutes, nine of ten within 40." in (
        run("queue", "explain", "1").stdout
    )
    assert data("queue", "explain", "1")["expected"]["quantiles"] == {"q50": 600, "q80": 1200, "q90": 2400}
    assert data("queue", "explain", "4")["expected"] is None


def test_the_head_of_the_queue_has_nobody_ahead(run: Run, data: Callable[..., Any], waiting: Path) -> None:
    said = run("queue", "explain", "2").stdout
    assert "#2 is number 1 in Support." in said
    assert "+60 min" in said
    assert "Directly ahead" not in said
    assert data("queue", "explain", "2")["ahead"] is None


def test_a_ticket_that_does_not_wait_says_so(run: Run, data: Callable[..., Any], waiting: Path) -> None:
    assert "#4 does not wait (pending)." in run("queue", "explain", "4").stdout
    assert data("queue", "explain", "4")["position"] is None


def test_a_ticket_nobody_knows_is_an_error(run: Run, waiting: Path) -> None:
    assert "no ticket 404 of zendesk is known" in run("queue", "explain", "404", status=1).stderr


@pytest.mark.parametrize("limit", ["0", "501", "many"])
def test_a_wrong_limit_is_named(run: Run, ready: Path, limit: str) -> None:
    assert "--limit" in run("queue", "show", "--limit", limit, status=2).output
