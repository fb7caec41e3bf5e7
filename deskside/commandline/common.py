"""What the commands share: the parts of a Deskside, and printing."""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from deskside import app, settings
from deskside.errors import ConfigurationError
from deskside.ports import CheckResult
from deskside.store import migrate

console = Console()


def parts(path: Path | None, *, need_database: bool = True) -> app.Parts:
    """The parts, as configured. Raises ConfigurationError, also when the database has not the newest layout."""
    built = app.build(settings.load(path))
    if need_database and not migrate.is_current(built.database):
        raise ConfigurationError("the database has not the newest layout: run `deskside db upgrade`")
    return built


def print_json(value: Any) -> None:
    """Print JSON; times in ISO 8601."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=_plain))


def print_checks(results: Iterable[CheckResult]) -> None:
    """Print a line for each thing that was tried, and the cure of what does not work."""
    for item in results:
        mark = click.style("ok  ", fg="green") if item.ok else click.style("FAIL", fg="red", bold=True)
        click.echo(f"{mark} {item.name}: {item.message}")
        if not item.ok and item.cure:
            click.echo(f"     cure: {item.cure}")


def plain(text: str, limit: int = 60) -> str:
    """Foreign text made fit for a terminal: one line, no control characters, cut."""
    line = "".join(character if character.isprintable() else " " for character in text)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
