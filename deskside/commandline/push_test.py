"""`deskside push test`: send a campaign to the testers and tell what came of it."""

import time
from collections.abc import Sequence
from pathlib import Path

import click
import sqlalchemy as sa
from rich.markup import escape
from rich.table import Table

from deskside.commandline import common
from deskside.errors import ConfigurationError, Permanent
from deskside.store import heartbeats
from deskside.store.database import Row, reading, utc_now
from deskside.store.push_tables import push, send
from jobs import push as jobs
from push.campaigns import messages
from push.campaigns.messages import TEST_MINUTES
from push.model import Kind

_PAUSE = 0.5
_ENDED = ("sent", "failed", "unknown", "skipped")


@click.command("test")
@click.argument("campaign", type=click.IntRange(1, 2**63 - 1))
@click.option(
    "--wait",
    type=click.IntRange(0, TEST_MINUTES * 60),
    default=30,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for what comes of it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def test(path: Path | None, campaign: int, wait: int, as_json: bool) -> None:
    """Send every variant of CAMPAIGN to the people marked as testers.

    A test is bound by no limit or quiet hours and counts nowhere. A running worker sends it.
    """
    parts = common.parts(path)
    if parts.context.push is None:
        raise ConfigurationError("web push is switched off: there is no key; `deskside push keys` makes one")
    with parts.database.begin() as connection:
        last = connection.scalar(sa.select(sa.func.max(send.c.id))) or 0
        planned = messages.send_test(connection, campaign, utc_now())
        jobs.look_soon(parts.context, connection)
    if not planned:
        raise Permanent("nobody is a tester: mark yourself on your page under Subscribers")
    end = time.monotonic() + wait
    rows = _tests(parts.database, campaign, last)
    while time.monotonic() < end and any(row.state not in _ENDED for row in rows):
        time.sleep(_PAUSE)
        rows = _tests(parts.database, campaign, last)
    if as_json:
        common.print_json([dict(row._mapping) for row in rows])
    else:
        _print(rows)
        _hint(parts.database, rows)
    if any(row.state != "sent" for row in rows):
        raise SystemExit(1)


def _tests(database: sa.Engine, campaign: int, after: int) -> Sequence[Row]:
    """The tests planned since the send `after`."""
    shown = sa.func.min(push.c.shown_at).label("shown_at")
    query = (
        sa.select(send.c.id, send.c.subscriber, send.c.variant, send.c.state, send.c.reason, shown)
        .select_from(send.outerjoin(push, push.c.send == send.c.id))
        .where(send.c.campaign == campaign, send.c.kind == Kind.TEST.value, send.c.id > after)
        .group_by(send.c.id)
        .order_by(send.c.id)
    )
    with reading(database) as connection:
        return connection.execute(query).all()


def _print(rows: Sequence[Row]) -> None:
    table = Table("subscriber", "variant", "state", "why")
    for row in rows:
        state = "shown" if row.shown_at else row.state
        table.add_row(str(row.subscriber), "ABCD"[row.variant], state, escape(common.plain(row.reason, 100)))
    common.console.print(table)


def _hint(database: sa.Engine, rows: Sequence[Row]) -> None:
    if all(row.state in _ENDED for row in rows):
        return
    with reading(database) as connection:
        beat = heartbeats.latest(connection, "worker")
    if beat is None or (utc_now() - beat).total_seconds() > 60:
        common.console.print("No worker has said that it lives in the last minute: start one with `deskside serve`.")
    else:
        common.console.print(f"They still wait; they are of use for {TEST_MINUTES} minutes.")
