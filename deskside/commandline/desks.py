"""`deskside connect`: makes on a desk what Deskside needs."""

from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table

from deskside.commandline import common


@click.command()
@click.argument("desk")
@click.option("--dry-run", is_flag=True, help="Only say what would be made.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def connect(path: Path | None, desk: str, dry_run: bool, as_json: bool) -> None:
    """Make on DESK (zendesk, whmcs) what Deskside needs: fields, view and webhook, or the addon as a file to unpack.

    Safe to run again: what is there is kept, what differs is mended, nothing is made twice.
    """
    parts = common.parts(path)
    steps = parts.context.desk(desk).connect(parts.settings.base_url, dry_run)
    if as_json:
        common.print_json([{"action": step.action, "what": step.what, "detail": step.detail} for step in steps])
        return
    table = Table("would" if dry_run else "did", "what", "")
    for step in steps:
        table.add_row(step.action, escape(step.what), escape(step.detail))
    common.console.print(table)
