"""`deskside incidents`: what the operator knows already, so that every note says it."""

import ipaddress
from pathlib import Path

import click
from rich.table import Table

from deskside.commandline import common
from deskside.store import incidents as store
from deskside.store.database import reading


@click.group()
def incidents() -> None:
    """Known incidents and maintenance: notes about what they concern say so."""


@incidents.command("open")
@click.argument("title")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    help="What it concerns: an address, a network (192.0.2.0/24), a service's or a host's name. May be repeated.",
)
@click.pass_obj
def open_incident(path: Path | None, title: str, scopes: tuple[str, ...]) -> None:
    """Note that TITLE is known from now on."""
    title = common.plain(title.strip(), 200)
    if not title:
        raise click.ClickException("an incident needs a title")
    scope = list(dict.fromkeys(read_scope(item) for item in scopes))
    with common.parts(path).database.begin() as connection:
        number = store.open_incident(connection, title, scope)
    click.echo(f"Incident {number} is open.")


@incidents.command("close")
@click.argument("number", type=int)
@click.pass_obj
def close_incident(path: Path | None, number: int) -> None:
    """End incident NUMBER."""
    with common.parts(path).database.begin() as connection:
        if not store.close_incident(connection, number):
            raise click.ClickException(f"there is no open incident {number}")
    click.echo("Closed.")


@incidents.command("list")
@click.option("--all", "every", is_flag=True, help="Also the closed ones, the newest first.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_incidents(path: Path | None, every: bool, as_json: bool) -> None:
    """List what is open."""
    with reading(common.parts(path).database) as connection:
        found = store.latest(connection) if every else store.open_now(connection)
    if as_json:
        common.print_json(
            [
                {
                    "id": item.id,
                    "title": item.title,
                    "scope": item.scope,
                    "opened_at": item.opened_at,
                    "closed_at": item.closed_at,
                }
                for item in found
            ]
        )
        return
    table = Table("number", "title", "concerns", "since", "closed")
    for item in found:
        closed = f"{item.closed_at:%Y-%m-%d %H:%M}" if item.closed_at else ""
        scope = common.plain(", ".join(item.scope))
        table.add_row(str(item.id), common.plain(item.title), scope, f"{item.opened_at:%Y-%m-%d %H:%M}", closed)
    common.console.print(table)


def read_scope(text: str) -> str:
    """One item of a scope in canonical spelling. Raises click's error for a network that is none."""
    text = text.strip()
    try:
        network = ipaddress.ip_network(text)
    except ValueError as error:
        if "/" in text:
            raise click.ClickException(f"{text!r} is no network: {error}") from None
        if not 0 < len(text) <= 255:
            raise click.ClickException("a scope is an address, a network or a name of at most 255 characters") from None
        return text
    return str(network) if "/" in text else str(network.network_address)
