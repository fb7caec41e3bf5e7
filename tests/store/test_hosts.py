"""What the store tells of the fleet."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from deskside.store import hosts, sweeps
from deskside.store.database import reading

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def row(address: str, word: str = "ok", **more: Any) -> dict[str, Any]:
    return {
        "address": address,
        "name": f"srv {address}",
        "ports": [22],
        "word": word,
        "since": NOW - 48 * HOUR,
        "why": "ping answers",
        "candidate": "",
        "seen": 0,
        "flapping": False,
        "checked_at": NOW,
        "alive_at": NOW,
        "rtt_ms": 1.0,
        "baseline_ms": 1.0,
        **more,
    }


def change(address: str, before: str, word: str, at: datetime) -> dict[str, Any]:
    return {"address": address, "before": before, "word": word, "why": "", "at": at}


def rounds(connection: sa.Connection, *times: datetime, doubt: str = "") -> None:
    for at in times:
        sweeps.add(connection, at=at, took_ms=1, hosts=1, silent=0, doubt=doubt, remark=doubt)


def test_hosts_are_put_replaced_and_forgotten(database: sa.Engine) -> None:
    with database.begin() as connection:
        hosts.put(connection, [row("192.0.2.1"), row("192.0.2.2")])
        hosts.put(connection, [row("192.0.2.1", "down")])
        hosts.forget(connection, ["192.0.2.2"])
        assert [(found.address, found.word) for found in hosts.every(connection)] == [("192.0.2.1", "down")]
        assert hosts.counts(connection) == {"down": 1}


def test_neighbours_are_the_judged_hosts_of_the_same_24(database: sa.Engine) -> None:
    with database.begin() as connection:
        words = ["down", "ok", "degraded", "down", "unknown"]
        hosts.put(connection, [row(f"192.0.2.{number}", word) for number, word in enumerate(words)])
        hosts.put(connection, [row("192.0.20.1"), row("2001:db8::1"), row("2001:db8::1:2"), row("2001:db8:1::1")])
        assert hosts.neighbours(connection, "192.0.2.0") == hosts.Neighbours("192.0.2.0/24", 2, 3)
        assert hosts.neighbours(connection, "2001:db8::1") == hosts.Neighbours("2001:db8::/64", 1, 1)


def test_the_worst_come_first_and_search_finds_by_address_and_name(database: sa.Engine) -> None:
    with database.begin() as connection:
        hosts.put(
            connection,
            [
                row("192.0.2.1"),
                row("192.0.2.2", "unknown"),
                row("192.0.2.3", "down"),
                row("192.0.2.4", "down", since=NOW, name="100% web_1"),
            ],
        )
    with reading(database) as connection:

        def found(**by: Any) -> list[str]:
            return [one.address[-1] for one in hosts.find(connection, **by)]

        assert found() == ["4", "3", "2", "1"]
        assert found(word="down") == ["4", "3"]
        assert found(text="192.0.2.3") == ["3"]
        assert found(text="100% WEB_") == ["4"]
        assert found(text="%") == ["4"]
        assert found(limit=1, offset=1) == ["3"]


def test_a_strip_shows_the_worst_word_of_each_quarter_of_an_hour(database: sa.Engine) -> None:
    start = NOW - hosts.DAY
    quarter = hosts.DAY / hosts.BLOCKS
    with database.begin() as connection:
        hosts.put(connection, [row("192.0.2.1")])
        rounds(connection, *(start + quarter * number + timedelta(minutes=1) for number in range(hosts.BLOCKS)))
        hosts.add_changes(
            connection,
            [
                change("192.0.2.1", "ok", "down", start + quarter * 10 + timedelta(minutes=2)),
                change("192.0.2.1", "down", "ok", start + quarter * 12 + timedelta(minutes=2)),
            ],
        )
        strip = hosts.strips(connection, hosts.every(connection), NOW)["192.0.2.1"]
    assert len(strip) == hosts.BLOCKS
    assert [number for number, word in enumerate(strip) if word == "down"] == [10, 11, 12]
    assert set(strip) == {"ok", "down"}


def test_a_strip_is_empty_where_nothing_was_measured_or_believed(database: sa.Engine) -> None:
    with database.begin() as connection:
        hosts.put(connection, [row("192.0.2.1", since=NOW - 6 * HOUR), row("192.0.2.2", checked_at=None)])
        rounds(connection, NOW - 12 * HOUR, NOW - 3 * HOUR - timedelta(minutes=1))
        rounds(connection, NOW - 2 * HOUR, doubt="our side?")
        found = hosts.strips(connection, hosts.every(connection), NOW)
    assert [number for number, word in enumerate(found["192.0.2.1"]) if word] == [83]
    assert not any(found["192.0.2.2"])


@pytest.mark.parametrize("count", [0, 1, 3])
def test_braked_rounds_in_a_row_are_counted(database: sa.Engine, count: int) -> None:
    with database.begin() as connection:
        rounds(connection, NOW - HOUR, doubt="before")
        rounds(connection, NOW)
        rounds(connection, *([NOW + HOUR] * count), doubt="our side?")
        assert sweeps.held(connection) == count
        believed = sweeps.last_believed(connection)
        assert believed is not None and believed.at == NOW
