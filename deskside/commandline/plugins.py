"""`deskside plugins`: what is plugged in, and from where."""

import click
from rich.table import Table

from deskside.commandline import common
from deskside.plugins import GROUPS, find


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def plugins(as_json: bool) -> None:
    """List every plug-in."""
    found = [plugin for group in GROUPS for plugin in find(group)]
    if as_json:
        common.print_json(
            [{"group": item.group, "name": item.name, "distribution": item.distribution} for item in found]
        )
        return
    table = Table("port", "name", "comes with")
    for item in found:
        table.add_row(GROUPS[item.group], item.name, item.distribution)
    common.console.print(table)
