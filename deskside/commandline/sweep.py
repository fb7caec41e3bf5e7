"""`deskside sweep`: one round over the whole fleet, in the terminal."""

from collections import Counter
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, TaskID
from rich.table import Table

from adapters.health.settings import HealthSchema
from adapters.health.sweep.pace import MOST_PER_SECOND
from adapters.health.sweep.sweeper import Outcome, Sweeper
from deskside.commandline import common
from deskside.commandline.queue import COLOURS
from deskside.model.health import Word
from deskside.store import services
from deskside.store.database import reading
from jobs.sweep import WATCHED_STATUSES, remember

STAGES = {"ping": "Pinging", "again": "Asking silent ones again", "ports": "Knocking at ports"}
MOST_SLOW, MOST_SHOWN = 5, 40


@click.command()
@click.option("--pps", type=click.IntRange(1, MOST_PER_SECOND), help="Packets a second; as configured if not given.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def sweep(path: Path | None, pps: int | None, as_json: bool) -> None:
    """Look at every server of the inventory once. Nothing is stored: the words are those of this round alone."""
    parts = common.parts(path)
    sweeper = parts.context.sweeper or Sweeper(parts.settings.section("health", HealthSchema))
    with reading(parts.database) as connection:
        watched = services.with_status(connection, WATCHED_STATUSES)
        memory = remember(connection)
    with Progress(console=Console(stderr=True), transient=True, disable=as_json) as bar:
        stages: dict[str, TaskID] = {}

        def progress(stage: str, done: int, total: int) -> None:
            if total:
                if stage not in stages:
                    stages[stage] = bar.add_task(STAGES[stage], total=total)
                bar.update(stages[stage], completed=done, total=total)

        outcome = sweeper.look(watched, memory, per_second=pps, progress=progress)
    if as_json:
        common.print_json(_as_json(outcome))
    else:
        _show(outcome)


def _word(outcome: Outcome, address: str) -> str:
    sight = outcome.sights[address]
    # In a round that is not believed silence says nothing.
    known = sight.word if sight.alive or not outcome.doubt else Word.UNKNOWN
    return known.value if known else Word.UNKNOWN.value


def _show(outcome: Outcome) -> None:
    words = Counter(_word(outcome, address) for address in outcome.watched)
    took = outcome.round.took_seconds
    common.console.print(
        f"{len(outcome.watched)} hosts in {took:.1f} s, {outcome.round.packets} packets: "
        + ", ".join(f"[{COLOURS[word]}]{words[word]} {word}[/]" for word in COLOURS)
    )
    if outcome.remark:
        common.console.print(f"[yellow]{escape(outcome.remark)}[/]")
    slow = sorted(
        ((min(seen.rtts_ms), address) for address, seen in outcome.round.seen.items() if seen.rtts_ms), reverse=True
    )
    if slow:
        table = Table("host", "name", "round trip", title="The slowest")
        for rtt, address in slow[:MOST_SLOW]:
            table.add_row(address, escape(common.plain(outcome.watched[address].name, 40)), f"{rtt:.2f} ms")
        common.console.print(table)
    wrong = [address for address in outcome.watched if _word(outcome, address) != Word.OK.value]
    if wrong:
        wrong.sort(key=lambda address: list(COLOURS).index(_word(outcome, address)))
        table = Table("host", "name", "word", "why", title=f"Not ok: {len(wrong)}")
        for address in wrong[:MOST_SHOWN]:
            word = _word(outcome, address)
            name = escape(common.plain(outcome.watched[address].name, 40))
            table.add_row(address, name, f"[{COLOURS[word]}]{word}[/]", escape(outcome.sights[address].why))
        common.console.print(table)
        if len(wrong) > MOST_SHOWN:
            common.console.print(f"and {len(wrong) - MOST_SHOWN} more (--json has them all)")


def _as_json(outcome: Outcome) -> dict[str, Any]:
    return {
        "at": outcome.at,
        "took_seconds": round(outcome.round.took_seconds, 3),
        "packets": outcome.round.packets,
        "drops": outcome.round.drops,
        "doubt": outcome.doubt,
        "remark": outcome.remark,
        "hosts": [
            {
                "address": address,
                "name": item.name,
                "word": _word(outcome, address),
                "why": outcome.sights[address].why,
                "rtts_ms": [round(rtt, 3) for rtt in outcome.round.seen[address].rtts_ms],
                "ports": {str(port): state.value for port, state in outcome.round.seen[address].ports.items()},
            }
            for address, item in outcome.watched.items()
        ],
    }
