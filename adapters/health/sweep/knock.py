"""TCP connections to many ports from one thread. A refusal is an answer."""

import errno
import select
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence

from adapters.health.connect import State, look_again, state_of
from adapters.health.errors import SweepStopped
from adapters.health.sweep.pace import Pace, timetable

Door = tuple[str, int]
MOST_IN_FLIGHT = 500
_LONGEST_NAP = 0.25
_Entry = tuple[socket.socket, Door]


def knock(
    doors: Sequence[Door],
    pace: Pace,
    *,
    seconds: float = 2.0,
    within: float = 30.0,
    stopping: Callable[[], bool] = lambda: False,
) -> dict[Door, State]:
    """Connect to every door (address, port), at most 500 at once, each given `seconds`.

    What was not begun `within` seconds is missing from the answer. Raises `SweepStopped`.
    """
    started = time.monotonic()
    upcoming = deque(timetable([address for address, _ in doors], pace))
    with select.epoll() as poller:
        knocks = _Knocks(poller, seconds)
        try:
            while knocks.pending or upcoming:
                if stopping():
                    raise SweepStopped("the sweep was stopped")
                now = time.monotonic()
                if now - started > within:
                    upcoming.clear()
                while upcoming and started + upcoming[0][0] <= now and knocks.begin(doors[upcoming[0][1]]):
                    upcoming.popleft()
                full = len(knocks.pending) >= MOST_IN_FLIGHT
                knocks.wait(_LONGEST_NAP if full or not upcoming else started + upcoming[0][0] - now)
        finally:
            knocks.close()
    return knocks.found


class _Knocks:
    """The connections under way, and what came of those that are not any more."""

    def __init__(self, poller: select.epoll, seconds: float) -> None:
        self.found: dict[Door, State] = {}
        self.pending: dict[int, _Entry] = {}
        self._poller = poller
        self._seconds = seconds
        self._timers: deque[tuple[float, int, _Entry]] = deque()

    def begin(self, door: Door) -> bool:
        """Begin a connection; False when there is no room now, so that one that is under way must end first."""
        if len(self.pending) >= MOST_IN_FLIGHT:
            return False
        try:
            sock = socket.socket(socket.AF_INET6 if ":" in door[0] else socket.AF_INET, socket.SOCK_STREAM)
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE) and self.pending:
                return False
            self.found[door] = State.BLOCKED
            return True
        sock.setblocking(False)
        number = sock.connect_ex(door)
        if number != errno.EINPROGRESS:
            self._settle((sock, door), state_of(number))
            return True
        entry = (sock, door)
        self.pending[sock.fileno()] = entry
        self._poller.register(sock.fileno(), select.EPOLLOUT)
        self._timers.append((time.monotonic() + self._seconds, sock.fileno(), entry))
        return True

    def wait(self, nap: float) -> None:
        """Wait at most `nap` seconds; settle what was answered, and what had its time."""
        if self._timers:
            nap = min(nap, self._timers[0][0] - time.monotonic())
        for number, _events in self._poller.poll(max(0.001, nap), MOST_IN_FLIGHT):
            entry = self.pending.pop(number)
            self._settle(entry, state_of(entry[0].getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)))
        now = time.monotonic()
        while self._timers and self._timers[0][0] <= now:
            _, number, entry = self._timers.popleft()
            # The number may belong to a later connection by now.
            if self.pending.get(number) is entry:
                del self.pending[number]
                self._settle(entry, look_again(entry[0]))

    def close(self) -> None:
        """Give up what is under way."""
        for sock, _ in self.pending.values():
            sock.close()
        self.pending.clear()

    def _settle(self, entry: _Entry, state: State) -> None:
        self.found[entry[1]] = state
        entry[0].close()
