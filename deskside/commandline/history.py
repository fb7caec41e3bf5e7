"""`deskside queue history`: the answered tickets as CSV, for the back-test and the audit."""

import csv
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TextIO

import click

from deskside.commandline import common
from deskside.settings import Settings
from deskside.store import turns
from deskside.store.database import Row, reading, utc_now

COLUMNS = ("ticket", "arrived", "taken", "first_reply", "agent", "pool", "class", "client", "tags", "sla_minutes")


@click.command()
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, 3650), help="How far back.")
@click.option("--output", type=click.File("w", "utf-8"), default="-", help="Where to; standard output if not given.")
@click.pass_obj
def history(path: Path | None, days: int, output: TextIO) -> None:
    """Write Deskside's own history, a row for each wait, as `deskside queue backtest` reads it.

    `class` is the band, `tags` are the factors that gave minutes, `sla_minutes` the working minutes that were promised.
    No name and no word of a ticket is in it; clients and agents are the desk's ids.
    """
    parts = common.parts(path)
    with reading(parts.database) as connection:
        found = turns.since(connection, utc_now() - timedelta(days=days))
    writer = csv.writer(output)
    writer.writerow(COLUMNS)
    writer.writerows(rows(found, parts.settings))


def rows(found: Sequence[Row], settings: Settings) -> Iterator[tuple[str, ...]]:
    """One row for each turn, in the order of `COLUMNS`."""
    calendars = settings.calendars
    for turn in found:
        clock = calendars.get(turn.calendar) or calendars[""]
        promised = None if turn.due_at is None else (clock.seconds(turn.due_at) - turn.arrived) / 60
        factors = [item["factor"] for item in turn.contributions if item["minutes"]]
        yield (
            f"{turn.ticket_id}.{turn.number}",
            _iso(turn.arrived_at),
            _iso(turn.served_at),
            _iso(turn.replied_at),
            turn.agent_id,
            turn.pool,
            turn.band,
            turn.client_id,
            " ".join(factors),
            "" if promised is None or promised <= 0 else f"{promised:.1f}",
        )


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
