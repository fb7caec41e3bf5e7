"""Issues: draft -> scheduled -> sent, or skipped. A draft is a proposal that people may still change."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from deskside.store.database import Row
from deskside.store.push_tables import campaign, digest, send
from push.digests import candidates, statistics
from push.digests.candidates import Candidate
from push.digests.score import score
from push.digests.selection import Scored, choose, judge, refusal, same
from push.digests.settings import DigestSettings

DRAFT, SCHEDULED, SENT, SKIPPED = "draft", "scheduled", "sent", "skipped"
CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a digest made now would be: its items best first, whether that is enough, and why the others are not in."""

    chosen: Sequence[Scored]
    enough: bool
    reason: str
    refused: Sequence[tuple[Candidate, str]]


def propose(connection: sa.Connection, settings: DigestSettings, now: datetime) -> Proposal:
    """Weigh and choose, for the portal as a whole."""
    since = last_cut(connection)
    taken = _taken(connection)
    rates, shares = statistics.rates(connection, now), statistics.shares(connection)
    scored: list[Scored] = []
    refused: list[tuple[Candidate, str]] = []
    for item in candidates.waiting(connection, now, now - settings.most_age):
        taken_already = any(same(item, other) for other in taken)
        why = "in another digest" if taken_already else refusal(item, settings, since, now)
        if why:
            refused.append((item, why))
            continue
        scored.append(Scored(item, score(item, settings.weights, shares.get(item.topic or "", 0.0), rates, now)))
    chosen = choose(scored, settings)
    verdict = judge(chosen, statistics.past_leads(connection), settings)
    return Proposal(chosen, verdict.enough, verdict.reason, refused)


def make(
    connection: sa.Connection, settings: DigestSettings, now: datetime, by: str, *, without: Collection[int] = ()
) -> int:
    """Draft a digest, or note why there is none; its id. An older draft gives way to it.

    A skipped one uses up nothing: its candidates are looked at again next time. `without` are candidates that a
    stranger could not read any more a moment ago.
    """
    for candidate_id in without:
        candidates.set_public(connection, candidate_id, False)
    connection.execute(
        digest.update().where(digest.c.state == DRAFT).values(state=SKIPPED, reason="a newer draft took its place")
    )
    found = propose(connection, settings, now)
    row = digest.insert().values(
        state=DRAFT if found.enough else SKIPPED,
        token=secrets.token_urlsafe(12),
        cut_at=now,
        made_at=now,
        made_by=by,
        reason=found.reason,
        items=[{"candidate": one.item.id, **one.score.as_json()} for one in found.chosen],
    )
    return int(connection.execute(row.returning(digest.c.id)).scalar_one())


def get(connection: sa.Connection, digest_id: int) -> Row | None:
    """One issue."""
    return connection.execute(digest.select().where(digest.c.id == digest_id)).one_or_none()


def by_token(connection: sa.Connection, token: str) -> Row | None:
    """The issue whose page has this address."""
    return connection.execute(digest.select().where(digest.c.token == token)).one_or_none()


def every(connection: sa.Connection, limit: int = 50) -> Sequence[Row]:
    """The last issues, the newest first; skipped ones too, with the reason."""
    return connection.execute(digest.select().order_by(digest.c.id.desc()).limit(limit)).all()


def open_draft(connection: sa.Connection) -> Row | None:
    """The draft that waits for somebody."""
    query = digest.select().where(digest.c.state == DRAFT).order_by(digest.c.id.desc()).limit(1)
    return connection.execute(query).one_or_none()


def last_cut(connection: sa.Connection) -> datetime | None:
    """The cut of the last issue that was sent, or is about to be."""
    query = sa.select(sa.func.max(digest.c.cut_at)).where(digest.c.state.in_((SENT, SCHEDULED)))
    found: datetime | None = connection.scalars(query).one()
    return found


def last_made(connection: sa.Connection) -> datetime | None:
    """When the clock made the last draft, or skipped one."""
    found: datetime | None = connection.scalar(
        sa.select(sa.func.max(digest.c.made_at)).where(digest.c.made_by == CLOCK)
    )
    return found


def arrange(connection: sa.Connection, digest_id: int, order: Sequence[int]) -> bool:
    """Keep these candidates of a draft, in this order, which then holds for every reader.

    False when it is no draft any more, or nothing would be left.
    """
    row = get(connection, digest_id)
    if row is None or row.state != DRAFT:
        return False
    items: dict[int, dict[str, Any]] = {item["candidate"]: item for item in row.items}
    wanted = [candidate_id for candidate_id in dict.fromkeys(order) if candidate_id in items]
    kept = [{**items[candidate_id], "place": place} for place, candidate_id in enumerate(wanted)]
    if not kept:
        return False
    connection.execute(digest.update().where(digest.c.id == digest_id).values(items=kept))
    return True


def skip(connection: sa.Connection, digest_id: int, reason: str) -> bool:
    """Send no such digest; its candidates wait for the next. False when it is no draft any more."""
    statement = digest.update().where(digest.c.id == digest_id, digest.c.state == DRAFT)
    return connection.execute(statement.values(state=SKIPPED, reason=reason[:200])).rowcount == 1


def schedule(connection: sa.Connection, digest_id: int, campaign_id: int) -> bool:
    """A campaign carries it now. False when it was no draft any more: whoever came second has nothing to send."""
    statement = digest.update().where(digest.c.id == digest_id, digest.c.state == DRAFT)
    return connection.execute(statement.values(state=SCHEDULED, campaign=campaign_id)).rowcount == 1


def settle(connection: sa.Connection, now: datetime) -> int:
    """Find out what became of scheduled issues; how many came to an end.

    One is sent once a single person got it, however its campaign ended; one whose campaign ended without that is
    skipped, and its candidates wait for the next.
    """
    ended = 0
    for row in connection.execute(digest.select().where(digest.c.state == SCHEDULED)).all():
        reached = connection.scalar(
            sa.select(sa.func.min(sa.func.coalesce(send.c.sent_at, send.c.decided_at))).where(
                send.c.campaign == row.campaign, send.c.state.in_(("sent", "unknown"))
            )
        )
        state = connection.scalar(sa.select(campaign.c.state).where(campaign.c.id == row.campaign))
        if reached is not None:
            values: dict[str, Any] = {"state": SENT, "sent_at": reached, "reason": ""}
            candidates.use(connection, [item["candidate"] for item in row.items])
        elif state in (None, "done", "cancelled"):
            values = {"state": SKIPPED, "reason": f"its campaign ended ({state or 'deleted'}) before anybody got it"}
        else:
            continue
        connection.execute(digest.update().where(digest.c.id == row.id).values(**values))
        ended += 1
    return ended


def _taken(connection: sa.Connection) -> Collection[Candidate]:
    """What stands in issues that are on their way."""
    rows = connection.scalars(sa.select(digest.c["items"]).where(digest.c.state == SCHEDULED))
    return candidates.by_id(connection, {item["candidate"] for items in rows for item in items}).values()
