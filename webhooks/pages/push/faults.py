"""What marshmallow found wrong, as one line a person reads."""

from collections.abc import Iterator
from typing import Any

from marshmallow import ValidationError

_SCHEMA = "_schema"


def told(error: ValidationError) -> str:
    """The first fault with the place it is at: "steps 2, window: must be …"."""
    return next(_lines(error.messages, ()), "something cannot be read")


def _lines(found: Any, where: tuple[str, ...]) -> Iterator[str]:
    if isinstance(found, dict):
        for name, inner in found.items():
            # Places in a list are counted from 1 by people.
            place = str(name + 1) if isinstance(name, int) else str(name)
            yield from _lines(inner, where if name == _SCHEMA else (*where, place))
    elif isinstance(found, list):
        for inner in found:
            yield from _lines(inner, where)
    else:
        yield f"{' '.join(where)}: {found}" if where else str(found)
