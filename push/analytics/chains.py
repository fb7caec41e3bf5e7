"""How people go through the chains, step by step."""

from collections import defaultdict
from collections.abc import Sequence
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


def ways(connection: sa.Connection) -> Sequence[Way]:
    """Every chain that is no draft."""
    inside: dict[int, dict[str, int]] = defaultdict(dict)
    counted = sa.select(enrollment.c.chain, enrollment.c.state, sa.func.count())
    for number, state, people in connection.execute(counted.group_by(enrollment.c.chain, enrollment.c.state)):
        inside[number][state] = people
    steps = _steps(connection)
    rows = connection.execute(sa.select(chain).where(chain.c.state != "draft").order_by(chain.c.name))
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


def _steps(connection: sa.Connection) -> dict[int, list[tuple[str, Counts]]]:
    told = heard(send.c.enrollment.is_not(None))
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
