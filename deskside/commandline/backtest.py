"""`deskside queue backtest` and `deskside queue audit`: what other weights would have done, and which rule was kept."""

import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, available_timezones

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, TaskID
from rich.table import Table

from deskside import settings
from deskside.backtest import wording
from deskside.backtest.as_json import audit_values, history_values, study_values
from deskside.backtest.audit import Audit
from deskside.backtest.audit import audit as find_rule
from deskside.backtest.comparison import Group, Interval, Scope
from deskside.backtest.history import History
from deskside.backtest.lines import Desk, make_desk
from deskside.backtest.page import page
from deskside.backtest.reading import FIELDS, read_csv
from deskside.backtest.study import Study, Verdict, study
from deskside.backtest.times import DayOrder
from deskside.backtest.weights import Weights, read_weights
from deskside.commandline import common
from deskside.errors import Malformed

NOT_REPRODUCED = 3
"""Exit status when the replay may not be believed."""
STAGES = {"audit": "Finding the rule that was kept", "pace": "Calibrating", "years": "Resampling days"}
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_Command = TypeVar("_Command", bound=Callable[..., Any])


def _reading(command: _Command) -> _Command:
    """The arguments and options that say how a history is read."""
    for field, meaning in reversed(list(FIELDS.items())):
        option = f"--{field.replace('_', '-')}-column"
        command = click.option(option, f"column_{field}", metavar="NAME", help=f"Column of {field}: {meaning}.")(
            command
        )
    for decorate in (
        click.option(
            "--agents", multiple=True, metavar="N|POOL=N", help="Agents always there; else the history's own."
        ),
        click.option(
            "--dates", type=click.Choice([order.value for order in DayOrder]), help="What 03/04/2026 begins with."
        ),
        click.option("--timezone", help="Zone of times that name none; the queue's calendar's, if not given."),
        click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        click.argument("history", type=_FILE),
    ):
        command = decorate(command)
    return command


@click.command()
@_reading
@click.option("--weights", "weights_file", type=_FILE, required=True, help="The weights to try (TOML).")
@click.option("--past", "past_file", type=_FILE, help="The weights of the past; found by the audit, if not given.")
@click.option("--split", type=click.DateTime(["%Y-%m-%d"]), help="First day of the window that only verifies.")
@click.option("--warm-up", type=click.IntRange(0), help="Working days at the start that are not measured.")
@click.option("--years", default=200, show_default=True, type=click.IntRange(0, 100_000), help="Resampled histories.")
@click.option("--html", "html_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the report here.")
@click.option("--even-so", is_flag=True, help="Compare also where the replay does not reproduce the history.")
@click.pass_obj
def backtest(
    path: Path | None,
    /,
    history: Path,
    weights_file: Path,
    past_file: Path | None,
    split: datetime | None,
    warm_up: int | None,
    years: int,
    html_file: Path | None,
    even_so: bool,
    as_json: bool,
    **reading: Any,
) -> None:
    """Replay a HISTORY (CSV) with other weights. Working time is that of [queue.calendar].

    Ends with status 3 where the replay does not give the waits that were: then it says nothing about other weights.
    """
    weights = read_weights(weights_file)
    past = read_weights(past_file) if past_file else None
    read, desk = _read(path, history, reading)
    remarks = _unused(weights, read, weights_file) + (_unused(past, read, past_file) if past and past_file else [])
    with Progress(console=Console(stderr=True), transient=True, disable=as_json) as bar:
        tasks: dict[str, TaskID] = {}

        def stage(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(STAGES[name], total=total)
            bar.update(tasks[name], completed=done)

        found = study(desk, weights, past, split.date() if split else None, warm_up, years, even_so, stage)
    if html_file:
        html_file.write_text(page(found, read, history.name, remarks), "utf-8")
    if as_json:
        common.print_json({**study_values(found, read), "remarks": remarks})
    else:
        _show(found, read, remarks)
        if html_file:
            common.console.print(f"The report is in {escape(str(html_file))}.")
    if found.fit.verdict is not Verdict.REPRODUCED and not even_so:
        sys.exit(NOT_REPRODUCED)


@click.command()
@_reading
@click.pass_obj
def audit(path: Path | None, /, history: Path, as_json: bool, **reading: Any) -> None:
    """Find the rule that the desk of a HISTORY (CSV) really kept."""
    read, desk = _read(path, history, reading)
    found = find_rule(desk)
    if as_json:
        common.print_json({"history": history_values(read), "audit": audit_values(found)})
        return
    _show_history(read)
    _show_audit(found)
    _show_months(found)


def _read(path: Path | None, file: Path, reading: Mapping[str, Any]) -> tuple[History, Desk]:
    calendar = settings.load(path).working_time
    zone = reading["timezone"]
    if zone is not None and zone not in available_timezones():
        raise Malformed(f"--timezone {zone} is no time zone; use an IANA name such as Europe/Berlin")
    columns = {field: name for field in FIELDS if (name := reading[f"column_{field}"])}
    dates = DayOrder(reading["dates"]) if reading["dates"] else None
    read = read_csv(file, columns, ZoneInfo(zone) if zone else calendar.zone, dates)
    return read, make_desk(read.tickets, calendar, _agents(reading["agents"], read))


def _agents(given: tuple[str, ...], history: History) -> dict[str, int]:
    """The agents of each pool, from `5` or `Support=5`."""
    pools = sorted({ticket.pool for ticket in history.tickets})
    agents = {}
    for text in given:
        pool, equals, number = text.rpartition("=")
        if not number.isascii() or not number.isdecimal() or not 0 < int(number) <= 10_000:
            raise Malformed(f"--agents {text}: must be a number from 1 to 10000, or POOL=number")
        if not equals and len(pools) > 1:
            raise Malformed(f"--agents {text}: say of which pool; there are {', '.join(pools)}")
        if equals and pool not in pools:
            raise Malformed(f"--agents {text}: there is no pool {pool}; there are {', '.join(pools)}")
        agents[pool if equals else pools[0]] = int(number)
    return agents


def _unused(weights: Weights, history: History, file: Path) -> list[str]:
    return [f"{file.name}: no ticket of the history has {name}" for name in weights.unused(history.tickets)]


def _show(found: Study, history: History, remarks: list[str]) -> None:
    _show_history(history)
    for remark in remarks:
        _say(remark, "yellow")
    _show_audit(found.audit)
    fit = found.fit
    columns = ("tickets", "mean wait", "replayed", "off", "p90", "replayed", "off")
    table = Table("class", *columns, title=f"From {fit.split} on: as it was, and as the replay has it")
    for check in fit.checks:
        colour = {True: "green", False: "red", None: "dim"}[check.holds]
        cells = []
        for actual, replayed, off in (
            (check.actual, check.replayed, check.off),
            (check.actual_p90, check.replayed_p90, check.off_p90),
        ):
            cells += [wording.span(actual * 60), wording.span(replayed * 60)]
            cells.append("[dim]too few[/]" if check.holds is None else f"[{colour}]{off:+.0%}[/]")
        name = "everybody" if check.kind is None else wording.name_of(check.kind)
        table.add_row(_plain(name), f"{check.tickets:,}", *cells)
    common.console.print(table)
    good = fit.verdict is Verdict.REPRODUCED
    _say(f"{fit.verdict.value.capitalize()}. {wording.verdict(found)}", "green" if good else "bold red")
    if found.groups:
        _show_groups(found)
    common.console.print("\n[bold]What this cannot know[/]")
    for line in wording.cannot_know(found, history):
        _say(f"· {line}")


def _show_groups(found: Study) -> None:
    columns = ("mean", "p50", "p90", "p99", "longest", "promises", "overtaken")
    title = "Waits: the rule of the past, the new weights, 95 % of the change; promises kept; most overtaken"
    table = Table("group", *columns, title=title, show_lines=True)
    for group in found.groups:
        before, after = group.before, group.after
        pool = "pool " if group.scope is Scope.POOL else ""
        table.add_row(
            f"{_plain(pool + wording.name_of(group.name, group.scope))}\n[dim]{after.tickets:,}[/]",
            _change(before.mean, after.mean, group.mean),
            _change(before.p50, after.p50, group.p50),
            _change(before.p90, after.p90, group.p90),
            _change(before.p99, after.p99),
            _change(before.longest, after.longest),
            _kept(group),
            f"{before.most_overtaken}\n[bold]{after.most_overtaken}[/]",
        )
    common.console.print(table)
    for line in wording.outcome(found.groups):
        _say(line)
    for burden in found.burdens:
        pool = f" in {burden.pool}" if burden.pool else ""
        _say(
            f"Budget of unfairness{pool}: a ticket without a head start can lose {wording.span(burden.after * 60)} of "
            f"mean wait at most, before {wording.span(burden.before * 60)}. "
            f"The agents are busy {burden.load:.0%} of their time."
        )


def _show_history(history: History) -> None:
    _say(f"{history.rows:,} rows, {len(history.tickets):,} used.")
    for item in history.unusable:
        _say(f"  left out {item.count:,}: {item.reason} ({'; '.join(item.examples)})", "yellow")
    for remark in history.remarks:
        _say(f"  {remark}")


def _show_audit(found: Audit) -> None:
    common.console.print("\n[bold]The rule that was really kept[/]")
    for line in wording.audit_words(found):
        _say(f"· {line}")
    common.console.print()


def _show_months(found: Audit) -> None:
    table = Table("class", "month", "choices", "rule", "obeyed", title="By month")
    for finding in found.findings:
        for month, evidence in finding.months:
            credit = f" {evidence.credit / 60:+.1f} min" if evidence.rule.value == "credit" else ""
            table.add_row(
                _plain(wording.name_of(finding.kind)),
                month,
                f"{evidence.choices:,}",
                evidence.rule.value + credit,
                f"{evidence.obedience:.0%}" if evidence.obedience else "",
            )
    if found.findings:
        common.console.print(table)


def _change(before: float, after: float, interval: Interval | None = None) -> str:
    words = f"{wording.span(before * 60)}\n[bold]{wording.span(after * 60)}[/]"
    if interval is None or interval.low is None or interval.high is None:
        return words
    return f"{words}\n[dim]{wording.signed(interval.low)}\n{wording.signed(interval.high)}[/]"


def _kept(group: Group) -> str:
    if group.before.kept is None or group.after.kept is None or group.kept is None:
        return ""
    words = f"{group.before.kept:.1%}\n[bold]{group.after.kept:.1%}[/]"
    if group.kept.low is None or group.kept.high is None:
        return words
    return f"{words}\n[dim]{group.kept.low:+.1%}\n{group.kept.high:+.1%}[/]"


def _say(text: str, style: str = "") -> None:
    common.console.print(escape(common.plain(text, 1000)), style=style or None, highlight=False)


def _plain(text: str) -> str:
    return escape(common.plain(text, 40))
