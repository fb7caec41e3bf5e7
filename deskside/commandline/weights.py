"""`deskside queue weights`: the minutes in force, and how unfair they are."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from deskside.commandline import common
from deskside.order import mix
from deskside.order import weights as order
from deskside.store import arrivals
from deskside.store import weights as store
from deskside.store.database import Row, reading, utc_now


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def weights(path: Path | None, as_json: bool) -> None:
    """Show the minutes of the factors in force, those that are tried, and what they cost at most."""
    parts = common.parts(path)
    own, caps = order.configured(parts.settings.queue), parts.settings.caps
    with reading(parts.database) as connection:
        active, tried = store.active(connection), store.shadow(connection)
        versions = store.by_version(connection, own)
        lately = arrivals.mix(connection, versions, utc_now())
    minutes = versions[active.version if active else 0]
    found = {
        **_version(active, minutes),
        "configured": own,
        "tried": _version(tried, versions[tried.version]) if tried else None,
        "unfairness_minutes": round(mix.unfairness(lately, minutes, caps), 1),
        "limit_minutes": parts.settings.queue["unfairness_minutes"],
        "emergencies_minutes": round(mix.emergencies(lately, minutes, caps), 1),
        "tickets": lately.tickets,
    }
    if as_json:
        common.print_json(found)
        return
    _print(found)


def _version(row: Row | None, minutes: Mapping[str, int]) -> dict[str, Any]:
    if row is None:
        return {"version": 0, "by": None, "since": None, "note": "", "minutes": minutes}
    since = row.started_at or row.made_at
    return {"version": row.version, "by": row.made_by, "since": since, "note": row.note, "minutes": minutes}


def _print(found: dict[str, Any]) -> None:
    console, tried = common.console, found["tried"]
    if found["version"]:
        by = escape(common.plain(found["by"], 40))
        console.print(f"Version {found['version']} by {by}, in force since {found['since']:%d %b %Y %H:%M} UTC.")
    else:
        console.print("The configuration's own minutes are in force.")
    table = Table("weight")
    for name in ("in force", "configured", *(["tried"] if tried else [])):
        table.add_column(name, justify="right")
    for weight in order.WEIGHTS:
        columns = [found["minutes"], found["configured"], *([tried["minutes"]] if tried else [])]
        table.add_row(weight.label, *(str(column[weight.name]) for column in columns))
    console.print(table)
    console.print(
        f"A ticket with no head start loses at most {found['unfairness_minutes']} min in the mean "
        f"(limit {found['limit_minutes']}; {found['tickets']} tickets of the last 30 days)."
    )
    if found["emergencies_minutes"]:
        console.print(f"Dead servers add {found['emergencies_minutes']} min at most.")
