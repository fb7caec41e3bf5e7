"""`deskside people` and `deskside tokens`: who may sign in, and which programs may ask."""

from pathlib import Path

import click
import sqlalchemy as sa

from deskside.commandline import common
from deskside.store import people as store

LEAST_PASSWORD = 10


@click.group()
def people() -> None:
    """People who sign in."""


@people.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(store.ROLES), default="agent", show_default=True)
@click.password_option(help="Asked for when not given.")
@click.pass_obj
def add_person(path: Path | None, name: str, role: str, password: str) -> None:
    """Let NAME sign in."""
    _check(password)
    try:
        with common.parts(path).database.begin() as connection:
            store.add_person(connection, name, password, role)
    except sa.exc.IntegrityError:
        raise click.ClickException(f"there is a {name} already") from None
    click.echo(f"{name} can sign in as {role}.")


@people.command("password")
@click.argument("name")
@click.password_option(help="Asked for when not given.")
@click.pass_obj
def set_password(path: Path | None, name: str, password: str) -> None:
    """Change NAME's password and end their sessions."""
    _check(password)
    with common.parts(path).database.begin() as connection:
        if not store.set_password(connection, name, password):
            raise click.ClickException(f"there is no {name}")
    click.echo("Changed.")


@people.command("pools")
@click.argument("name")
@click.argument("pools", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Let NAME take tickets from all pools again.")
@click.pass_obj
def set_pools(path: Path | None, name: str, pools: tuple[str, ...], every: bool) -> None:
    """Say from which POOLS NAME takes tickets; without any, show it."""
    if every and pools:
        raise click.UsageError("name pools, or --all, not both")
    with common.parts(path).database.begin() as connection:
        if (pools or every) and not store.set_pools(connection, name, pools):
            raise click.ClickException(f"there is no {name}")
        found = {row.name: row.pools for row in store.people(connection)}.get(name)
    if found is None:
        raise click.ClickException(f"there is no {name}")
    click.echo(f"{name} takes tickets from {', '.join(found) or 'all pools'}.")


@click.group()
def tokens() -> None:
    """Tokens for programs that use the API."""


@tokens.command("add")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(store.SCOPES), required=True)
@click.pass_obj
def add_token(path: Path | None, name: str, scopes: tuple[str, ...]) -> None:
    """Make a token; it is shown this once."""
    try:
        with common.parts(path).database.begin() as connection:
            token = store.add_token(connection, name, scopes)
    except sa.exc.IntegrityError:
        raise click.ClickException(f"there is a token {name} already") from None
    click.echo(token)


def _check(password: str) -> None:
    if len(password) < LEAST_PASSWORD:
        raise click.ClickException(f"a password has at least {LEAST_PASSWORD} characters")
