"""The probe: a look from inside, where the client gave access to this very server."""

from collections.abc import Sequence

from adapters.health.ssh.collect import NotCollected, collect, endpoint
from adapters.health.ssh.judge import counters, finding, judge
from adapters.health.ssh.seen import understand
from deskside.model.health import Finding, Word
from deskside.model.service import Target
from deskside.ports import Surroundings


class SshProbe:
    """Signs in, reads, judges. Without access it says nothing."""

    name = "ssh"
    kind = "ssh"

    def applies(self, target: Target) -> bool:
        """When the target is a service of the inventory: nothing else can have an access."""
        return target.service_id is not None

    async def look(self, target: Target, surroundings: Surroundings) -> Sequence[Finding]:
        """A finding for each area with problems, one for what is well, one for what could not be seen.

        The first finding's details hold `host_key` and `counters`, for the store to remember.
        """
        access, address = surroundings.access, surroundings.address
        if access is None or address is None:
            return ()
        if address not in (*target.addresses, target.address):
            # DNS may point anywhere; a login goes to the client's own server only.
            return (finding(Word.UNKNOWN, {"code": "elsewhere"}, alive=False),)
        try:
            collected = await collect(address, access, surroundings.limits)
        except NotCollected as error:
            details = {"code": error.code, "port": access.port, "state": error.state}
            return (finding(Word.UNKNOWN, details, alive=error.alive),)
        seen = understand(collected.sections)
        if not seen.anything:
            # The whole script ran and found no Linux, or something in its first lines hung.
            code = "no_shell" if "end" in collected.sections else "timeout"
            return (finding(Word.UNKNOWN, {"code": code}),)
        first, *others = judge(seen, surroundings.limits, access.counters)
        learned: dict[str, object] = {
            "endpoint": endpoint(address, access.port),
            "host_key": collected.host_key,
            "counters": counters(seen),
        }
        return (_with(first, learned), *others)


def _with(made: Finding, learned: dict[str, object]) -> Finding:
    return Finding(made.probe, made.kind, made.word, made.sign, made.summary, {**made.details, **learned}, made.took_ms)


probe = SshProbe()
