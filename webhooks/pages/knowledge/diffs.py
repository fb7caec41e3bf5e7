"""The readable differences of a plan, read back from its text for the screen."""

import re
from collections.abc import Iterator

from deskside.markup.difference import Change, Diff, Part

# As `Diff.text` prints them.
_KINDS = {"  ": "same", "+ ": "added", "- ": "removed", "~ ": "changed"}
_SKIPPED = re.compile(r"  … ([0-9]{1,9}) …")
_PARTS = re.compile(r"\[-(?P<removed>.*?)-\]|\{\+(?P<added>.*?)\+\}")


def read(text: str) -> Diff:
    """The difference that was printed as this text; a line that nobody printed so stands as it is."""
    return Diff(tuple(_line(line) for line in text.split("\n")) if text else ())


def _line(line: str) -> Change:
    skipped = _SKIPPED.fullmatch(line)
    if skipped:
        return Change("skipped", (), int(skipped[1]))
    kind, rest = _KINDS.get(line[:2], ""), line[2:]
    if kind == "added":
        return Change("added", (Part("added", rest),))
    if kind == "removed":
        return Change("removed", (Part("removed", rest),))
    if kind == "changed":
        return Change("changed", tuple(_parts(rest)))
    return Change("same", (Part("same", rest if kind else line),))


def _parts(line: str) -> Iterator[Part]:
    at = 0
    for found in _PARTS.finditer(line):
        if found.start() > at:
            yield Part("same", line[at : found.start()])
        removed, added = found["removed"], found["added"]
        yield Part("removed", removed) if removed is not None else Part("added", added)
        at = found.end()
    if at < len(line):
        yield Part("same", line[at:])
