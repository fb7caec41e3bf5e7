"""What keeps the house in order: the heartbeat and the purge of old rows."""

from datetime import timedelta

import sqlalchemy as sa

from deskside.knowledge import journal, plans
from deskside.knowledge.search import coverage, searches
from deskside.store import estimates, heartbeats, locks, probe_log
from deskside.store.database import utc_now
from deskside.store.tables import effect, fire, health_check, host_change, inbox, sweep
from jobs.clock import NODE
from jobs.engine.tasks import Run, Settle, task
from push.sending import caps

# Longer than any week or distance between two messages that is still to be kept.
CAPS_KEPT = timedelta(days=30)
# A year tells what is asked in which season.
COVERAGE_KEPT = timedelta(days=365)


@task("house.heartbeat", max_attempts=1)
def heartbeat(run: Run) -> Settle:
    """Prove that clock and worker both live: the clock enqueued this, a worker runs it."""
    return lambda connection: heartbeats.beat(connection, NODE, "worker")


@task("house.purge", max_attempts=3)
def purge(run: Run) -> Settle:
    """Delete what is settled and older than the configured days; dead letters stay until a person settles them."""
    before = utc_now() - timedelta(days=run.context.settings.jobs["keep_days"])

    def settle(connection: sa.Connection) -> None:
        connection.execute(sa.delete(inbox).where(inbox.c.state.in_(["done", "ignored"]), inbox.c.settled_at < before))
        connection.execute(
            sa.delete(effect).where(effect.c.state.in_(["done", "dropped"]), effect.c.settled_at < before)
        )
        connection.execute(sa.delete(health_check).where(health_check.c.checked_at < before))
        probe_log.purge(connection, before)
        estimates.purge(connection, before, utc_now())
        locks.purge(connection, before)
        caps.purge(connection, min(before, utc_now() - CAPS_KEPT))
        journal.purge(connection, before)
        plans.purge(connection, before)
        searches.purge(connection, before)
        coverage.purge(connection, min(before, utc_now() - COVERAGE_KEPT))
        connection.execute(sa.delete(host_change).where(host_change.c.at < before))
        connection.execute(sa.delete(sweep).where(sweep.c.at < before))
        newest = fire.alias("newest")
        last = sa.select(sa.func.max(newest.c.fire_time)).where(newest.c.schedule_id == fire.c.schedule_id)
        connection.execute(sa.delete(fire).where(fire.c.fire_time < before, fire.c.fire_time < last.scalar_subquery()))

    return settle
