"""`/proc/meminfo`: how much memory is left; `/proc/vmstat`: how often the kernel killed for lack of it (proc(5))."""

import re
from dataclasses import dataclass

_LINE = re.compile(r"^([\w()]+):\s+(\d+)(?: kB)?\s*$", re.MULTILINE)
_OOM_KILL = re.compile(r"^oom_kill (\d+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes. `available` is what programs can still get without swapping; before Linux 3.14 it must be guessed."""

    total: int
    available: int
    swap_total: int
    swap_free: int

    @property
    def available_percent(self) -> float:
        """The available part of all memory."""
        return 100 * self.available / self.total


def fields(text: str) -> dict[str, int]:
    """Every field as it stands, kB where the file says so."""
    return {name: int(value) for name, value in _LINE.findall(text)}


def parse_meminfo(text: str) -> Memory | None:
    """What is left, or None when the text is not meminfo."""
    found = fields(text)
    if not found.get("MemTotal") or "MemFree" not in found:
        return None
    guessed = sum(found.get(name, 0) for name in ("MemFree", "Buffers", "Cached", "SReclaimable")) - found.get(
        "Shmem", 0
    )
    available = found.get("MemAvailable", max(0, guessed))
    return Memory(
        found["MemTotal"] * 1024,
        available * 1024,
        found.get("SwapTotal", 0) * 1024,
        found.get("SwapFree", 0) * 1024,
    )


def parse_oom_count(vmstat: str) -> int | None:
    """How many processes were killed since the start; None on kernels before 4.13, which do not count."""
    match = _OOM_KILL.search(vmstat)
    return int(match[1]) if match else None
