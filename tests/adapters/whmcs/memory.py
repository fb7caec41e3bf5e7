"""Looking for a text in every object of this process."""

import gc
import secrets
from types import CellType, FrameType


class Canary:
    """A text nobody else has, kept backwards, so that looking for it does not find the looking."""

    def __init__(self) -> None:
        self._backwards = secrets.token_hex(16)

    def sing(self) -> str:
        """The text itself, made anew."""
        return self._backwards[::-1]

    def holders(self) -> list[type]:
        """The types of all objects that hold the text directly, alone or inside a longer one."""
        gc.collect()
        text = self._backwards[::-1]
        raw = text.encode()
        found: list[type] = []
        left = [item for item in gc.get_objects() if not isinstance(item, FrameType | CellType)]
        while left:
            item = left.pop()
            for inner in gc.get_referents(item):
                if (isinstance(inner, str) and text in inner) or (isinstance(inner, bytes) and raw in inner):
                    found.append(type(item))
                elif isinstance(inner, dict | tuple) and not gc.is_tracked(inner):
                    # Of texts alone, so it is in no list of the collector.
                    left.append(inner)
        return found
