"""Not a scanner: what is spent, by whom, and that two workers cannot spend the same; on both databases."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from adapters.health.settings import BUDGETS
from deskside.model.service import Target
from deskside.store import probe_log
from deskside.store.database import open_database, reading
from deskside.store.tables import probe_log as table
from jobs import budgets
from jobs.budgets import AUTOMATIC, Refusal

NOW = datetime(2026, 11, 22, 10, 45, tzinfo=UTC)


def at(address: str | None, host: str | None = None) -> Target:
    return Target("srv", host, address, (22,), "")


def take(
    database: sa.Engine,
    number: int,
    *targets: Target,
    client: str = "zendesk:1",
    asked_by: str = AUTOMATIC,
    minutes: float = 0,
    **limits: int,
) -> Refusal | None:
    with database.begin() as connection:
        return budgets.take(
            connection,
            {**BUDGETS, **limits},
            client=client,
            targets=targets or (at("192.0.2.7"),),
            asked_by=asked_by,
            reason=f"ticket 7, check {number}",
            now=NOW + timedelta(minutes=minutes),
        )


def logged(database: sa.Engine) -> list[tuple[str, str, str]]:
    with reading(database) as connection:
        rows = connection.execute(sa.select(table).order_by(table.c.id)).all()
    return [(row.client, row.address, row.asked_by) for row in rows]


def test_a_client_has_six_checks_an_hour_and_a_check_of_three_targets_is_one(database: sa.Engine) -> None:
    three = (at("192.0.2.1"), at("192.0.2.2"), at(None, "srv.example"))
    assert [take(database, number, *three, minutes=number * 2) for number in range(6)] == [None] * 6
    assert take(database, 6, *three, minutes=14) == Refusal("client_enrichments_per_hour")
    assert take(database, 6, minutes=14, client="zendesk:2") is None
    assert take(database, 7, *three, minutes=61) is None
    assert len(logged(database)) == 6 * 3 + 1 + 3


def test_a_client_has_sixty_a_day(database: sa.Engine) -> None:
    day = {"client_enrichments_per_day": 3, "client_enrichments_per_hour": 2}
    hours = [take(database, number, minutes=number * 61, **day) for number in range(4)]
    assert hours == [None, None, None, Refusal("client_enrichments_per_day")]
    assert take(database, 9, minutes=24 * 60 + 1, **day) is None


def test_what_people_ask_for_is_not_counted_against_the_client(database: sa.Engine) -> None:
    for number in range(3):
        assert take(database, number, asked_by="ann", minutes=number * 2, client_enrichments_per_hour=1) is None
    assert take(database, 9, minutes=9, client_enrichments_per_hour=1) is None


def test_a_person_may_ask_once_a_minute_for_a_server_whichever_ticket_it_is(database: sa.Engine) -> None:
    assert take(database, 1, asked_by="ann") is None
    assert take(database, 2, asked_by="bob", client="zendesk:2", minutes=0.9) == Refusal("asked_again_seconds", 60.0)
    assert take(database, 3, at("192.0.2.8"), asked_by="bob", minutes=0.9) is None
    assert take(database, 4, asked_by="bob", minutes=1.1) is None


def test_the_looks_at_a_network_and_at_everything_are_bounded_a_minute(database: sa.Engine) -> None:
    few = {"network_looks_per_minute": 2, "looks_per_minute": 4, "client_enrichments_per_hour": 99}
    assert take(database, 1, at("192.0.2.1"), **few) is None
    assert take(database, 2, at("192.0.2.2"), minutes=0.5, **few) is None
    refusal = take(database, 3, at("192.0.2.3"), minutes=0.75, **few)
    assert refusal == Refusal("network_looks_per_minute", 15.0)
    assert take(database, 4, at("198.51.100.1"), minutes=0.75, **few) is None
    assert take(database, 5, at("2001:db8:1:2::1"), minutes=0.75, **few) is None
    assert take(database, 6, at("2001:db8:1:3::1"), minutes=0.75, **few) == Refusal("looks_per_minute", 15.0)
    assert take(database, 7, at("192.0.2.3"), minutes=1.01, **few) is None


def test_a_check_that_is_refused_spends_nothing(database: sa.Engine) -> None:
    both = (at("192.0.2.1"), at("192.0.2.2"))
    assert take(database, 1, *both, network_looks_per_minute=1) is not None
    assert logged(database) == []


def test_the_log_says_who_and_why_and_where_it_truly_was(database: sa.Engine) -> None:
    take(database, 1, at(None, "srv.example"), asked_by="ann")
    with database.begin() as connection:
        probe_log.found_at(connection, "ticket 7, check 1", "srv.example", "192.0.2.9")
    assert logged(database) == [("zendesk:1", "192.0.2.9", "ann")]


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("192.0.2.200", "192.0.2.0/24"),
        ("2001:db8:1:2::1", "2001:db8:1::/48"),
        ("srv.example", "srv.example"),
    ],
)
def test_a_network_is_a_24_or_a_48(address: str, name: str) -> None:
    assert budgets.network(address) == name


def test_workers_at_the_same_time_cannot_overspend(database: sa.Engine, database_url: str) -> None:
    """Each with connections of its own, as processes have, all let go at once."""
    workers = 8
    start = threading.Barrier(workers)

    def work(number: int) -> int:
        own = open_database(database_url)
        start.wait()
        got = [take(own, number * 100 + turn) for turn in range(5)]
        own.dispose()
        return got.count(None)

    with ThreadPoolExecutor(workers) as pool:
        spent = sum(pool.map(work, range(workers)))
    assert spent == BUDGETS["client_enrichments_per_hour"]
    assert len(logged(database)) == spent


def test_old_rows_are_purged(database: sa.Engine) -> None:
    take(database, 1)
    take(database, 2, minutes=60)
    with database.begin() as connection:
        probe_log.purge(connection, NOW + timedelta(minutes=30))
    assert len(logged(database)) == 1
