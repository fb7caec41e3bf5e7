"""`deskside queue`: the order, and why it is so."""

from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from deskside.commandline import backtest, common, history
from deskside.order.estimate import LEAST_SCORED
from deskside.order.explain import Standing, compare
from deskside.store import estimates, tickets
from deskside.store import queue as store
from deskside.store.database import Row, reading, utc_now

COLOURS = {"down": "bold red", "degraded": "yellow", "ok": "green", "unknown": "dim"}


@click.group()
def queue() -> None:
    """The weighted queue."""


queue.add_command(backtest.backtest)
queue.add_command(backtest.audit)
queue.add_command(history.history)


@queue.command()
@click.option("--pool", help="Only this pool.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 500))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def show(path: Path | None, pool: str | None, limit: int, as_json: bool) -> None:
    """Show who is next, pool by pool."""
    with reading(common.parts(path).database) as connection:
        pools = [state for state in store.pools(connection) if pool in (None, state.pool)]
        rows = {state.pool: store.top(connection, state.pool, limit) for state in pools}
    if as_json:
        common.print_json([_as_json(row, place) for found in rows.values() for place, row in enumerate(found, start=1)])
        return
    if not rows:
        common.console.print("Nobody waits.")
    for state in pools:
        table = Table(
            "#", "ticket", "health", "waits", "client", "subject", title=f"{state.pool}: {state.waiting} wait"
        )
        for place, row in enumerate(rows[state.pool], start=1):
            health = f"[{COLOURS[row.health]}]{row.health}[/]" if row.health in COLOURS else ""
            table.add_row(
                str(place),
                row.ticket_id,
                health,
                _span(utc_now() - row.arrived_at),
                escape(common.plain(row.client_name, 24)),
                escape(common.plain(row.subject, 48)),
            )
        common.console.print(table)


@queue.command()
@click.argument("ticket_id")
@click.option("--desk", default="zendesk", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def explain(path: Path | None, ticket_id: str, desk: str, as_json: bool) -> None:
    """Say why a ticket stands where it stands."""
    context = common.parts(path).context
    with reading(context.database) as connection:
        row = tickets.get(connection, desk, ticket_id)
        if row is None:
            raise click.ClickException(f"no ticket {ticket_id} of {desk} is known")
        place = store.position(connection, row) if row.waiting else None
        clock = context.calendar(row.calendar)
        expected = estimates.expect(connection, row, clock, context.caps, utc_now(), place) if place else None
        ahead = store.neighbour_ahead(connection, row) if row.waiting else None
    comparison = compare(standing(ahead), standing(row)) if ahead is not None else None
    if as_json:
        common.print_json({**_as_json(row, place), "ahead": comparison, "expected": expected and asdict(expected)})
        return
    if place is None:
        common.console.print(f"#{ticket_id} does not wait ({row.status}).")
    else:
        common.console.print(f"#{ticket_id} is number {place} in {escape(row.pool)}.")
    if expected:
        common.console.print(f"  {_time(expected)}")
    for item in row.contributions:
        minutes = f"+{item['minutes']} min" if item["minutes"] else "       "
        common.console.print(f"  {minutes:>10}  {escape(common.plain(item['reason'], 100))}")
    if comparison:
        common.console.print(f"  Directly ahead: {comparison}.")
    if row.safe_at and place:
        common.console.print(f"  Only an emergency can newly go ahead after {row.safe_at:%d %b %H:%M} UTC.")


def _time(expected: estimates.Expectation) -> str:
    if expected.quantiles is None:
        return (
            f"When it will be taken is not yet known: {expected.scored} of {LEAST_SCORED} times were compared so far."
        )
    half, nine = expected.quantiles.q50 // 60, expected.quantiles.q90 // 60
    return f"Half of such tickets are taken within {half} working minutes, nine of ten within {nine}."


def standing(row: Row) -> Standing:
    """A row as the comparison wants it."""
    return Standing(row.ticket_id, row.key, row.arrived)


def _as_json(row: Row, place: int | None) -> dict[str, Any]:
    return {
        "desk": row.desk,
        "ticket": row.ticket_id,
        "pool": row.pool,
        "position": place,
        "key": row.key,
        "head_start_seconds": row.head_start,
        "health": row.health,
        "arrived_at": row.arrived_at,
        "client": row.client_name,
        "subject": row.subject,
        "contributions": row.contributions,
    }


def _span(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02d}" if minutes < 2880 else f"{minutes // 1440} d"
