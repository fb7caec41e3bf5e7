"""Clients' access in the worker: opened for a look, taught by it, and deleted in time."""

import logging
from collections.abc import Sequence

import sqlalchemy as sa

from deskside.model.access import Access
from deskside.model.health import HealthReport
from deskside.model.service import Target
from deskside.store import access
from deskside.store.database import reading
from deskside.vault import CannotOpen, Vault
from jobs.engine.tasks import Run, Settle, task

log = logging.getLogger(__name__)


def access_for(database: sa.Engine, vault: Vault, target: Target) -> Access | None:
    """The access its client gave to this target, or None."""
    if target.service_id is None or not vault.usable:
        return None
    with reading(database) as connection:
        try:
            return access.of_service(connection, vault, target.service_id)
        except CannotOpen as error:
            log.warning("the access to service %d cannot be opened: %s", target.service_id, error)
            return None


def learn(connection: sa.Connection, reports: Sequence[HealthReport]) -> None:
    """Keep what a look from inside learned of a server: its host key, and its damage counters."""
    # In the order of the services: two checks of one client's servers must not wait for each other.
    for report in sorted(reports, key=lambda report: report.target.service_id or 0):
        service_id = report.target.service_id
        for finding in report.findings:
            endpoint, key, values = (finding.details.get(name) for name in ("endpoint", "host_key", "counters"))
            if service_id is None or finding.probe != "ssh" or not isinstance(values, dict):
                continue
            access.learn_host_key(connection, service_id, str(endpoint), str(key))
            access.learn_counters(connection, service_id, values)


@task("access.purge", max_attempts=3)
def purge(run: Run) -> Settle:
    """Delete what is over its time, whatever happened to its ticket."""
    return access.purge
