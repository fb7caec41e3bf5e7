"""`systemctl --failed`: units that systemd gave up, as text of any version."""

import re
from dataclasses import dataclass

# --plain has no mark before the unit; older versions and terminals put one there.
_ROW = re.compile(r"^\s*(?:[●*×○↻]\s*)?(\S+\.[a-z]+)\s+(\S+)\s+(\S+)\s+(\S+)(?:\s+(.*?))?\s*$")
_LOADED = ("loaded", "not-found", "error", "masked", "bad-setting", "merged", "stub")


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit; `name` is without `.service`."""

    name: str
    description: str


def parse_failed(text: str) -> tuple[Unit, ...]:
    """The failed units; the listing may hold others, a header and a legend."""
    found = []
    for line in text.splitlines():
        match = _ROW.match(line)
        if match and match[2] in _LOADED and match[3] == "failed":
            found.append(Unit(match[1].removesuffix(".service"), match[5] or ""))
    return tuple(found)
