"""The service's own status: whether it is paid and active is what support checks first.

It explains why something may not work; whether it works is for the other probes to see. So the word is never worse
than unknown, and the sign is `NOTHING`.
"""

from collections.abc import Sequence

from deskside.model.health import Finding, Sign, Word
from deskside.model.service import Target
from deskside.ports import Surroundings


class StatusProbe:
    """Tells a status other than active, as the inventory has it; asks nobody."""

    name = "status"
    kind = "status"

    def applies(self, target: Target) -> bool:
        """When the service is not simply active."""
        return target.status != "active"

    async def look(self, target: Target, surroundings: Surroundings) -> Sequence[Finding]:
        """One finding; details `code` is the status."""
        details = {"code": target.status, "service": target.service}
        summary = f"the service {target.service} is {target.status}"
        return (Finding("status", "status", Word.UNKNOWN, Sign.NOTHING, summary, details),)


probe = StatusProbe()
