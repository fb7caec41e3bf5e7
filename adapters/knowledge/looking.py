"""A look at every source and target, and the plan that comes of it. Writes nothing outside, only our own notes."""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from functools import cache, lru_cache

import sqlalchemy as sa

from adapters.knowledge import actions, guard, indexing, plan_file, planning, reading, subject
from adapters.knowledge.actions import Action
from adapters.knowledge.building import Publishing
from adapters.knowledge.plan_file import Plan, SourceState, TargetState
from adapters.knowledge.planning import TargetPlan, View
from adapters.knowledge.reading import FAILED, GOOD, Refreshed
from adapters.knowledge.shelf import Key, Shelf, shelve
from deskside.errors import DesksideError, Gone, Permanent, TargetRefuses
from deskside.knowledge import bindings, documents, journal, leases
from deskside.knowledge.bindings import Binding
from deskside.knowledge.documents import Known
from deskside.model.article import Article
from deskside.ports import KnowledgeTarget
from deskside.store import database as store
from deskside.store.database import utc_now

log = logging.getLogger(__name__)

# Corrections can bring to light what needs others; more rounds than these would be an endless loop.
ROUNDS = 4
# More bound articles that are in no listing are asked for in the next run.
ABSENT_AT_ONCE = 100

Progress = Callable[[str, int, int], None]


def no_progress(_what: str, _done: int, _total: int) -> None:
    """Shows nothing."""


def look(
    publishing: Publishing,
    database: sa.Engine,
    *,
    full: bool = False,
    sources: Collection[str] = (),
    targets: Collection[str] = (),
    stopping: Callable[[], bool] = lambda: False,
    progress: Progress = no_progress,
) -> Plan:
    """Read what changed in the sources, list the targets, and plan. Empty `sources` and `targets` are all of them.

    A source that fails is planned as it was read last; a target that fails is not planned.
    """
    read = {
        name: reading.refresh(
            database,
            source,
            publishing.settings,
            full=full,
            stopping=stopping,
            progress=lambda done, total, name=name: progress(name, done, total),  # type: ignore[misc]
        )
        for name, source in publishing.sources.items()
        if not sources or name in sources
    }
    shelf = shelf_of(publishing, database)
    found: list[Action] = []
    states = {}
    for name, target in publishing.targets.items():
        if (targets and name not in targets) or stopping():
            continue
        progress(name, 0, 1)
        plan, states[name] = _plan(publishing, database, target, shelf)
        found += [action for action in plan.actions if not sources or action.source in sources]
        found += _unfinished(database, target)
        progress(name, 1, 1)
    found = _successors(database, found)
    _forget(publishing, database, shelf)
    found += [action for action in planning.unrouted(shelf) if not sources or action.source in sources]
    return Plan(utc_now(), _source_states(publishing, database, read, shelf), states, plan_file.ordered(found))


def shelf_of(publishing: Publishing, database: sa.Engine) -> Shelf:
    """The documents of the sources that are configured, where the routes put them."""
    with store.reading(database) as connection:
        known = [item for item in documents.every(connection) if item.source in publishing.sources]
    return shelve(known, publishing.settings.routes)


def view_of(
    database: sa.Engine, target: KnowledgeTarget, articles: Mapping[str, Article], absent: Mapping[str, str]
) -> View:
    """A target as it is, beside what is stored of it now."""
    bound: dict[Key, dict[str, Binding]] = {}
    with store.reading(database) as connection:
        for item in bindings.of_target(connection, target.name):
            bound.setdefault((item.source, item.document), {})[item.language] = item
        uploads = bindings.uploads(connection, target.name)
        rows = documents.sources(connection)
        sizes = documents.asset_sizes(connection)
    return View(
        name=target.name,
        articles=articles,
        absent=absent,
        bindings=bound,
        uploads=uploads,
        limits=target.limits(),
        sources=rows,
        html=stored_html(database),
        base=stored_base(database),
        address=target.url,
        sections=cache(target.sections),
        asset_sizes=sizes,
    )


def stored_html(database: sa.Engine) -> Callable[[Known], str]:
    """The stored HTML of documents; that of the last few is kept."""

    @lru_cache(maxsize=64)
    def html(known: Known) -> str:
        with store.reading(database) as connection:
            return documents.html(connection, known)

    return html


def stored_base(database: sa.Engine) -> Callable[[int], tuple[str, str]]:
    """Title and HTML that were read back after the last writing, by binding."""

    def base(binding: int) -> tuple[str, str]:
        with store.reading(database) as connection:
            return bindings.readback(connection, binding)

    return base


def _plan(
    publishing: Publishing, database: sa.Engine, target: KnowledgeTarget, shelf: Shelf
) -> tuple[TargetPlan, TargetState]:
    asked = target.requests
    try:
        articles = {article.id: article for article in target.listing()}
        absent = _absent(database, target, articles)
        indexing.index(database, target, articles.values())
        plan = _settled(publishing, database, target, shelf, articles, absent)
    except DesksideError as error:
        log.warning("the knowledge target %s: %s", target.name, error)
        return TargetPlan(), TargetState(target.title, FAILED, str(error), requests=target.requests - asked)
    requests = target.requests - asked
    state = TargetState(target.title, GOOD, "", len(articles), plan.leaving, plan.most, requests)
    return plan, state


def _unfinished(database: sa.Engine, target: KnowledgeTarget) -> list[Action]:
    """What an earlier run began on a target and did not end."""
    with store.reading(database) as connection:
        steps = [item.step for item in journal.unfinished(connection, target.name)]
    if not steps or leased(database, target.name):
        return []
    said = ", ".join(f"{number} {step}" for step, number in sorted(Counter(steps).items()))
    why = f"an earlier run was ended in the middle: {said}"
    return [
        Action(kind=actions.FINISH, target=target.name, source="", document="", title="Unfinished work", reason=why)
    ]


def _successors(database: sa.Engine, found: list[Action]) -> list[Action]:
    """Hold what is to be archived because another target takes its readers, where that one has nothing to show."""
    with store.reading(database) as connection:
        live = {
            (item.target, item.source, item.document)
            for item in bindings.every(connection)
            if item.state == bindings.LIVE
        }
    coming = (actions.CREATE, actions.UPDATE, actions.RESTORE)
    live |= {(action.target, action.source, action.document) for action in found if action.kind in coming}

    def waits(action: Action) -> bool:
        heir = (action.moved_to, action.source, action.heir or action.document)
        return action.kind == actions.ARCHIVE and bool(action.moved_to) and heir not in live

    return [
        replace(
            action,
            kind=actions.HELD,
            would=action.kind,
            reason=f"{action.reason}; readers would find nothing on {action.moved_to}",
        )
        if waits(action)
        else action
        for action in found
    ]


def leased(database: sa.Engine, target: str) -> bool:
    """Whether somebody writes to a target now."""
    with store.reading(database) as connection:
        return leases.held(connection, target, utc_now()) is not None


def _settled(
    publishing: Publishing,
    database: sa.Engine,
    target: KnowledgeTarget,
    shelf: Shelf,
    articles: Mapping[str, Article],
    absent: Mapping[str, str],
) -> TargetPlan:
    """The plan once our own notes agree with what is the case."""
    for _ in range(ROUNDS):
        view = view_of(database, target, articles, absent)
        # A source that could not be read at all says nothing about what it has.
        view = replace(view, sources={name: row for name, row in view.sources.items() if name in publishing.sources})
        plan = planning.plan_target(shelf, view, publishing.settings, utc_now())
        _correct(database, plan)
        if not plan.again:
            return plan
    raise Permanent("the notes about this target do not settle")


def _correct(database: sa.Engine, plan: TargetPlan) -> None:
    if not plan.corrections and not plan.adoptions:
        return
    now = utc_now()
    with database.begin() as connection:
        for item in plan.corrections:
            bindings.change(connection, item.binding, now, **item.values)
        for one in plan.adoptions:
            bindings.bind(
                connection, one.source, one.document, one.language, one.target, one.article_id, one.marker, now
            )


def _absent(database: sa.Engine, target: KnowledgeTarget, articles: dict[str, Article]) -> dict[str, str]:
    """What the target says of bound articles that its listing does not have; those it has after all are added.

    Raises Permanent for a target that has none of many articles of ours: that is no help centre people tidied up.
    """
    with store.reading(database) as connection:
        bound = bindings.of_target(connection, target.name)
    ids = {item.article_id for item in bound if item.state in bindings.THERE}
    found = {}
    for number, article_id in enumerate(sorted(ids - articles.keys())):
        found[article_id] = subject.UNCLEAR
        if number >= ABSENT_AT_ONCE:
            continue
        try:
            articles[article_id] = target.read(article_id)
            del found[article_id]
        except TargetRefuses:
            raise
        except Gone:
            found[article_id] = subject.GONE
        except DesksideError as error:
            log.info("article %s of %s is not listed, and cannot be asked for: %s", article_id, target.name, error)
    if len(found) == len(ids) > ABSENT_AT_ONCE:
        raise Permanent(f"it has none of our {len(ids)} articles: it is another help centre, or was emptied")
    return found


def _forget(publishing: Publishing, database: sa.Engine, shelf: Shelf) -> None:
    """Forget the documents that are gone for good and stand nowhere."""
    guarded = publishing.settings.guard
    now = utc_now()
    gone = {
        key
        for key in shelf.documents.keys() - shelf.places.keys()
        for known in shelf.documents[key].values()
        if known.missing_proof == guard.GONE
        and known.missing_listings >= guarded.listings
        and known.missing_since is not None
        and now - known.missing_since >= guarded.grace
    }
    if not gone:
        return
    with database.begin() as connection:
        kept = {(item.source, item.document) for item in bindings.every(connection) if item.state in bindings.KEPT}
        for source, document in sorted(gone - kept):
            documents.forget(connection, source, document)


def _source_states(
    publishing: Publishing, database: sa.Engine, read: Mapping[str, Refreshed], shelf: Shelf
) -> dict[str, SourceState]:
    with store.reading(database) as connection:
        rows = documents.sources(connection)
    found = {}
    for name, source in publishing.sources.items():
        row, told = rows.get(name), read.get(name)
        found[name] = SourceState(
            title=source.title,
            state=row.state if row else "new",
            error=row.error if row else "",
            documents=_count(name, shelf.places),
            full_at=row.full_at if row else None,
            unreadable=told.unreadable if told else {},
        )
    return found


def _count(name: str, keys: Iterable[Key]) -> int:
    return sum(1 for source, _ in keys if source == name)
