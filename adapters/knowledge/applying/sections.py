"""The sections that articles go to: known by their names, remembered by their ids, made where they are missing."""

import json
from collections.abc import Iterable

from adapters.knowledge.actions import Action
from adapters.knowledge.applying.work import FAILED, Result, Work
from deskside.errors import Permanent, TargetRefuses
from deskside.knowledge import journal
from deskside.store.database import reading, utc_now


def prepare(work: Work, actions: Iterable[Action]) -> None:
    """Find or make the section of every article that is made or filed; an action without one fails."""
    wanted: dict[tuple[str, ...], list[Action]] = {}
    for action in actions:
        article = work.wanted.get((action.source, action.document))
        if article is not None and action.id not in work.results:
            wanted.setdefault(article.place.section, []).append(action)
    if not wanted:
        return
    there = dict(work.patience.call(work.target.sections))
    with reading(work.database) as connection:
        made = journal.results(connection, work.target.name, journal.SECTION)
    for path, needed in wanted.items():
        work.go_on()
        remembered = made.get(_key(path), "")
        if path in there:
            work.sections[path] = there[path]
        elif remembered in there.values():
            # A person gave it another name.
            work.sections[path] = remembered
        else:
            _make(work, path, needed)


def _make(work: Work, path: tuple[str, ...], needed: list[Action]) -> None:
    first = work.wanted[needed[0].source, needed[0].document].first
    with work.database.begin() as connection:
        entry = journal.intend(connection, work.plan, work.target.name, journal.SECTION, _key(path), utc_now())
    try:
        # One that is there already is answered, so this may be repeated.
        section = work.patience.call(work.target.create_section, path, first)
    except TargetRefuses:
        raise
    except Permanent as error:
        with work.database.begin() as connection:
            journal.failed(connection, entry, str(error), utc_now())
        for action in needed:
            work.settle(action, Result(FAILED, f"its section cannot be made: {error}"))
        return
    with work.database.begin() as connection:
        journal.done(connection, entry, section, utc_now())
    work.sections[path] = section


def _key(path: tuple[str, ...]) -> str:
    return json.dumps(path, ensure_ascii=False)
