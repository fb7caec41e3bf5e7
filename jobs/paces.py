"""How fast each pool moves, how good its times were, and the draw that tells how they look to those who wait."""

import random
from datetime import datetime, timedelta

import sqlalchemy as sa

from deskside.store import estimates, paces, queue
from deskside.store.database import Row, reading, utc_now
from jobs.context import Context
from jobs.engine.tasks import Run, Settle, task

MEASURE_SECONDS = 120
DRAW_SECONDS = 600


@task("queue.measure", max_attempts=1)
def measure(run: Run) -> Settle:
    """Measure every pool; what is found is stored with the job's end."""
    context = run.context
    with reading(context.database) as connection:
        found = paces.measure_all(connection, context.calendar, utc_now())
    return lambda connection: paces.put(connection, found)


@task("queue.draw", max_attempts=1)
def draw(run: Run) -> Settle:
    """Draw one waiting ticket of each pool that is open and keep its estimate, to be scored like any other."""
    context: Context = run.context

    def settle(connection: sa.Connection) -> None:
        now = utc_now()
        for state in queue.pools(connection):
            place = random.randrange(state.waiting)  # noqa: S311 - nobody gains by guessing it
            for row in queue.top(connection, state.pool, 1, place):
                if row.pool == state.pool and _open(context, row, now):
                    estimates.sample(connection, row, context.calendar(row.calendar), context.caps, now)

    return settle


def _open(context: Context, row: Row, now: datetime) -> bool:
    # While the desk is closed nothing moves, and the same would be drawn again and again.
    clock = context.calendar(row.calendar)
    return clock.seconds(now) > clock.seconds(now - timedelta(seconds=DRAW_SECONDS))
