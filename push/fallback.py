"""When a push is not seen: for each kind of message an order of other channels, and how long to wait.

A channel is tried once a message. The row in `fallback` is written before anything leaves, so that a worker that dies
leaves `trying` behind: an incident is then sent again (with the same marker, by which mail knows it for the same), a
promo is not.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from marshmallow import RAISE, Schema, fields, post_load, validate

from deskside.settings.schema import SectionSchema, Several, Whole
from deskside.store.database import Row, upsert
from deskside.store.push_tables import campaign, fallback, push, send, subscriber, subscription
from push.model import COURTEOUS, INSISTENT, Kind

TRYING, DONE, FAILED, SEEN = "trying", "done", "failed", "seen"
# The "channel" under which it is noted that the push itself was seen in time.
ITSELF = "push"
KINDS = (Kind.INCIDENT, Kind.SERVICE, Kind.PROMO, Kind.DIGEST, Kind.POLL)
# What went out longer ago than this is left in peace.
LOOK_BACK = timedelta(days=1)
# Longer than a channel takes: then a worker that tried is dead.
LEASE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Rule:
    """After how long without a sign of having been seen, and by which channels, the first that works."""

    after: timedelta
    channels: tuple[str, ...]


Rules = Mapping[Kind, Rule]


class _RuleSchema(Schema):
    class Meta:
        unknown = RAISE

    after_minutes = Whole(load_default=30, validate=validate.Range(1, 10_080))
    channels = Several(fields.String(), load_default=list)


class FallbackSchema(SectionSchema):
    """`[fallback]`: a table for each kind of message that goes another way, such as `[fallback.incident]`."""

    incident = fields.Nested(_RuleSchema)
    service = fields.Nested(_RuleSchema)
    promo = fields.Nested(_RuleSchema)
    digest = fields.Nested(_RuleSchema)
    poll = fields.Nested(_RuleSchema)

    @post_load
    def _rules(self, data: dict[str, Any], **_: Any) -> Rules:
        return {
            Kind(kind): Rule(timedelta(minutes=rule["after_minutes"]), tuple(rule["channels"]))
            for kind, rule in data.items()
            if rule["channels"]
        }


@dataclass(frozen=True, slots=True)
class Try:
    """Try this channel now."""

    channel: str


@dataclass(frozen=True, slots=True)
class End:
    """There is nothing more to do, and why."""

    reason: str


def decide(kind: Kind, rule: Rule | None, seen: bool, tried: Mapping[str, str]) -> Try | End:
    """What to do for a message whose time has come; `tried` is the state of each channel that was tried.

    The first channel that took it ends the matter. One that failed gives way to the next.
    """
    if seen:
        return End("it was seen")
    if rule is None:
        return End("nothing is configured for this kind any more")
    for channel in rule.channels:
        state = tried.get(channel)
        if state == DONE:
            return End(f"{channel} took it")
        if state == TRYING and kind not in INSISTENT:
            return End(f"nobody knows whether {channel} took it")
        if state in (None, TRYING):
            return Try(channel)
    return End("every channel failed")


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as another channel carries it."""

    subject: str
    text: str
    html: str = ""


# The letters of these rows of `send`, by the row's id.
Letters = Callable[[sa.Connection, Sequence[Row]], Mapping[int, Letter]]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One letter to be carried by one channel, noted as `trying` already."""

    send: int
    channel: str
    recipient: str
    letter: Letter
    insistent: bool

    @property
    def marker(self) -> str:
        """The same whenever this is sent again."""
        return f"push-{self.send}-{self.channel}"


def arm(connection: sa.Connection, rules: Rules, now: datetime) -> int:
    """Set the time of what went out lately and has none; how many.

    What nobody can have got (it failed, or there is no browser to send it to) is due at once, the latter only where a
    message is meant for everybody: an incident, a notice.
    """
    armed = 0
    recent = sa.or_(campaign.c.finished_at.is_(None), campaign.c.finished_at > now - LOOK_BACK)
    browser = sa.exists().where(subscription.c.subscriber == send.c.subscriber, subscription.c.state == "alive")
    noted = sa.exists().where(fallback.c.send == send.c.id)
    for kind, rule in rules.items():
        campaigns = sa.select(campaign.c.id).where(
            campaign.c.kind == kind.value, campaign.c.started_at > now - 30 * LOOK_BACK, recent
        )
        fresh = (
            send.c.campaign.in_(campaigns),
            send.c.kind == kind.value,
            send.c.fallback_at.is_(None),
            send.c.decided_at > now - LOOK_BACK,
            ~noted,
        )
        lost = send.c.state == "failed"
        if kind in INSISTENT:
            lost = sa.or_(lost, sa.and_(send.c.state == "skipped", ~browser))
        went = connection.execute(
            sa.select(send.c.id, sa.func.coalesce(send.c.sent_at, send.c.decided_at).label("at")).where(
                *fresh, send.c.state.in_(("sent", "unknown"))
            )
        ).all()
        for row in went:
            connection.execute(send.update().where(send.c.id == row.id).values(fallback_at=row.at + rule.after))
        armed += len(went)
        armed += connection.execute(send.update().where(*fresh, lost).values(fallback_at=now)).rowcount
    return armed


def begin(
    connection: sa.Connection,
    rules: Rules,
    attributes: Mapping[str, str],
    letters: Letters,
    now: datetime,
    limit: int = 50,
) -> Sequence[Attempt]:
    """Decide on what is due, and note as `trying` what is to be carried now. Commit before anything leaves.

    `attributes` says of each channel there is, which attribute of a subscriber holds their address.
    """
    due = sa.select(send).where(send.c.fallback_at <= now).order_by(send.c.fallback_at, send.c.id).limit(limit)
    rows = connection.execute(due.with_for_update(skip_locked=True)).all()
    if not rows:
        return ()
    ids = [row.id for row in rows]
    written = letters(connection, rows)
    seen = set(connection.scalars(sa.select(push.c.send).where(push.c.send.in_(ids), push.c.shown_at.is_not(None))))
    tried: dict[int, dict[str, str]] = {}
    for note in connection.execute(fallback.select().where(fallback.c.send.in_(ids))):
        tried.setdefault(note.send, {})[note.channel] = note.state
    people = {
        row.id: row
        for row in connection.execute(subscriber.select().where(subscriber.c.id.in_([row.subscriber for row in rows])))
    }
    return [
        attempt
        for row in rows
        if (
            attempt := _begin_one(
                connection, row, rules, attributes, written, row.id in seen, tried.get(row.id, {}), people, now
            )
        )
        is not None
    ]


def settle(connection: sa.Connection, attempt: Attempt, error: str, now: datetime) -> None:
    """Note what came of an attempt; where it failed, the next channel is due at once."""
    state = FAILED if error else DONE
    _note(connection, attempt.send, attempt.channel, state, now, error)
    connection.execute(send.update().where(send.c.id == attempt.send).values(fallback_at=now if error else None))


def _begin_one(
    connection: sa.Connection,
    row: Row,
    rules: Rules,
    attributes: Mapping[str, str],
    written: Mapping[int, Letter],
    seen: bool,
    tried: Mapping[str, str],
    people: Mapping[int, Row],
    now: datetime,
) -> Attempt | None:
    kind, who = Kind(row.kind), people[row.subscriber]
    known, unwanted = dict(tried), _unwanted(kind, who, now)
    while True:
        step = End(unwanted) if unwanted else decide(kind, rules.get(kind), seen, known)
        if isinstance(step, End):
            if not known:
                # Something must say that this was looked at, or it would be again.
                _note(connection, row.id, ITSELF, SEEN if seen else DONE, now, step.reason)
            connection.execute(send.update().where(send.c.id == row.id).values(fallback_at=None))
            return None
        problem, recipient = _reachable(step.channel, attributes, who, written.get(row.id))
        if problem:
            known[step.channel] = FAILED
            _note(connection, row.id, step.channel, FAILED, now, problem)
            continue
        _note(connection, row.id, step.channel, TRYING, now)
        again = now + LEASE if kind in INSISTENT else None
        connection.execute(send.update().where(send.c.id == row.id).values(fallback_at=again))
        return Attempt(row.id, step.channel, recipient, written[row.id], kind in INSISTENT)


def _unwanted(kind: Kind, who: Row, now: datetime) -> str:
    if who.left_at is not None:
        return "the person has left"
    if kind in COURTEOUS and who.paused_until is not None and who.paused_until > now:
        return "the person asked for a pause"
    return ""


def _reachable(channel: str, attributes: Mapping[str, str], who: Row, letter: Letter | None) -> tuple[str, str]:
    """Why this channel cannot carry it, and to whom it would."""
    if channel not in attributes:
        return "this channel is not configured", ""
    if letter is None:
        return "the message is of no use any more", ""
    recipient = dict(who.attributes).get(attributes[channel])
    if not isinstance(recipient, str) or not recipient.strip():
        return f"the portal told no {attributes[channel]}", ""
    return "", recipient.strip()


def _note(connection: sa.Connection, send_id: int, channel: str, state: str, now: datetime, error: str = "") -> None:
    upsert(connection, fallback, send=send_id, channel=channel, state=state, error=error[:200], at=now)
