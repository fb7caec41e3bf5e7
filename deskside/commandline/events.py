"""`deskside events`: deliveries and effects, what became of them, and another try for the dead."""

import json
from pathlib import Path
from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from deskside.commandline import common
from deskside.store import effects, inbox
from deskside.store.database import Row, reading
from jobs import actions

STATES = ("waiting", "done", "ignored", "dead")


@click.group()
def events() -> None:
    """What came from the desk, and what went to it."""


@events.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only deliveries in this state.")
@click.option("--dead", is_flag=True, help="Dead letters only: deliveries and effects nobody will try again.")
@click.option("--limit", default=30, show_default=True, type=click.IntRange(1, 1000))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_events(path: Path | None, state: str | None, dead: bool, limit: int, as_json: bool) -> None:
    """List the newest deliveries, and the dead effects."""
    with reading(common.parts(path).database) as connection:
        deliveries = inbox.recent(connection, state="dead" if dead else state, limit=limit)
        dead_effects = effects.in_state(connection, "dead", limit) if dead or state is None else ()
    if as_json:
        common.print_json(
            {
                "deliveries": [dict(row._mapping) for row in deliveries],
                "dead_effects": [_effect(row) for row in dead_effects],
            }
        )
        return
    table = Table("id", "received (UTC)", "source", "type", "ticket", "state", "outcome", title="Deliveries")
    for row in deliveries:
        table.add_row(
            str(row.id),
            f"{row.received_at:%d %b %H:%M:%S}",
            row.source,
            escape(common.plain(row.type, 40)),
            row.ticket_id or "",
            row.state,
            escape(common.plain(row.outcome, 50)),
        )
    common.console.print(table)
    if dead_effects:
        table = Table("key", "attempts", "reason", title="Dead effects")
        for row in dead_effects:
            table.add_row(escape(row.key), str(row.attempts), escape(common.plain(row.error, 80)))
        common.console.print(table)


@events.command()
@click.argument("event")
@click.pass_obj
def show(path: Path | None, event: str) -> None:
    """Show a delivery (by id) or an effect (by key), whole, as JSON."""
    with reading(common.parts(path).database) as connection:
        row = inbox.get(connection, int(event)) if event.isdigit() else effects.get(connection, event)
    if row is None:
        raise click.ClickException(f"there is no event {event}")
    common.print_json(_delivery(row) if event.isdigit() else _effect(row))


@events.command()
@click.argument("event")
@click.pass_obj
def replay(path: Path | None, event: str) -> None:
    """Put a delivery (by id) or a dead effect (by key) back to work. Nothing is sent twice."""
    context = common.parts(path).context
    done = actions.replay_delivery(context, int(event)) if event.isdigit() else actions.replay_effect(context, event)
    if not done:
        raise click.ClickException(f"there is no event {event} that could be replayed")
    click.echo("It waits for a worker again.")


def _delivery(row: Row) -> dict[str, Any]:
    try:
        body = json.loads(row.body)
    except ValueError:
        body = row.body.decode("utf-8", "replace")
    return {**dict(row._mapping), "body": body}


def _effect(row: Row) -> dict[str, Any]:
    return dict(row._mapping)
