"""Who a campaign is for, and how many are left after each narrowing."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from deskside.store.database import Row
from deskside.store.push_tables import cap_slot, subscriber, subscriber_topic, subscription
from push.campaigns import schedule as schedules
from push.campaigns.definition import Audience, Draft
from push.campaigns.schedule import Slot
from push.model import COURTEOUS
from push.sending import facts, windows
from push.sending.gates import Manners

# The words of the waterfall, from all people to those who can be expected to get it; see `campaign.waterfall`.
STEPS = ("total", "topic", "language", "attributes", "alive", "uncapped", "in_time")


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody a campaign is sent to, and when."""

    id: int
    slot: Slot


@dataclass(frozen=True, slots=True)
class Reach:
    """The addressees, and the waterfall that led to them.

    `addressees` is everybody after `alive`; the last two steps are estimates: caps and quiet hours are judged when the
    message is due. `first` and `last` are when the first and the last are to get it.
    """

    waterfall: Sequence[tuple[str, int]]
    addressees: Sequence[Addressee]

    @property
    def estimate(self) -> int:
        """How many can be expected to get it."""
        return self.waterfall[-1][1]

    @property
    def first(self) -> datetime | None:
        """When the first is due."""
        return min((one.slot.due_at for one in self.addressees), default=None)

    @property
    def last(self) -> datetime | None:
        """When the last is due."""
        return max((one.slot.due_at for one in self.addressees), default=None)


def reach(connection: sa.Connection, draft: Draft, seed: str, manners: Manners, now: datetime) -> Reach:
    """Whom this campaign reaches if it starts `now`; also for the composer, while it is being written."""
    late = timedelta(minutes=draft.late_minutes)
    taken = _taken(connection, now) if draft.kind in COURTEOUS else {}
    counts = dict.fromkeys(STEPS, 0)
    addressees: list[Addressee] = []
    for row in connection.execute(_people(draft)):
        counts["total"] += 1
        if not row.chosen:
            continue
        counts["topic"] += 1
        if not speaks(draft.audience, row.language or manners.language):
            continue
        counts["language"] += 1
        if not all(rule.holds(row.attributes) for rule in draft.audience.rules):
            continue
        counts["attributes"] += 1
        if not row.alive:
            continue
        counts["alive"] += 1
        where = windows.zone(row.zone) or manners.zone
        slot = schedules.slot(draft.schedule, where, now, late, schedules.fraction(seed, row.id))
        addressees.append(Addressee(row.id, slot))
        cap = manners.per_week if row.per_week is None else row.per_week
        if draft.kind in COURTEOUS and taken.get(row.id, {}).get(windows.week(slot.due_at, where), 0) >= cap:
            continue
        counts["uncapped"] += 1
        counts["in_time"] += _in_time(row, slot, manners, now, draft)
    return Reach(tuple(counts.items()), addressees)


def speaks(audience: Audience, language: str) -> bool:
    """Whether somebody of this language is meant; `pt` means `pt-BR` too."""
    wanted = {name.casefold() for name in audience.languages}
    return not wanted or language.casefold() in wanted or language.partition("-")[0].casefold() in wanted


def zones(connection: sa.Connection) -> list[str]:
    """The time zones people live in."""
    return list(connection.scalars(sa.select(subscriber.c.zone).where(subscriber.c.left_at.is_(None)).distinct()))


def _people(draft: Draft) -> sa.Select[*tuple[object, ...]]:
    columns = ("id", "language", "zone", "per_week", "quiet_from", "quiet_to", "paused_until", "attributes")
    alive = sa.exists().where(subscription.c.subscriber == subscriber.c.id, subscription.c.state == "alive")
    chosen = (
        sa.exists().where(subscriber_topic.c.subscriber == subscriber.c.id, subscriber_topic.c.topic == draft.topic)
        if draft.topic is not None
        else sa.true()
    )
    query = sa.select(*(subscriber.c[name] for name in columns), alive.label("alive"), chosen.label("chosen"))
    return query.where(subscriber.c.left_at.is_(None)).order_by(subscriber.c.id)


def _taken(connection: sa.Connection, now: datetime) -> Mapping[int, Mapping[str, int]]:
    found: dict[int, dict[str, int]] = defaultdict(dict)
    query = sa.select(cap_slot.c.subscriber, cap_slot.c.period, sa.func.count()).where(
        cap_slot.c.at >= now - facts.SLOTS_BACK
    )
    for person, week, count in connection.execute(query.group_by(cap_slot.c.subscriber, cap_slot.c.period)):
        found[person][week] = count
    return found


def _in_time(row: Row, slot: Slot, manners: Manners, now: datetime, draft: Draft) -> bool:
    """Whether neither a pause nor quiet hours cover all of the time in which it is of use."""
    free = max(slot.due_at, now, row.paused_until or now)
    if draft.kind in COURTEOUS:
        quiet = manners.quiet_of(row.quiet_from, row.quiet_to)
        until = windows.quiet_until(quiet, free, windows.zone(row.zone) or manners.zone) if quiet else None
        free = until or free
    return free < slot.not_after
