"""From a ticket and what we know of it to its place: asks every factor, adds up, and words the result for the store."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from deskside.model.place import Band, Contribution, Place, Scale
from deskside.model.ticket import Client, Status, Ticket
from deskside.order import key as order
from deskside.ports import Situation
from deskside.store import moves
from deskside.store.database import Row
from jobs.context import Context


@dataclass(frozen=True, slots=True)
class Model:
    """The minutes a place is worked out with: the version of the weights in force (0: the configuration's own), what
    they change of the configuration, and those that are only tried, if any.
    """

    version: int = 0
    minutes: Mapping[str, int] | None = None
    shadow: Mapping[str, int] | None = None


CONFIGURED = Model()


def weigh(
    context: Context,
    ticket: Ticket,
    arrived_at: datetime,
    *,
    reopened: bool,
    carried_minutes: int,
    server_down: bool,
    calendar: str = "",
    recent_tickets: int | None = None,
    incident: str | None = None,
    minutes: Mapping[str, int] | None = None,
) -> Place:
    """The place of a ticket that arrived (or came back) at `arrived_at`, by all factors as they are now.

    `minutes` are weights that stand in for the configuration's.
    """
    level = ticket.service_level
    clock = context.calendar(calendar)
    situation = Situation(
        ticket=ticket,
        now=arrived_at,
        reopened=reopened,
        carried_minutes=carried_minutes,
        server_down=server_down,
        minutes_to_breach=None if level is None else (clock.seconds(level.breach_at) - clock.seconds(arrived_at)) // 60,
        options={**context.settings.queue, **(minutes or {})},
        recent_tickets=recent_tickets,
        incident=incident,
    )
    return order.place(clock.seconds(arrived_at), _weighed(context, situation), context.caps)


def columns(context: Context, place: Place, calendar: str = "") -> dict[str, Any]:
    """A fresh place as columns of the ticket's row."""
    return {
        "calendar": calendar,
        "arrived": place.arrived,
        "head_start": place.head_start,
        "key": place.key,
        "band": place.band.value,
        "contributions": [asdict(contribution) for contribution in place.contributions],
        "safe_at": context.calendar(calendar).at(order.safe_from(place.arrived, place.head_start, context.caps)),
        "emergency": place.band is Band.EMERGENCY,
        "pinned": False,
        "overtaken": 0,
        "ordinary_key": None,
    }


def raised(context: Context, row: Row, place: Place, at: datetime) -> dict[str, Any]:
    """The columns that change when a waiting ticket earned more head start than it had; empty when it did not.

    The key only falls, and only as far as if the ticket had arrived at `at` with the new head start.
    """
    if place.head_start <= row.head_start:
        return {}
    event = context.calendar(row.calendar).seconds(at)
    key = order.boosted(row.key, event, place.head_start // 60)
    emergency = row.emergency or place.band is Band.EMERGENCY
    return {
        "key": key,
        "ordinary_key": _also_lowered(row, event - place.head_start),
        "head_start": place.head_start,
        "band": order.band(place.head_start // 60, emergency=emergency).value,
        "emergency": emergency,
        "contributions": [*(asdict(contribution) for contribution in place.contributions), *_moves(row)],
    }


def _also_lowered(row: Row, most: int) -> int | None:
    # What a ticket earns besides a place that was paid for stays when the money goes back.
    return None if row.ordinary_key is None else min(row.ordinary_key, most)


def _moves(row: Row) -> list[dict[str, Any]]:
    # No factor knows of what people did, and it still holds.
    return [item for item in row.contributions if item["factor"] in (moves.FACTOR, moves.BOUGHT)]


def raised_in_shadow(context: Context, columns: Mapping[str, Any], place: Place, at: datetime) -> dict[str, Any]:
    """The key of a waiting ticket under the weights that are tried, when it may have earned something by `at`.

    What it had from the start, counted from now, is less than it already has: so that a look without news changes
    nothing.
    """
    event = context.calendar(columns["calendar"]).seconds(at)
    return {"shadow_key": order.boosted(columns["shadow_key"], event, place.head_start // 60)}


def emergency(context: Context, row: Row, at: datetime, incident: str | None = None) -> dict[str, Any]:
    """The columns that change when the server of a waiting ticket is found dead at `at`; empty when it already was.

    Nothing changes either when an open `incident` explains it: then the outage is known, and worked on.
    """
    if row.emergency:
        return {}
    situation = Situation(
        ticket=_remembered(row),
        now=at,
        reopened=False,
        carried_minutes=0,
        server_down=True,
        minutes_to_breach=None,
        options=context.settings.queue,
        incident=incident,
    )
    urgent = [item for item in _weighed(context, situation) if item.scale is Scale.EMERGENCY and item.minutes]
    if not urgent:
        return {}
    minutes = min(context.caps.emergency, sum(item.minutes for item in urgent))
    event = context.calendar(row.calendar).seconds(at)
    values: dict[str, Any] = {
        "key": order.boosted(row.key, event, minutes),
        "ordinary_key": _also_lowered(row, event - minutes * 60),
        "head_start": max(row.head_start, minutes * 60),
        "band": Band.EMERGENCY.value,
        "emergency": True,
        "contributions": [*row.contributions, *(asdict(item) for item in urgent)],
    }
    if row.shadow_key is not None:
        # The weights that are tried say nothing about emergencies.
        values["shadow_key"] = min(row.shadow_key, values["key"])
    return values


def _weighed(context: Context, situation: Situation) -> list[Contribution]:
    weighed = [factor.weigh(situation) for factor in context.factors]
    return [contribution for contribution in weighed if contribution is not None]


def _remembered(row: Row) -> Ticket:
    # What the store keeps of the ticket is all that an emergency factor needs.
    return Ticket(
        desk=row.desk,
        id=row.ticket_id,
        subject=row.subject,
        text="",
        status=Status(row.status),
        pool=row.pool,
        client=Client(row.client_id, row.client_name),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
