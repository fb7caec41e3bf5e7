"""`deskside kb`: plan what should change in the knowledge base, apply it, and see how it stands."""

import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from adapters.knowledge import looking, plan_file
from adapters.knowledge.actions import Action
from adapters.knowledge.applying import run as applying
from adapters.knowledge.building import Publishing
from adapters.knowledge.plan_file import Plan
from deskside import app
from deskside.commandline import common
from deskside.commandline import kb_printing as printing
from deskside.errors import ConfigurationError, DesksideError
from deskside.knowledge import bindings, documents, leases, plans
from deskside.ports import CheckResult
from deskside.store.database import reading, utc_now

NOTHING, FAILED, CHANGES = 0, 1, 2


@click.group()
def kb() -> None:
    """The knowledge base: written once, published everywhere."""


@kb.command()
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the plan into this file.")
@click.option("--source", "sources", multiple=True, help="Only this source (may be given again).")
@click.option("--target", "targets", multiple=True, help="Only this target (may be given again).")
@click.option("--full", is_flag=True, help="List the sources completely, though that is not due.")
@click.option("--json", "as_json", is_flag=True, help="Print the plan as its file has it.")
@click.pass_context
def plan(
    context: click.Context,
    out: Path | None,
    sources: tuple[str, ...],
    targets: tuple[str, ...],
    full: bool,
    as_json: bool,
) -> None:
    """Say what should change, and why; nothing is changed.

    Ends with 0 when there is nothing to do, 2 when there is, 1 when a source or a target could not be looked at.
    """
    parts = common.parts(context.obj)
    made = _look(parts, _publishing(parts), sources, targets, full=full, quiet=as_json)
    if out is not None:
        plan_file.write(made, out)
    if as_json:
        click.echo(plan_file.dump(made), nl=False)
    else:
        printing.show(made)
        if out is not None:
            common.console.print(f"The plan is in {escape(str(out))}.")
    context.exit(FAILED if made.failed else CHANGES if made.changes else NOTHING)


@kb.command()
@click.argument("path", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--allow-archive", type=click.IntRange(0), help="The exact number of articles that may leave at once.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print what came of it as JSON.")
@click.pass_context
def apply(context: click.Context, path: Path | None, allow_archive: int | None, yes: bool, as_json: bool) -> None:
    """Do what a plan says. Without a file a plan is made first, and you are asked.

    What changed in the target since the plan is skipped. It may be interrupted at any time, and run again.
    """
    parts = common.parts(context.obj)
    publishing = _publishing(parts)
    made = plan_file.read(path) if path else _look(parts, publishing, (), (), full=False, quiet=as_json)
    wanted = applying.chosen(made, allow_archive=allow_archive)
    if path is None and not as_json:
        printing.show(made)
    if not wanted:
        if not as_json:
            common.console.print("There is nothing to apply.")
        else:
            common.print_json({})
        context.exit(FAILED if made.failed else NOTHING)
    if path is None and not yes:
        click.confirm(f"Apply {len(wanted)} of {len(made.actions)}?", abort=True, err=True)
    outcome = _apply(parts, publishing, made, wanted, quiet=as_json)
    if as_json:
        common.print_json(outcome.as_json())
    else:
        printing.show_outcome(outcome, wanted)
    context.exit(NOTHING if set(outcome.counts) <= {"done"} and not outcome.stopped and not made.failed else FAILED)


@kb.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def sources(path: Path | None, as_json: bool) -> None:
    """Show the sources, and how far each was read. Nothing outside is asked."""
    parts = common.parts(path)
    publishing = _publishing(parts)
    shelf = looking.shelf_of(publishing, parts.database)
    with reading(parts.database) as connection:
        rows = documents.sources(connection)
    found: list[dict[str, Any]] = []
    for name, source in publishing.sources.items():
        row = rows.get(name)
        missing = [key for key in shelf.documents if key[0] == name and key not in shelf.places]
        found.append(
            {
                "name": name,
                "title": source.title,
                "state": row.state if row else "new",
                "documents": sum(1 for key in shelf.places if key[0] == name),
                "missing": len(missing),
                "unrouted": sum(1 for key, places in shelf.places.items() if key[0] == name and not places),
                "read_at": row.read_at if row else None,
                "full_at": row.full_at if row else None,
                "error": row.error if row else "",
            }
        )
    if as_json:
        common.print_json(found)
        return
    table = Table("source", "state", "documents", "missing", "on no route", "read", "listed completely")
    for item in found:
        table.add_row(
            escape(f"{item['name']} ({item['title']})"),
            str(item["state"]),
            str(item["documents"]),
            str(item["missing"]),
            str(item["unrouted"]),
            _time(item["read_at"]),
            _time(item["full_at"]),
        )
    common.console.print(table)
    for item in found:
        if item["error"]:
            common.console.print(f"[red]{escape(item['name'])}: {escape(common.plain(str(item['error']), 400))}[/]")


@kb.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def status(path: Path | None, as_json: bool) -> None:
    """Show the targets, what stands there, and the last plan. Nothing outside is asked."""
    parts = common.parts(path)
    publishing = _publishing(parts)
    with reading(parts.database) as connection:
        states = Counter((item.target, item.state) for item in bindings.every(connection))
        held = {name: leases.held(connection, name, utc_now()) for name in publishing.targets}
        newest = plans.latest(connection)
    found: dict[str, Any] = {
        "targets": {
            name: {
                "title": target.title,
                "texts": {state: number for (where, state), number in sorted(states.items()) if where == name},
                "written_by": lease.owner if (lease := held[name]) else None,
            }
            for name, target in publishing.targets.items()
        },
        "plan": None
        if newest is None
        else {
            "id": newest.id,
            "made_at": newest.made_at,
            "made_by": newest.made_by,
            "state": newest.state,
            "counts": newest.counts,
            "error": newest.error,
        },
    }
    if as_json:
        common.print_json(found)
        return
    table = Table("target", "texts", "written by")
    for name, item in found["targets"].items():
        texts = ", ".join(f"{number} {state}" for state, number in item["texts"].items()) or "none"
        table.add_row(escape(f"{name} ({item['title']})"), texts, item["written_by"] or "")
    common.console.print(table)
    if newest is None:
        common.console.print("No plan was made yet.")
        return
    said = ", ".join(f"{number} {kind}" for kind, number in newest.counts.items()) or "nothing to do"
    common.console.print(f"The last plan, of {_time(newest.made_at)} by {newest.made_by}, is {newest.state}: {said}.")
    if newest.error:
        common.console.print(f"[red]{escape(common.plain(newest.error, 400))}[/]")


@kb.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def check(context: click.Context, as_json: bool) -> None:
    """Check every source and target; each failure comes with its cure."""
    found = results(common.parts(context.obj))
    if as_json:
        common.print_json(
            [{"name": item.name, "ok": item.ok, "message": item.message, "cure": item.cure} for item in found]
        )
    else:
        common.print_checks(found)
    context.exit(NOTHING if all(item.ok for item in found) else FAILED)


def results(parts: app.Parts) -> list[CheckResult]:
    """What the sources and targets say when they are checked; none without a knowledge base."""
    publishing = parts.context.publishing
    if publishing is None:
        return []
    found: list[CheckResult] = []
    for name, source in publishing.sources.items():
        found += _checked(f"knowledge source {name}", source.check)
    languages = sorted(
        {language for route in publishing.settings.routes for language in (route.language, *route.languages.values())}
        - {""}
    )
    for name, target in publishing.targets.items():
        found += _checked(f"knowledge target {name}", lambda target=target: target.preflight(languages))  # type: ignore[misc]
    return found


def _publishing(parts: app.Parts) -> Publishing:
    if parts.context.publishing is None:
        raise ConfigurationError("there is no knowledge base: add [knowledge.sources.…] and [knowledge.targets.…]")
    return parts.context.publishing


def _look(
    parts: app.Parts, publishing: Publishing, sources: Sequence[str], targets: Sequence[str], *, full: bool, quiet: bool
) -> Plan:
    for what, asked, there in (("source", sources, publishing.sources), ("target", targets, publishing.targets)):
        unknown = sorted(set(asked) - there.keys())
        if unknown:
            raise ConfigurationError(f"there is no {what} '{unknown[0]}'; there are {', '.join(sorted(there))}")
    with _bars(quiet) as progress:
        return looking.look(publishing, parts.database, full=full, sources=sources, targets=targets, progress=progress)


def _apply(
    parts: app.Parts, publishing: Publishing, made: Plan, wanted: Sequence[Action], *, quiet: bool
) -> applying.Outcome:
    with parts.database.begin() as connection:
        now = utc_now()
        plan_id = plans.put(connection, "cli", plan_file.dump(made), made.counts, now)
        plans.begin(connection, plan_id, now)
    with _stopping() as stopping, _bars(quiet) as progress:
        outcome = applying.apply(publishing, parts.database, wanted, plan=plan_id, stopping=stopping, progress=progress)
    with parts.database.begin() as connection:
        plans.finish(connection, plan_id, outcome.as_json(), "; ".join(outcome.stopped.values()), utc_now())
    return outcome


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """Set by the first interrupt: the run ends between two items. The second one ends it at once."""
    event = threading.Event()

    def stop(number: int, _frame: object) -> None:
        signal.signal(number, before[number])
        event.set()

    before: dict[int, Any] = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield event
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _bars(quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet) as bar:
        tasks: dict[str, TaskID] = {}

        def progress(what: str, done: int, total: int) -> None:
            if total:
                if what not in tasks:
                    tasks[what] = bar.add_task(what, total=total)
                bar.update(tasks[what], completed=done, total=total)

        yield progress


def _checked(name: str, check: Callable[[], Sequence[CheckResult]]) -> Sequence[CheckResult]:
    try:
        return check()
    except DesksideError as error:
        return [CheckResult(name, False, str(error))]


def _time(at: datetime | None) -> str:
    return f"{at:%d %b %H:%M} UTC" if at else "never"
