"""The queue: who is next, and why."""

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from deskside.order.estimate import Quantiles
from deskside.store import claims, moves, queue
from deskside.store.database import reading, utc_now
from webhooks import places, times
from webhooks.context import current
from webhooks.pages.access import person
from webhooks.pages.blueprint import pages

HEADS = 5
STEP = 20
MOST = 200
FURTHEST = 1_000_000
MOVES_SHOWN = 8
MOVES_SHOWN_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of one pool as it is shown: `offset` tickets come before it, `rest` after it.

    `times` has the expected time of those whose time is known, by the id of the ticket's row.
    """

    state: queue.PoolState
    tickets: list[places.Queued]
    times: dict[int, Quantiles]
    offset: int
    rest: int


@pages.get("/")
def home() -> ResponseReturnValue:
    """The queue is where the day starts."""
    return redirect(url_for("pages.queue_page"))


@pages.get("/queue")
def queue_page() -> ResponseReturnValue:
    """All pools by their first tickets, or one pool; with `fragment` only what a poll replaces."""
    chosen = request.args.get("pool") or None
    show = _number("show", STEP, STEP, MOST)
    offset = _number("from", 0, 0, FURTHEST)
    now = utc_now()
    with reading(current().database) as connection:
        pools = queue.pools(connection)
        sections = _sections(connection, pools, chosen, show, offset)
        mine = claims.held_by(connection, person().name, now)
        moved = moves.recent(connection, now - MOVES_SHOWN_FOR, MOVES_SHOWN)
    template = "queue_list.html" if request.args.get("fragment") else "queue.html"
    return render_template(
        template,
        pools=pools,
        chosen=chosen,
        sections=sections,
        waiting=sum(pool.waiting for pool in pools),
        down=sum(pool.down for pool in pools),
        oldest=min((pool.oldest for pool in pools if pool.oldest), default=None),
        show=show,
        offset=offset,
        step=STEP,
        most=MOST,
        mine=mine,
        moved=moved,
        now=now,
    )


def _sections(
    connection: sa.Connection, pools: tuple[queue.PoolState, ...], chosen: str | None, show: int, offset: int
) -> list[Section]:
    if chosen is None:
        return [_section(connection, pool, HEADS, 0) for pool in pools]
    return [_section(connection, pool, show, offset) for pool in pools if pool.pool == chosen]


def _section(connection: sa.Connection, pool: queue.PoolState, limit: int, offset: int) -> Section:
    found = places.of_pool(connection, pool.pool, limit, offset)
    expected = times.glances(connection, pool.pool, found)
    return Section(pool, found, expected, offset, max(0, pool.waiting - offset - len(found)))


def _number(name: str, default: int, least: int, most: int) -> int:
    found = request.args.get(name, default, type=int)
    return min(most, max(least, found))
