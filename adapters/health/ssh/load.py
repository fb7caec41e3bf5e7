"""`/proc/loadavg`, `/proc/uptime` and `nproc` (proc(5))."""

import re
from dataclasses import dataclass

_LOAD = re.compile(r"^(\d+\.\d+) (\d+\.\d+) (\d+\.\d+) \d+/\d+ \d+\s*$")
_UPTIME = re.compile(r"^(\d+)(?:\.\d+)?(?: \d+(?:\.\d+)?)?\s*$")


@dataclass(frozen=True, slots=True)
class Load:
    """The mean number of tasks that run, or wait to run or for a disk, over 1, 5 and 15 minutes."""

    one: float
    five: float
    fifteen: float


def parse_load(text: str) -> Load | None:
    """The averages, or None when the text is not loadavg."""
    match = _LOAD.match(text.strip())
    return Load(*(float(part) for part in match.groups())) if match else None


def parse_uptime(text: str) -> int | None:
    """Whole seconds since the start, or None."""
    match = _UPTIME.match(text.strip())
    return int(match[1]) if match else None


def parse_cores(text: str) -> int | None:
    """The number of processors, or None."""
    stripped = text.strip()
    return int(stripped) if stripped.isascii() and stripped.isdecimal() and 0 < int(stripped) < 100_000 else None
