"""Deskside's own history goes into the back-test as it came out of the store."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

from deskside import settings
from deskside.backtest.reading import read_csv
from deskside.commandline.history import COLUMNS
from deskside.store import turns
from deskside.store.database import open_database
from deskside.store.tables import turn
from tests.commandline.desk import Run

NOW = datetime.now(UTC).replace(microsecond=0)


def add_turns(folder: Path, count: int) -> None:
    database = open_database(settings.load(folder / "deskside.toml").database["url"])
    with database.begin() as connection:
        for number in range(count):
            at = NOW - timedelta(hours=number + 1)
            connection.execute(
                turn.insert().values(
                    desk="zendesk", ticket_id=str(number), number=1, pool="Support", client_id="=cmd()", band="ahead",
                    contributions=[{"factor": "vip_tag", "minutes": 60}, {"factor": "waiting", "minutes": 0}],
                    arrived_at=at, arrived=int(at.timestamp()), key=0, head_start=3600,
                    served_at=at + timedelta(minutes=30), waited=1800, overtaken=0, position=0, agent_id="9",
                    due_at=at + timedelta(minutes=45), replied_at=at + timedelta(minutes=29),
                )
            )  # fmt: skip
        assert len(turns.since(connection, NOW - timedelta(days=1))) == count
    database.dispose()


def test_what_is_written_is_what_the_back_test_reads(run: Run, folder: Path) -> None:
    run("init", "--password", "correct horse battery")
    add_turns(folder, 3)
    run("queue", "history", "--output", "own.csv")
    assert tuple(next(csv.reader((folder / "own.csv").open()))) == COLUMNS
    read = read_csv(folder / "own.csv")
    assert (read.rows, len(read.tickets), read.unusable) == (3, 3, ())
    newest = max(read.tickets, key=lambda ticket: ticket.arrived)
    assert (newest.ticket, newest.pool, newest.kind, newest.agent) == ("0.1", "Support", "ahead", "9")
    assert (newest.tags, newest.sla_minutes) == ({"vip_tag"}, 45)
    assert newest.taken == newest.arrived + timedelta(minutes=30)


def test_an_empty_history_is_a_header(run: Run) -> None:
    run("init", "--password", "correct horse battery")
    assert run("queue", "history").stdout.strip() == ",".join(COLUMNS)
