"""What the gates must know of many people at once: read with a handful of statements, however many they are."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from deskside.model.place import Band
from deskside.store import incidents, moves
from deskside.store.database import Row
from deskside.store.push_tables import push_switch, subscriber, subscription
from deskside.store.tables import move, ticket
from push.model import COURTEOUS, Kind, Person
from push.sending import caps, windows
from push.sending.gates import Facts, Manners
from push.sending.messages import Message
from push.subscribers import registry

STOPPED = "stopped"
# Which attributes of a person name what they have, so that an incident can be found to be theirs.
NAMES = ("products", "services")
ADDRESSES = "addresses"
# The attribute by which a portal says when this person last rated us badly (ISO 8601), besides what the desk tells.
RATED_BADLY = "rated_badly_at"

# A gap may be as long as a week, and a week is longer where it is not ours.
SLOTS_BACK = timedelta(days=8)
_LONGEST_DAY = timedelta(hours=50)
_URGENT = (Band.EMERGENCY.value, Band.AHEAD.value)


class Known:
    """All that is known of some people at one moment, and what they were given since."""

    def __init__(self, connection: sa.Connection, ids: Collection[int], manners: Manners, now: datetime) -> None:
        self.manners = manners
        self.now = now
        self.stopped = stopped_by(connection) or ""
        self.people = registry.people(connection, ids)
        self.browsers = _browsers(connection, ids)
        self.slots = caps.of(connection, ids, now - SLOTS_BACK)
        self._incidents = incidents.open_now(connection)
        self._tickets = _waiting_tickets(connection, ids)
        self._complaints = _complaints(connection, ids, now)
        self._bad_ratings = _bad_ratings(connection, ids, now)

    def facts(self, message: Message, kind: Kind, person: int, not_after: datetime | None, send: int = 0) -> Facts:
        """What is to be judged when this message is for this person."""
        courteous = kind in COURTEOUS
        who, slots = self.people[person], self.slots[person]
        return Facts(
            now=self.now,
            kind=kind,
            person=who,
            manners=self.manners,
            not_after=not_after,
            topic=message.topic,
            window=message.window,
            window_zone=message.zone,
            stopped=self.stopped,
            browsers=self.browsers.get(person, 0),
            ended=message.ended,
            held=message.held,
            urgent_ticket=self._urgent(person) if courteous else "",
            unhappy=self._unhappy(who) if courteous else "",
            incident=self._incident(who) if courteous else "",
            last_at=slots.last_at,
            taken=len(slots.numbers[windows.week(self.now, self._zone(who))]),
            granted=send in slots.sends,
        )

    def _zone(self, who: Person) -> ZoneInfo:
        return windows.zone(who.zone) or self.manners.zone

    def _urgent(self, person: int) -> str:
        for row in self._tickets.get(person, ()):
            if row.health == "down":
                return f"{row.desk} {row.ticket_id}, its server is down"
            if row.emergency or row.band in _URGENT:
                return f"{row.desk} {row.ticket_id}"
        return ""

    def _unhappy(self, who: Person) -> str:
        zone = self._zone(who)
        today = self.now.astimezone(zone).date()
        told = _instant(who.attributes.get(RATED_BADLY))
        if told is not None and told.astimezone(zone).date() == today:
            return "a bad rating"
        for row in self._bad_ratings.get(who.id, ()):
            if row.rated_badly_at.astimezone(zone).date() == today:
                return f"a bad rating of {row.desk} {row.ticket_id}"
        marked = [row for row in self._complaints.get(who.id, ()) if row.at.astimezone(zone).date() == today]
        marked += [
            row
            for row in self._tickets.get(who.id, ())
            if row.arrived_at.astimezone(zone).date() == today
            and any(part["factor"] == "complaint" for part in row.contributions)
        ]
        return f"a complaint in {marked[0].desk} {marked[0].ticket_id}" if marked else ""

    def _incident(self, who: Person) -> str:
        if not self._incidents:
            return ""
        names = {name for key in NAMES for name in _texts(who.attributes.get(key))}
        addresses = _texts(who.attributes.get(ADDRESSES))
        return next((known.title for known in self._incidents if known.concerns(names, addresses)), "")


def stopped_by(connection: sa.Connection) -> str | None:
    """Who switched all sending off, None while it is on."""
    found: str | None = connection.scalar(sa.select(push_switch.c.by).where(push_switch.c.name == STOPPED))
    return found


def stopped(connection: sa.Connection) -> Row | None:
    """The switch with who switched all sending off and when (`by`, `at`); None while it is on."""
    return connection.execute(sa.select(push_switch).where(push_switch.c.name == STOPPED)).first()


def _browsers(connection: sa.Connection, ids: Collection[int]) -> dict[int, int]:
    query = (
        sa.select(subscription.c.subscriber, sa.func.count().label("browsers"))
        .where(subscription.c.subscriber.in_(ids), subscription.c.state == "alive")
        .group_by(subscription.c.subscriber)
    )
    return {row.subscriber: row.browsers for row in connection.execute(query)}


def _waiting_tickets(connection: sa.Connection, ids: Collection[int]) -> Mapping[int, Sequence[Row]]:
    columns = ("desk", "ticket_id", "health", "emergency", "band", "arrived_at", "contributions")
    query = (
        sa.select(subscriber.c.id.label("person"), *(ticket.c[name] for name in columns))
        .join(ticket, _same_client())
        .where(subscriber.c.id.in_(ids), ticket.c.waiting)
    )
    return _by_person(connection.execute(query).all())


def _complaints(connection: sa.Connection, ids: Collection[int], now: datetime) -> Mapping[int, Sequence[Row]]:
    same_ticket = sa.and_(move.c.desk == ticket.c.desk, move.c.ticket_id == ticket.c.ticket_id)
    query = (
        sa.select(subscriber.c.id.label("person"), move.c.desk, move.c.ticket_id, move.c.at)
        .select_from(move.join(ticket, same_ticket).join(subscriber, _same_client()))
        .where(subscriber.c.id.in_(ids), move.c.kind == moves.COMPLAINT, move.c.at >= now - _LONGEST_DAY)
    )
    return _by_person(connection.execute(query).all())


def _bad_ratings(connection: sa.Connection, ids: Collection[int], now: datetime) -> Mapping[int, Sequence[Row]]:
    query = (
        sa.select(subscriber.c.id.label("person"), ticket.c.desk, ticket.c.ticket_id, ticket.c.rated_badly_at)
        .join(ticket, _same_client())
        .where(subscriber.c.id.in_(ids), ticket.c.rated_badly_at >= now - _LONGEST_DAY)
    )
    return _by_person(connection.execute(query).all())


def _same_client() -> sa.ColumnElement[bool]:
    return sa.and_(ticket.c.desk == subscriber.c.desk, ticket.c.client_id == subscriber.c.client_id)


def _by_person(rows: Sequence[Row]) -> Mapping[int, Sequence[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.person].append(row)
    return found


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _instant(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else None
