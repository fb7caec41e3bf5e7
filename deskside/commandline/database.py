"""`deskside db`: the layout of the database."""

from pathlib import Path

import click

from deskside.commandline import common
from deskside.store import migrate


@click.group()
def db() -> None:
    """The database."""


@db.command()
@click.pass_obj
def upgrade(path: Path | None) -> None:
    """Bring the database to the newest layout. Safe to run again, and on several machines at once."""
    parts = common.parts(path, need_database=False)
    migrate.upgrade(parts.database)
    click.echo("The database has the newest layout.")
