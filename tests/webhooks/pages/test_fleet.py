"""Promises of the fleet's pages."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from deskside.store import hosts, sweeps
from tests.webhooks.desk import HOSTILE, text

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)


def fill(database: sa.Engine, *rows: tuple[str, str], doubt: str = "", **more: Any) -> None:
    """Hosts (address, word) that the sweep saw all day; those that are down have been so for an hour."""
    with database.begin() as connection:
        for address, word in rows:
            down = word == "down"
            values = {
                "address": address,
                "name": f"srv-{address}",
                "ports": [22, 443],
                "word": word,
                "since": NOW - (HOUR if down else 50 * HOUR),
                "why": "no answer to ping (0 of 3); port 22 times out" if down else "ping answers (1.0 ms)",
                "candidate": "",
                "seen": 0,
                "flapping": False,
                "checked_at": NOW,
                "alive_at": NOW - HOUR,
                "rtt_ms": 1.0,
                "baseline_ms": 1.0,
            }
            hosts.put(connection, [{**values, **more}])
            if down:
                why = {"why": values["why"], "at": NOW - HOUR}
                hosts.add_changes(connection, [{"address": address, "before": "ok", "word": word, **why}])
        for quarter in range(hosts.BLOCKS, 0, -1):
            at = NOW - quarter * timedelta(minutes=15) + timedelta(minutes=5)
            sweeps.add(connection, at=at, took_ms=900, hosts=len(rows), silent=0, doubt="", remark="")
        if doubt:
            sweeps.add(connection, at=NOW, took_ms=900, hosts=len(rows), silent=9, doubt=doubt, remark=doubt)


def addresses(html: str) -> list[str]:
    return re.findall(r'<li id="host-([^"]+)"', html)


def test_the_dead_stand_first_and_every_word_is_counted(agent: FlaskClient, database: sa.Engine) -> None:
    fill(database, ("192.0.2.1", "ok"), ("192.0.2.2", "down"), ("192.0.2.3", "unknown"), ("192.0.2.4", "ok"))
    html = text(agent, "/fleet")
    assert addresses(html) == ["192.0.2.2", "192.0.2.3", "192.0.2.1", "192.0.2.4"]
    assert re.findall(r"<b>(\d+)</b></span></a>", html) == ["4", "1", "0", "1", "2"]
    assert "no answer to ping (0 of 3); port 22 times out" in html


def test_one_word_or_a_text_narrows_the_list(agent: FlaskClient, database: sa.Engine) -> None:
    fill(database, ("192.0.2.1", "ok"), ("192.0.2.2", "down"), ("198.51.100.2", "down"))
    assert addresses(text(agent, "/fleet?word=down")) == ["192.0.2.2", "198.51.100.2"]
    assert addresses(text(agent, "/fleet?q=198.51")) == ["198.51.100.2"]
    assert addresses(text(agent, "/fleet?q=SRV-192&word=ok")) == ["192.0.2.1"]
    assert "No server is found" in text(agent, "/fleet?q=nothing")


def test_a_long_list_has_pages(agent: FlaskClient, database: sa.Engine) -> None:
    fill(database, *((f"192.0.2.{number}", "ok") for number in range(70)))
    assert len(addresses(text(agent, "/fleet"))) == 50
    assert len(addresses(text(agent, "/fleet?from=50"))) == 20


def test_a_hosts_page_tells_its_day_in_words_and_shapes(agent: FlaskClient, database: sa.Engine) -> None:
    fill(database, ("192.0.2.1", "down"), *((f"192.0.2.{number}", "ok") for number in range(2, 6)))
    html = text(agent, "/fleet/192.0.2.1")
    label = re.search(r'aria-label="(The last 24 hours of[^"]*)"', html)
    assert label is not None
    assert re.search(r"ok for 2[23]\s*h.*, down for 1\s*h", label[1].replace("\xa0", " "))
    assert len(set(re.findall(r'<rect class="strip-(?:ok|down)"[^>]*height="(\d+)"', html))) == 2
    assert "4 of 4 up" in html
    assert "Last sign of life" in html
    assert "style=" not in html


def test_an_unknown_address_is_not_found(agent: FlaskClient, database: sa.Engine) -> None:
    fill(database, ("192.0.2.1", "ok"))
    assert agent.get("/fleet/192.0.2.9").status_code == 404


def test_a_round_that_is_not_believed_is_said_on_both_pages(agent: FlaskClient, database: sa.Engine) -> None:
    fill(database, ("192.0.2.1", "ok"), doubt="our side? 9 of 10 hosts fell silent at once")
    for path in ("/fleet", "/fleet/192.0.2.1"):
        assert "our side? 9 of 10 hosts fell silent at once" in text(agent, path)


def test_an_empty_fleet_says_where_servers_come_from(agent: FlaskClient) -> None:
    html = text(agent, "/fleet")
    assert "deskside services import" in html
    assert "There was no round of the sweep yet" in html


def test_names_from_outside_are_escaped(agent: FlaskClient, database: sa.Engine) -> None:
    fill(database, ("192.0.2.1", "down"), name=HOSTILE, why=HOSTILE)
    for path in ("/fleet", "/fleet/192.0.2.1", f"/fleet?q={'<script>'}"):
        html = text(agent, path)
        assert "<script>alert" not in html
        assert "<img" not in html.split("</header>")[1]


@pytest.mark.parametrize("path", ["/fleet", "/fleet/192.0.2.1"])
def test_a_poll_gets_only_what_changes_and_strangers_get_nothing(
    agent: FlaskClient, anonymous: FlaskClient, database: sa.Engine, path: str
) -> None:
    fill(database, ("192.0.2.1", "ok"))
    assert "<html" not in text(agent, f"{path}?fragment=1")
    assert anonymous.get(path).status_code == 303


def test_the_pages_speak_russian(sign_in: Any, database: sa.Engine) -> None:
    fill(database, ("192.0.2.1", "down"))
    reader = sign_in("agent", language="ru")
    assert "Последние изменения" in text(reader, "/fleet")
    assert "Последний признак жизни" in text(reader, "/fleet/192.0.2.1")
