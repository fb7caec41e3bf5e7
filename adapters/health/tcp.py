"""TCP ports: whether they open. A refusal is a proof of life too."""

import asyncio
from collections.abc import Sequence

from adapters.health.connect import Attempt, State, connect
from deskside.model.health import Finding, Sign, Word
from deskside.model.service import Target
from deskside.ports import Surroundings

USUAL_PORTS = (22, 80, 443)


class TcpProbe:
    """Connects to the target's ports, or to the usual ones when the inventory names none."""

    name = "tcp"
    kind = "tcp"

    def applies(self, target: Target) -> bool:
        """Always."""
        return True

    async def look(self, target: Target, surroundings: Surroundings) -> Sequence[Finding]:
        """One finding over all ports; details `ports` lists port, state and milliseconds of each."""
        address, limits = surroundings.address, surroundings.limits
        if address is None:
            return ()
        ports = tuple(dict.fromkeys(target.ports or USUAL_PORTS))[: int(limits["tcp_ports"])]
        tasks = [asyncio.create_task(_attempt(address, port, limits["tcp_seconds"])) for port in ports]
        try:
            await asyncio.wait(tasks)
        finally:
            for task in tasks:
                task.cancel()
        return (
            judge_ports({port: task.result() for port, task in zip(ports, tasks, strict=True)}, bool(target.ports)),
        )


async def _attempt(address: str, port: int, seconds: float) -> Attempt:
    attempt = await connect(address, port, seconds)
    if attempt.sock is not None:
        attempt.sock.close()
    return attempt


def judge_ports(attempts: dict[int, Attempt], expected: bool) -> Finding:
    """The finding over all attempts. Only ports of the inventory (`expected`) are missed when they are closed."""
    states = {port: attempt.state for port, attempt in attempts.items()}
    details: dict[str, object] = {
        "code": "ports",
        "expected": expected,
        "ports": [
            {"port": port, "state": a.state.value, "ms": round(a.rtt_ms or a.took_ms, 3)}
            for port, a in attempts.items()
        ],
    }
    summary = "; ".join(
        f"{state.value}: {', '.join(str(port) for port in sorted(states) if states[port] is state)}"
        for state in State
        if state in states.values()
    )
    if any(state.alive for state in states.values()):
        sign = Sign.ALIVE
    elif any(state.silent for state in states.values()):
        sign = Sign.SILENT
    else:
        sign = Sign.NOTHING
    return Finding("tcp", "tcp", _word(set(states.values()), expected), sign, f"ports {summary}", details)


def _word(states: set[State], expected: bool) -> Word:
    known = states - {State.BLOCKED}
    if not known:
        return Word.UNKNOWN
    if all(state.silent for state in known):
        return Word.DOWN if expected else Word.UNKNOWN
    if expected:
        return Word.OK if known == {State.OPEN} else Word.DEGRADED
    return Word.OK if State.OPEN in known else Word.UNKNOWN


probe = TcpProbe()
