"""Known incidents: an agent must not look for what the operator already knows."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from adapters.health.settings import HealthSettings
from deskside.model.health import Finding, Sign, Word
from deskside.model.incident import Incident
from deskside.model.service import Target
from deskside.ports import Surroundings
from deskside.store import incidents
from deskside.store.database import reading

KEPT_SECONDS = 10.0

_log = logging.getLogger(__name__)


class IncidentProbe:
    """Tells the open incidents that concern the target. `read` gives all that are open, and may block."""

    name = "incident"
    kind = "incident"

    def __init__(self, read: Callable[[], Sequence[Incident]], kept_seconds: float = KEPT_SECONDS) -> None:
        self._read = read
        self._kept_seconds = kept_seconds
        self._known: Sequence[Incident] = ()
        self._read_at: float | None = None

    def applies(self, target: Target) -> bool:
        """Always: an incident may concern anything."""
        return True

    async def look(self, target: Target, surroundings: Surroundings) -> Sequence[Finding]:
        """One finding when there is an incident, with details `known_incident` true; else none."""
        names = {name for name in (target.service, target.host) if name}
        addresses = {a for a in (surroundings.address, target.address, *target.addresses) if a}
        concerned = [incident for incident in await self._open() if incident.concerns(names, addresses)]
        if not concerned:
            return ()
        today = datetime.now(UTC).date()
        told = [
            {
                "id": incident.id,
                "title": incident.title,
                "since": incident.opened_at.isoformat(),
                "today": incident.opened_at.date() == today,
            }
            for incident in concerned
        ]
        summary = "known incident: " + "; ".join(incident.title for incident in concerned)
        details = {"code": "open", "known_incident": True, "incidents": told}
        return (Finding("incident", "incident", Word.UNKNOWN, Sign.NOTHING, summary, details),)

    async def _open(self) -> Sequence[Incident]:
        now = time.monotonic()
        if self._read_at is None or now - self._read_at >= self._kept_seconds:
            self._known = await asyncio.to_thread(self._read)
            self._read_at = now
        return self._known


class Plugin:
    """Builds the probe over the incidents in Deskside's own database."""

    name = "incident"

    def build(self, settings: HealthSettings, database: sa.Engine) -> IncidentProbe:
        """The probe; the database is first touched at the first look."""
        return IncidentProbe(lambda: _stored(database))


def _stored(database: sa.Engine) -> Sequence[Incident]:
    """The open incidents; none, and a line in the log, when they cannot be read: a check goes on without them."""
    file = database.url.database
    if database.dialect.name == "sqlite" and file and not Path(file).exists():
        # `deskside health` works without a database and must not make one.
        return ()
    try:
        with reading(database) as connection:
            return incidents.open_now(connection)
    except sa.exc.SQLAlchemyError as error:
        _log.warning("the known incidents cannot be read (%s)", type(error).__name__)
        return ()


probe = Plugin()
