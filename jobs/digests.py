"""Digests in a worker: looking at the sources, proving that candidates are public, drafting, sending by rule.

What asks the outside runs before any transaction begins; what it brought is stored with the end of the job.
"""

import logging
from datetime import datetime, timedelta

import sqlalchemy as sa

from deskside.errors import DesksideError, Permanent
from deskside.fetching import Fetcher
from deskside.ports import DigestSource
from deskside.store.database import Row, reading, utc_now
from jobs.context import Context
from jobs.engine.tasks import Run, Settle, task
from jobs.parts import Digesting
from push.digests import candidates, drafts, options, sources
from push.digests import launch as launching
from push.digests.calendar import due
from push.digests.proof import prove
from push.launching import Launch
from push.polls import votes

log = logging.getLogger(__name__)

LOOK_SECONDS = 3600
DRAFT_SECONDS = 300
PROOFS_AT_ONCE = 40
LANE = "digests"
# What no stranger could read for so long is not tried any more.
PROVED_FOR = timedelta(days=7)


@task("digests.look", max_attempts=1)
def look(run: Run) -> Settle | None:
    """Have every active source looked at, each by a job of its own: a slow one must not hold up the others."""
    context: Context = run.context
    if context.digesting is None:
        return None
    with reading(context.database) as connection:
        ids = [row.id for row in sources.every(connection, active=True)]

    def settle(connection: sa.Connection) -> None:
        for source_id in ids:
            context.engine.enqueue(
                connection, "digests.look_at", lane=f"digest:{source_id}", priority=-20, source_id=source_id
            )
        # Also for pages that did not answer an hour ago.
        context.engine.enqueue(connection, "digests.prove", lane=LANE, priority=-20)

    return settle


@task("digests.look_at", max_attempts=1)
def look_at(run: Run, source_id: int) -> Settle | None:
    """Look at one source. What went wrong is told beside it, and the next hour tries again."""
    context: Context = run.context
    digesting = context.digesting
    if digesting is None:
        return None
    with reading(context.database) as connection:
        row = sources.get(connection, source_id)
    if row is None or not row.active:
        return None
    try:
        told = options.read(row.options)
        source = _source(digesting, row.kind)
        found = source.look(dict(told.own), row.cursor)
    except DesksideError as error:
        said = str(error)
        log.warning("the digest source %s: %s", row.name, said)
        return lambda connection: sources.failed(connection, source_id, said, utc_now())

    def settle(connection: sa.Connection) -> None:
        if sources.keep(connection, source_id, found, utc_now()):
            context.engine.enqueue(connection, "digests.prove", lane=LANE, priority=-20)

    return settle


@task("digests.prove", max_attempts=1)
def prove_new(run: Run) -> Settle | None:
    """See whether strangers can read what is new; until somebody could, it goes into no digest."""
    context: Context = run.context
    digesting = context.digesting
    if digesting is None:
        return None
    with reading(context.database) as connection:
        rows = candidates.unproven(connection, utc_now() - PROVED_FOR, PROOFS_AT_ONCE)
    proven = [row.id for row in rows if readable(digesting.fetcher, row.url, row.title)]

    def settle(connection: sa.Connection) -> None:
        for candidate_id in proven:
            candidates.set_public(connection, candidate_id, True)

    return settle


@task("digests.draft", max_attempts=1)
def draft(run: Run) -> Settle | None:
    """Draft when the time has come, send by rule when that has come, and note what became of what was sent."""
    context: Context = run.context
    digesting = context.digesting
    if digesting is None:
        return None
    now = utc_now()
    with reading(context.database) as connection:
        wanted = _is_due(connection, digesting, now)
        ripe = launching.due_by_rule(connection, digesting.settings, now) if digesting.launch else None
        items = _to_prove(connection, digesting, now) if wanted else _items(connection, ripe)
    hidden = [item.id for item in items if not readable(digesting.fetcher, item.url, item.title)]

    def settle(connection: sa.Connection) -> None:
        drafts.settle(connection, now)
        votes.close_late(connection, now)
        # Looked at again: a person may have been faster.
        if wanted and _is_due(connection, digesting, now):
            drafts.make(connection, digesting.settings, now, drafts.CLOCK, without=hidden)
        elif ripe is not None and digesting.launch is not None:
            _send_by_rule(connection, digesting, digesting.launch, ripe.id, hidden, now)

    return settle


@task("digests.send", max_attempts=3)
def send(run: Run, digest_id: int, by: str) -> Settle | None:
    """Send a draft that a person decided on, without what strangers cannot read any more."""
    context: Context = run.context
    digesting = context.digesting
    if digesting is None or digesting.launch is None:
        return None
    launch = digesting.launch
    with reading(context.database) as connection:
        items = _items(connection, drafts.get(connection, digest_id))
    hidden = [item.id for item in items if not readable(digesting.fetcher, item.url, item.title)]

    def settle(connection: sa.Connection) -> None:
        launching.launch(
            connection, digest_id, by, digesting.settings, launch, digesting.links, utc_now(), unreadable=hidden
        )

    return settle


def look_at_soon(context: Context, connection: sa.Connection, source_id: int) -> bool:
    """Have one source looked at, with the commit of this transaction. False where push is off."""
    if context.digesting is None:
        return False
    context.engine.enqueue(connection, "digests.look_at", lane=f"digest:{source_id}", source_id=source_id)
    return True


def send_soon(context: Context, connection: sa.Connection, digest_id: int, by: str) -> bool:
    """Have a draft sent, with the commit of this transaction. False where push is off."""
    if context.digesting is None:
        return False
    context.engine.enqueue(connection, "digests.send", lane=LANE, digest_id=digest_id, by=by)
    return True


def readable(fetcher: Fetcher, url: str, title: str) -> bool:
    """Whether a stranger can read this page now; a page that does not answer is one that cannot be told of."""
    try:
        return prove(fetcher.get, url, title)
    except DesksideError as error:
        log.info("a candidate cannot be read by strangers: %s", error)
        return False


def _send_by_rule(
    connection: sa.Connection, digesting: Digesting, launch: Launch, digest_id: int, hidden: list[int], now: datetime
) -> None:
    try:
        launching.launch(
            connection,
            digest_id,
            launching.RULE,
            digesting.settings,
            launch,
            digesting.links,
            now,
            unreadable=hidden,
        )
    except Permanent as error:
        drafts.skip(connection, digest_id, str(error))


def _source(digesting: Digesting, kind: str) -> DigestSource:
    try:
        return digesting.sources[kind]
    except KeyError:
        raise Permanent(f"no plug-in brings the kind '{kind}' any more") from None


def _is_due(connection: sa.Connection, digesting: Digesting, now: datetime) -> bool:
    schedule = digesting.settings.schedule
    return schedule is not None and due(schedule, digesting.zone, now, drafts.last_made(connection))


def _to_prove(connection: sa.Connection, digesting: Digesting, now: datetime) -> list[candidates.Candidate]:
    return [one.item for one in drafts.propose(connection, digesting.settings, now).chosen]


def _items(connection: sa.Connection, row: Row | None) -> list[candidates.Candidate]:
    if row is None:
        return []
    return list(candidates.by_id(connection, [item["candidate"] for item in row.items]).values())
