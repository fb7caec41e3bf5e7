"""How people go through the chains, step by step."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from deskside.store.push_tables import chain, enrollment, send
from push.analytics.counts import Counts, heard, read, sums


@dataclass(frozen=True, slots=True)
class Way:
    """A chain: how many entered it and where they are, and what became of each step, in the order people get them."""

    id: int
    name: str
    state: str
    entered: int
    active: int
    finished: int
    exited: int
    steps: Sequence[tuple[str, Counts]]


def ways(connection: sa.Connection, numbers: Collection[int] | None = None) -> Sequence[Way]:
    """These chains by name; None is every one that is no draft."""
    wanted = chain.c.state != "draft" if numbers is None else chain.c.id.in_(numbers)
    inside: dict[int, dict[str, int]] = defaultdict(dict)
    counted = sa.select(enrollment.c.chain, enrollment.c.state, sa.func.count()).join(chain).where(wanted)
    for number, state, people in connection.execute(counted.group_by(enrollment.c.chain, enrollment.c.state)):
        inside[number][state] = people
    steps = _steps(connection, wanted)
    rows = connection.execute(sa.select(chain).where(wanted).order_by(chain.c.name))
    return [
        Way(
            id=row.id,
            name=row.name,
            state=row.state,
            entered=sum(inside[row.id].values()),
            active=inside[row.id].get("active", 0),
            finished=inside[row.id].get("finished", 0),
            exited=inside[row.id].get("exited", 0),
            steps=steps.get(row.id, ()),
        )
        for row in rows
    ]


def waiting(connection: sa.Connection, number: int) -> Mapping[str, int]:
    """How many people inside wait for each step of a chain."""
    under_way = send.c.state.in_(("due", "held", "claimed", "sending"))
    counted = (
        sa.select(send.c.step_key, sa.func.count())
        .join(enrollment, enrollment.c.id == send.c.enrollment)
        .where(enrollment.c.chain == number, enrollment.c.state == "active", under_way)
        .group_by(send.c.step_key)
    )
    return {key: people for key, people in connection.execute(counted)}  # noqa: C416 - rows are no pairs to mypy


def exits(connection: sa.Connection, number: int, limit: int = 20) -> Sequence[tuple[str, int]]:
    """Why people left a chain before its end, the most frequent first."""
    counted = (
        sa.select(enrollment.c.exit_reason, sa.func.count().label("people"))
        .where(enrollment.c.chain == number, enrollment.c.state == "exited")
        .group_by(enrollment.c.exit_reason)
        .order_by(sa.desc("people"), enrollment.c.exit_reason)
        .limit(limit)
    )
    return [(reason, people) for reason, people in connection.execute(counted)]


def _steps(connection: sa.Connection, wanted: sa.ColumnElement[bool]) -> dict[int, list[tuple[str, Counts]]]:
    told = heard(send.c.enrollment.in_(sa.select(enrollment.c.id).join(chain).where(wanted)))
    # A step is planned when the one before it is over: so the first send of each tells their order.
    query = (
        sa.select(enrollment.c.chain, told.c.step_key, *sums(told))
        .select_from(told.join(enrollment, enrollment.c.id == told.c.enrollment))
        .group_by(enrollment.c.chain, told.c.step_key)
        .order_by(sa.func.min(told.c.id))
    )
    found: dict[int, list[tuple[str, Counts]]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.chain].append((row.step_key, read(row)))
    return found
