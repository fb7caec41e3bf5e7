"""How two lists of lines differ, line by line and inside a line word by word."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

# Addresses of links are one word, and so is each character of a script that has no spaces.
_WORDS = re.compile(r"\]\([^)]*\)|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\w+|\s+|.", re.S)
_ALIKE = 0.5
# Above this many pairs of lines, changed lines are paired by their order instead of by their likeness.
_PAIRS = 400


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a line."""

    kind: Literal["same", "added", "removed"]
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a comparison. `parts` of a changed line have both texts; `skipped` stands for `count` same lines."""

    kind: Literal["same", "added", "removed", "changed", "skipped"]
    parts: tuple[Part, ...]
    count: int = 1

    @property
    def before(self) -> str:
        """The line as it was."""
        return "".join(part.text for part in self.parts if part.kind != "added")

    @property
    def after(self) -> str:
        """The line as it is."""
        return "".join(part.text for part in self.parts if part.kind != "removed")


@dataclass(frozen=True, slots=True)
class Diff:
    """A comparison, all lines in order; false where nothing changed.

    `markup` is set where the readable lines are equal, and what changed is only how they are marked up: the lines are
    then those of the markup.
    """

    lines: tuple[Change, ...]
    markup: bool = False

    def __bool__(self) -> bool:
        return any(line.kind != "same" for line in self.lines)

    def excerpt(self, context: int = 2) -> tuple[Change, ...]:
        """The changed lines with `context` same lines around them; the others are counted."""
        near: set[int] = set()
        for index, line in enumerate(self.lines):
            if line.kind != "same":
                near.update(range(index - context, index + context + 1))
        found: list[Change] = []
        for index, line in enumerate(self.lines):
            if index in near:
                found.append(line)
            elif found and found[-1].kind == "skipped":
                found[-1] = Change("skipped", (), found[-1].count + 1)
            else:
                found.append(Change("skipped", ()))
        return tuple(found)

    def text(self, context: int = 2) -> str:
        """The excerpt for a terminal: `+` added, `-` removed, `~` changed with `[-old-]{+new+}`."""
        return "\n".join(_SIGNS[line.kind] + _shown(line) for line in self.excerpt(context))


_SIGNS = {"same": "  ", "added": "+ ", "removed": "- ", "changed": "~ ", "skipped": "  "}
_MARKS = {"same": "{}", "added": "{{+{}+}}", "removed": "[-{}-]"}


def _shown(line: Change) -> str:
    if line.kind == "skipped":
        return f"… {line.count} …"
    if line.kind == "changed":
        return "".join(_MARKS[part.kind].format(part.text) for part in line.parts)
    return "".join(part.text for part in line.parts)


def difference(before: Sequence[str], after: Sequence[str]) -> tuple[Change, ...]:
    """Every line of both, in order."""
    found: list[Change] = []
    for operation, first, last, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if operation == "equal":
            found += (Change("same", (Part("same", line),)) for line in before[first:last])
        else:
            found += _changed(before[first:last], after[start:end])
    return tuple(found)


def _changed(before: Sequence[str], after: Sequence[str]) -> Iterator[Change]:
    """Lines that differ, each with the one it became where there is one alike; none is crossed."""
    position = 0
    for old in before:
        found = next((index for index in range(position, len(after)) if _is_alike(old, after[index])), None)
        if len(before) * len(after) > _PAIRS and found != position:
            found = None
        if found is None:
            yield Change("removed", (Part("removed", old),))
            continue
        yield from (Change("added", (Part("added", line),)) for line in after[position:found])
        yield Change("changed", _words(old, after[found]))
        position = found + 1
    yield from (Change("added", (Part("added", line),)) for line in after[position:])


def _is_alike(before: str, after: str) -> bool:
    matcher = SequenceMatcher(None, _WORDS.findall(before), _WORDS.findall(after), autojunk=False)
    return matcher.real_quick_ratio() >= _ALIKE and matcher.quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE


def _words(before: str, after: str) -> tuple[Part, ...]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    parts: list[Part] = []
    for operation, first, last, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if operation == "equal":
            parts.append(Part("same", "".join(old[first:last])))
            continue
        if first < last:
            parts.append(Part("removed", "".join(old[first:last])))
        if start < end:
            parts.append(Part("added", "".join(new[start:end])))
    return tuple(parts)
