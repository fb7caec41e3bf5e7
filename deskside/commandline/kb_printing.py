"""Plans of the knowledge base, and what came of them, in a terminal."""

from collections.abc import Sequence

from rich.markup import escape

from adapters.knowledge import actions
from adapters.knowledge.actions import Action
from adapters.knowledge.applying.run import Outcome
from adapters.knowledge.plan_file import Plan
from deskside.commandline import common

COLOURS = {
    actions.CREATE: "green",
    actions.UPDATE: "cyan",
    actions.FILE: "cyan",
    actions.OUTDATED: "cyan",
    actions.RESTORE: "magenta",
    actions.UNPUBLISH: "yellow",
    actions.ARCHIVE: "red",
    actions.CONFLICT: "bold red",
    actions.DRIFT: "yellow",
    actions.HELD: "yellow",
    actions.REFUSED: "red",
}
SIGNS = {"+": "green", "-": "red", "~": "cyan"}
MOST_LINES, MOST_DIFFS = 12, 40


def show(made: Plan) -> None:
    """Print a plan for people."""
    for name, state in sorted(made.sources.items()):
        if state.error:
            common.console.print(f"[red]source {escape(name)}: {escape(common.plain(state.error, 400))}[/]")
    for name, target in sorted(made.targets.items()):
        if target.error:
            common.console.print(f"[red]target {escape(name)}: {escape(common.plain(target.error, 400))}[/]")
    diffs = 0
    for name in sorted({action.target for action in made.actions}):
        found = [action for action in made.actions if action.target == name]
        title = made.targets[name].title if name in made.targets else ""
        common.console.print(f"\n[bold]{escape(name or 'on no target')}[/] {escape(title)}")
        for action in found:
            _show_action(action, with_diff=diffs < MOST_DIFFS)
            diffs += bool(action.diff)
    said = ", ".join(f"{number} {kind}" for kind, number in made.counts.items())
    common.console.print(f"\n{said or 'Nothing is to be done'}.")
    numbered = sum(action.numbered for action in made.actions)
    if numbered:
        common.console.print(
            f"[yellow]{numbered} articles would leave at once. If all of them are meant to, "
            f"apply with --allow-archive={numbered}.[/]"
        )


def _show_action(action: Action, *, with_diff: bool) -> None:
    colour = COLOURS.get(action.kind, "dim")
    where = " / ".join(action.section)
    language = f" [{action.language}]" if action.language else ""
    held = f" ({action.would})" if action.would else ""
    line = f"  [{colour}]{action.kind}{held}[/] {escape(common.plain(action.title, 80))}{escape(language)}"
    if where:
        line += f" [dim]in {escape(common.plain(where, 60))}[/]"
    common.console.print(line)
    common.console.print(f"      {escape(common.plain(action.reason, 300))}", style="dim")
    for warning in action.warnings:
        common.console.print(f"      [yellow]! {escape(common.plain(warning, 200))}[/]")
    diff = action.target_diff if action.kind in (actions.DRIFT, actions.CONFLICT) else action.diff
    if with_diff and diff:
        _show_diff(diff)


def _show_diff(diff: str) -> None:
    lines = diff.splitlines()
    for line in lines[:MOST_LINES]:
        common.console.print(f"      {escape(common.plain(line, 160))}", style=SIGNS.get(line[:1], "dim"))
    if len(lines) > MOST_LINES:
        common.console.print(f"      … and {len(lines) - MOST_LINES} more lines", style="dim")


def show_outcome(outcome: Outcome, wanted: Sequence[Action]) -> None:
    """Print what came of a plan: what was not done, with its reason."""
    for action in wanted:
        result = outcome.results[action.id]
        if result.state != "done":
            title = escape(common.plain(action.title, 60))
            colour = "red" if result.state == "failed" else "yellow"
            why = escape(common.plain(result.reason, 300))
            common.console.print(f"  [{colour}]{result.state}[/] {action.kind} {title}: {why}")
    for name, why in outcome.stopped.items():
        common.console.print(f"[red]{escape(name)} was stopped: {escape(common.plain(why, 400))}[/]")
    said = ", ".join(f"{number} {state}" for state, number in outcome.counts.items())
    asked = ", ".join(f"{number} requests to {name}" for name, number in sorted(outcome.requests.items()))
    common.console.print(f"{said or 'Nothing was done'}; {asked or 'nothing was asked'}.")
