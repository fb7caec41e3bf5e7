"""Every other minute: how fast each pool moves now, and how good its times were."""

from deskside.store import paces
from deskside.store.database import reading, utc_now
from jobs.engine.tasks import Run, Settle, task

EVERY_SECONDS = 120


@task("queue.measure", max_attempts=1)
def measure(run: Run) -> Settle:
    """Measure every pool; what is found is stored with the job's end."""
    context = run.context
    with reading(context.database) as connection:
        found = paces.measure_all(connection, context.calendar, utc_now())
    return lambda connection: paces.put(connection, found)
