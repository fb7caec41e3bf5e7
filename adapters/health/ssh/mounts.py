"""`/proc/mounts`: what kind of file system lies where, and whether it may be written to (proc(5))."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_ESCAPED = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Mount:
    """One mounted file system. `options` are those of the mount, `ro` among them when it cannot be written to."""

    device: str
    point: str
    type: str
    options: frozenset[str]

    @property
    def read_only(self) -> bool:
        """Whether it cannot be written to."""
        return "ro" in self.options


def parse_mounts(text: str) -> Mapping[str, Mount]:
    """The mounts by mount point; of several on one point the last counts, as it hides the others."""
    mounts = {}
    for line in text.splitlines():
        fields = [_unescaped(field) for field in line.split()]
        if len(fields) >= 4:
            mounts[fields[1]] = Mount(fields[0], fields[1], fields[2], frozenset(fields[3].split(",")))
    return mounts


def _unescaped(field: str) -> str:
    """Spaces, tabs, newlines and backslashes are written in octal."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 8)), field)
