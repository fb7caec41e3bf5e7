"""Lines of the kernel's log about processes that were killed for lack of memory."""

import re
from dataclasses import dataclass

# dmesg:                       [12345.678901] Out of memory: Killed process 1234 (mysqld) total-vm:...
# journalctl short-monotonic:  [12345.678901] web1 kernel: Memory cgroup out of memory: Killed process 1234 (php) ...
_KILL = re.compile(r"^\[\s*(\d+)\.\d+\].*?Kill(?:ed)? process \d+,? \((.{1,15}?)\)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Kill:
    """One process the kernel killed, so many seconds after the start of the machine."""

    process: str
    at: int


def parse_kills(text: str) -> tuple[Kill, ...]:
    """The kills, oldest first; the log may hold other lines."""
    return tuple(sorted((Kill(name, int(at)) for at, name in _KILL.findall(text)), key=lambda kill: kill.at))
