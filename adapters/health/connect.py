"""One TCP connection to a checked address, and what came of it."""

import asyncio
import errno
import select
import socket
import struct
import time
from dataclasses import dataclass
from enum import StrEnum

_TCP_INFO_RTT = struct.Struct("@I")
_TCP_INFO_RTT_OFFSET = 68


class State(StrEnum):
    """What came of an attempt to connect. `BLOCKED`: this machine itself forbids or lacks the way."""

    OPEN = "open"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    BLOCKED = "blocked"

    @property
    def alive(self) -> bool:
        """True when something answered: a refusal is an answer."""
        return self in (State.OPEN, State.REFUSED)

    @property
    def silent(self) -> bool:
        """True when the host should have answered and did not."""
        return self in (State.TIMEOUT, State.UNREACHABLE)


@dataclass(frozen=True, slots=True)
class Attempt:
    """The outcome; `sock` is connected exactly when `state` is `OPEN`, and then the caller closes it.

    `rtt_ms` is the kernel's own measure (TCP_INFO), free of our loop's delays; 0 when not open.
    """

    state: State
    took_ms: float
    sock: socket.socket | None = None
    rtt_ms: float = 0.0


async def connect(address: str, port: int, seconds: float) -> Attempt:
    """Connect to `address` (an IP address, never a name) within `seconds`. Raises nothing of the network."""
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    sock.setblocking(False)
    kept = False
    try:
        try:
            async with asyncio.timeout(seconds):
                await loop.sock_connect(sock, (address, port))
            state = State.OPEN
        except TimeoutError as error:
            # The kernel's own ETIMEDOUT comes as TimeoutError too. Ours may have fired while the loop was busy and
            # the answer already waits in the kernel.
            state = State.TIMEOUT if error.errno is not None else look_again(sock)
        except OSError as error:
            state = state_of(error.errno)
        took = (time.perf_counter() - started) * 1000
        if state is not State.OPEN:
            return Attempt(state, took)
        kept = True
        return Attempt(state, took, sock, _rtt(sock))
    finally:
        if not kept:
            sock.close()


def has_route(address: str) -> bool:
    """Whether this machine has a way to `address` at all; sends nothing."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect((address, 9))
        except OSError:
            return False
    return True


def look_again(sock: socket.socket) -> State:
    """What came of a connection after its time is up: the answer may already wait in the kernel."""
    poll = select.poll()
    poll.register(sock, select.POLLOUT)
    if not poll.poll(0):
        return State.TIMEOUT
    return state_of(sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))


def state_of(number: int | None) -> State:
    """What an error number of connect(2) means; 0 is success."""
    match number:
        case 0:
            return State.OPEN
        case errno.ECONNREFUSED | errno.ECONNRESET:
            return State.REFUSED
        case errno.ETIMEDOUT:
            return State.TIMEOUT
        case errno.EHOSTUNREACH | errno.ENETUNREACH | errno.EHOSTDOWN:
            return State.UNREACHABLE
        case _:
            return State.BLOCKED


def _rtt(sock: socket.socket) -> float:
    try:
        info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    except OSError:
        return 0.0
    if len(info) < _TCP_INFO_RTT_OFFSET + 4:
        return 0.0
    return float(_TCP_INFO_RTT.unpack_from(info, _TCP_INFO_RTT_OFFSET)[0]) / 1000
