"""A past for the demonstration: four weeks of answered tickets, so that times, charts and weights have what to tell.

The tickets never were on the simulated desk. They are served here as the real ones are, by the shipped key.
"""

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from deskside.demo import cast
from deskside.model.place import Scale, because
from deskside.order import estimate as order
from deskside.order.estimate import Calibration, Outcome
from deskside.order.key import Caps, place
from deskside.order.pace import Pace
from deskside.store.tables import estimate, turn

DAYS = 28
# Pool, tickets a day, agents. They are busy 85 % of their time; at noon twice as much comes in as at night.
POOLS = ((cast.SERVERS_GROUP, 130, 2), (cast.BILLING_GROUP, 60, 1), (cast.RUSSIAN_GROUP, 60, 1))
LOAD = 0.85
_DAY = 86_400


@dataclass
class _Past:
    """One ticket of the past; times in seconds of the epoch."""

    number: int
    client: cast.Organization
    arrived: int
    place: Any
    promised: int | None
    before: int = 0
    base: int = 0
    quantiles: Any = None
    served: int = 0


def fill(connection: sa.Connection, desk: str, now: datetime, caps: Caps) -> None:
    """Write the past of every pool of this desk into an empty store."""
    chance = random.Random(20)  # noqa: S311 - a show, always the same
    for pool, per_day, agents in POOLS:
        served = list(_served(chance, int(now.timestamp()), per_day, agents, caps))
        connection.execute(sa.insert(turn), [_turn(desk, pool, item) for item in served])
        connection.execute(sa.insert(estimate), [_estimate(desk, pool, item) for item in served])


def _served(chance: random.Random, now: int, per_day: int, agents: int, caps: Caps) -> Iterator[_Past]:
    """Everybody who was answered before now, in that order."""
    mean = _DAY / per_day * agents * LOAD
    past = list(_arrivals(chance, now, per_day, caps))
    inflow: dict[int, float] = {}
    for item in past:
        inflow[item.place.head_start] = inflow.get(item.place.head_start, 0) + 1 / (DAYS * _DAY)
    pace = Pace(agents / mean, 0.0, tuple(sorted(inflow.items())), len(past))
    free, waiting = [0] * agents, list[tuple[int, int, _Past]]()
    outcomes: list[Outcome] = []
    calibration: Calibration | None = None
    upcoming = 0
    while upcoming < len(past) or waiting:
        at = max(free[0], past[upcoming].arrived if not waiting else 0)
        while upcoming < len(past) and past[upcoming].arrived <= at:
            item = past[upcoming]
            item.before = sum(1 for key, _, _ in waiting if key < item.place.key)
            lead = item.arrived - item.place.key
            item.base = order.base(item.before, lead, pace)
            item.quantiles = order.quantiles(item.before, lead, pace, calibration) if calibration else None
            heapq.heappush(waiting, (item.place.key, item.number, item))
            upcoming += 1
        _, _, item = heapq.heappop(waiting)
        item.served = at + chance.randint(20, 90)
        heapq.heapreplace(free, at + max(60, int(chance.expovariate(1 / mean))))
        if item.served >= now:
            return
        outcomes.append(Outcome(item.before, (item.served - item.arrived) / item.base))
        if len(outcomes) % 100 == 0:
            calibration = order.calibrate({"": outcomes[-1000:]}).get("")
        yield item


def _arrivals(chance: random.Random, now: int, per_day: int, caps: Caps) -> Iterator[_Past]:
    number, at = 0, now - DAYS * _DAY
    while at < now:
        hour = at % _DAY // 3600
        at += int(chance.expovariate(per_day / _DAY * (4 / 3 if 8 <= hour < 20 else 2 / 3))) + 1
        client = chance.choice(cast.ORGANIZATIONS)
        since = datetime.fromisoformat(client.since).replace(tzinfo=UTC).timestamp()
        years = max(0, int(now - since) // (365 * _DAY))
        reasons = [
            because(
                "tenure", min(30, 6 * years), Scale.COMMERCIAL, "whole years as a client: %(years)s",
                share=min(1.0, years / 5), years=years,
            )
        ]  # fmt: skip
        if client.vip:
            reasons.append(because("vip_tag", 60, Scale.COMMERCIAL, "has the tag %(tag)s", share=1.0, tag="vip"))
        if chance.random() < 0.03:
            reasons.append(because("server_down", caps.emergency, Scale.EMERGENCY, "the server is down, measured"))
        number += 1
        promised = 4 * 3600 if client.plan == "enterprise" else 24 * 3600
        yield _Past(number, client, at, place(at, reasons, caps), promised)


def _turn(desk: str, pool: str, item: _Past) -> dict[str, Any]:
    arrived, served = _moment(item.arrived), _moment(item.served)
    return {
        "desk": desk,
        "ticket_id": f"past-{pool}-{item.number}",
        "number": 1,
        "pool": pool,
        "client_id": item.client.key,
        "band": item.place.band.value,
        "contributions": [_stored(part) for part in item.place.contributions],
        "arrived_at": arrived,
        "arrived": item.arrived,
        "key": item.place.key,
        "head_start": item.place.head_start,
        "served_at": served,
        "waited": item.served - item.arrived,
        "overtaken": 0,
        "position": 0,
        "due_at": None if item.promised is None else arrived + timedelta(seconds=item.promised),
        "replied_at": served,
    }


def _estimate(desk: str, pool: str, item: _Past) -> dict[str, Any]:
    told = item.quantiles
    return {
        "desk": desk,
        "ticket_id": f"past-{pool}-{item.number}",
        "number": 1,
        "pool": pool,
        "shown_in": "arrival",
        "at": _moment(item.arrived),
        "position": item.before + 1,
        "base": item.base,
        "q50": told.q50 if told else None,
        "q80": told.q80 if told else None,
        "q90": told.q90 if told else None,
        "actual": item.served - item.arrived,
        "scored_at": _moment(item.served),
    }


def _stored(part: Any) -> dict[str, Any]:
    return {
        "factor": part.factor,
        "minutes": part.minutes,
        "scale": part.scale.value,
        "reason": part.reason,
        "template": part.template,
        "values": dict(part.values),
        "share": part.share,
    }


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
