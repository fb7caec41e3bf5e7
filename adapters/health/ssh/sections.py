"""The script's output, taken apart."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_TIMED_OUT = (124, 137)
_MISSING = (126, 127)


@dataclass(frozen=True, slots=True)
class Section:
    """What one command printed, and its exit status; None when it had not ended."""

    output: str
    status: int | None

    @property
    def timed_out(self) -> bool:
        """Whether it was stopped by its own time limit, or by ours."""
        return self.status is None or self.status in _TIMED_OUT

    @property
    def missing(self) -> bool:
        """Whether there is no such command."""
        return self.status in _MISSING


def split(output: bytes, mark: str) -> Mapping[str, Section]:
    """The sections by name; the first of a name counts."""
    text = output.decode("utf-8", "replace")
    start, end = re.compile(rf"^{mark} > (\S.*)\n", re.MULTILINE), re.compile(rf"\n?^{mark} < (\d*)$", re.MULTILINE)
    found: dict[str, Section] = {}
    matches = list(start.finditer(text))
    for number, match in enumerate(matches, 1):
        body = text[match.end() : matches[number].start() if number < len(matches) else len(text)]
        ended = end.search(body)
        status = int(ended[1]) if ended and ended[1] else None
        found.setdefault(match[1].strip(), Section(body[: ended.start()] if ended else body, status))
    return found
