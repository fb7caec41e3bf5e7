"""Applying a plan: each target in its phases, and when all of them have what is new, what leaves."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from adapters.knowledge import actions, looking
from adapters.knowledge.actions import Action
from adapters.knowledge.applying import assets, creating, filing, leaving, sections, texts
from adapters.knowledge.applying.patience import Halt, Patience
from adapters.knowledge.applying.tending import Lease
from adapters.knowledge.applying.work import DONE, LEFT, Result, Work
from adapters.knowledge.building import Publishing
from adapters.knowledge.plan_file import Plan
from deskside.errors import DesksideError, Malformed, TargetRefuses
from deskside.ports import KnowledgeTarget

log = logging.getLogger(__name__)

_TEXTS = frozenset({actions.CREATE, actions.UPDATE, actions.RESTORE, actions.OUTDATED})
_FILED = frozenset({actions.CREATE, actions.FILE, actions.RESTORE})
_LEAVING = frozenset({actions.ARCHIVE, actions.UNPUBLISH})


@dataclass
class Outcome:
    """What came of each action, by its id, and what stopped a target, by its name."""

    results: dict[str, Result] = field(default_factory=dict)
    stopped: dict[str, str] = field(default_factory=dict)
    requests: dict[str, int] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """How many actions came to what."""
        return dict(sorted(Counter(result.state for result in self.results.values()).items()))

    def as_json(self) -> dict[str, Any]:
        """As it is stored: counts, what stopped targets, and what was not done with its reason."""
        return {
            **self.counts,
            "stopped": self.stopped,
            "requests": self.requests,
            "problems": {
                name: {"state": result.state, "reason": result.reason}
                for name, result in self.results.items()
                if result.state != DONE
            },
        }


def chosen(plan: Plan, ids: Collection[str] | None = None, allow_archive: int | None = None) -> list[Action]:
    """The actions of a plan that apply does.

    `ids` are those that somebody chose; None is all. `allow_archive` lets those go that wait for the exact number.
    Raises Malformed when it is another number.
    """
    numbered = [action for action in plan.actions if action.kind == actions.HELD and action.numbered]
    if allow_archive is not None and allow_archive != len(numbered):
        raise Malformed(
            f"--allow-archive={allow_archive} is not the number of the plan: {len(numbered)} articles wait for it"
        )
    allowed = {action.id for action in numbered} if allow_archive is not None else set()
    return [
        action
        for action in plan.actions
        if (action.kind in actions.APPLIED or action.id in allowed) and (ids is None or action.id in ids)
    ]


def apply(
    publishing: Publishing,
    database: sa.Engine,
    wanted: Sequence[Action],
    *,
    plan: int | None = None,
    stopping: threading.Event | None = None,
    progress: Callable[[str, int, int], None] = looking.no_progress,
) -> Outcome:
    """Do these actions. What cannot be done is told in the outcome, never raised."""
    outcome = Outcome()
    end = stopping or threading.Event()
    by_target: dict[str, list[Action]] = {}
    for action in wanted:
        by_target.setdefault(action.target, []).append(action)
    for phases in (_arrive, _leave):
        for name, found in sorted(by_target.items()):
            if name in outcome.stopped:
                continue
            target = publishing.targets.get(name)
            if target is None:
                outcome.stopped[name] = f"there is no target {name} any more"
                continue
            due = [action for action in found if (_kind(action) in _LEAVING) == (phases is _leave)]
            if due or phases is _arrive:
                _run(publishing, database, target, due, found, plan, end, progress, outcome, phases)
    for action in wanted:
        why = outcome.stopped.get(action.target, "it was not its turn")
        outcome.results.setdefault(action.id, Result(LEFT, why))
    return outcome


def _run(
    publishing: Publishing,
    database: sa.Engine,
    target: KnowledgeTarget,
    due: Sequence[Action],
    of_target: Sequence[Action],
    plan: int | None,
    end: threading.Event,
    progress: Callable[[str, int, int], None],
    outcome: Outcome,
    phases: Callable[[Work, Sequence[Action]], None],
) -> None:
    ids = {action.id for action in of_target}

    def told() -> None:
        progress(target.name, len(ids & outcome.results.keys()), len(ids))

    asked = target.requests
    try:
        with Lease(database, target.name, publishing.settings.lease) as lease:
            work = Work(
                database=database,
                publishing=publishing,
                target=target,
                lease=lease,
                patience=Patience(publishing.settings.patience.total_seconds(), end.wait),
                stopping=end.is_set,
                plan=plan,
                results=outcome.results,
                progress=told,
                most_requests=publishing.settings.requests,
                shelf=looking.shelf_of(publishing, database),
            )
            told()
            phases(work, due)
    except Halt as error:
        outcome.stopped[target.name] = str(error)
    except DesksideError as error:
        log.warning("the knowledge target %s: %s", target.name, error)
        outcome.stopped[target.name] = str(error)
    outcome.requests[target.name] = outcome.requests.get(target.name, 0) + target.requests - asked


def _arrive(work: Work, due: Sequence[Action]) -> None:
    creating.recover(work)
    leaving.recover(work)
    if any(action.kind != actions.FINISH for action in due):
        _prove(work)
        written = [action for action in due if _kind(action) in _TEXTS]
        sections.prepare(work, [action for action in due if _kind(action) in _FILED])
        work.each([action for action in due if _kind(action) == actions.CREATE], creating.create)
        work.refresh()
        work.each(written, assets.upload)
        firsts = {action.id: work.wanted[key].first for action in written if (key := _key(action)) in work.wanted}
        work.each(texts.in_order(written, firsts), texts.write)
        work.each([action for action in due if _kind(action) == actions.FILE], filing.file)
        work.each([action for action in written if _kind(action) == actions.CREATE], texts.show)
    leaving.redirect(work)
    for action in due:
        if action.kind == actions.FINISH:
            work.settle(action, Result(DONE))


def _leave(work: Work, due: Sequence[Action]) -> None:
    work.each(due, leaving.leave)
    leaving.redirect(work)


def _prove(work: Work) -> None:
    """Raise TargetRefuses unless every language can be written, and what the configuration names is there."""
    languages = sorted({language for wanted in work.wanted.values() for language in wanted.texts})
    failed = [result for result in work.patience.call(work.target.preflight, languages) if not result.ok]
    if failed:
        first = failed[0]
        raise TargetRefuses(f"{first.name}: {first.message}" + (f" (cure: {first.cure})" if first.cure else ""))


def _kind(action: Action) -> str:
    return action.would if action.kind == actions.HELD else action.kind


def _key(action: Action) -> tuple[str, str]:
    return action.source, action.document
