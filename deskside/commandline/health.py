"""`deskside health`: the same look a ticket gets, in the terminal."""

import ipaddress
from dataclasses import asdict
from pathlib import Path

import click
from rich.markup import escape

from adapters.health.wording import note_lines
from deskside.commandline import common
from deskside.commandline.queue import COLOURS
from deskside.model.service import Target


@click.command()
@click.argument("target")
@click.option("--port", "ports", multiple=True, type=click.IntRange(1, 65535), help="A TCP port that should answer.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def health(path: Path | None, target: str, ports: tuple[int, ...], as_json: bool) -> None:
    """Look at TARGET, a host name or an IP address, with every probe."""
    parts = common.parts(path, need_database=False)
    try:
        address, host = str(ipaddress.ip_address(target)), None
    except ValueError:
        address, host = None, target
    report = parts.context.examiner.examine_all([Target(target, host, address, ports, "asked for by name")])[0]
    if as_json:
        common.print_json(asdict(report))
        return
    first, *rest = note_lines(report, None, parts.settings.language)
    common.console.print(f"[{COLOURS[report.word.value]}]{escape(first)}[/]")
    for line in rest:
        common.console.print(escape(line))
