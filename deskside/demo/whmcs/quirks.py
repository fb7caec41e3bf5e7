"""The many ways in which one answer may be printed, each to be switched alone, or drawn by a seeded generator."""

import random
from dataclasses import dataclass, fields
from typing import Self

CHOICES: dict[str, tuple[str | bool, ...]] = {
    "empty": ("documented", "nested", "text", "list", "map", "missing"),
    "single": ("list", "bare"),
    "many": ("list", "map"),
    "numbers": ("documented", "text", "number", "mixed"),
    "result": ("documented", "result", "status", "missing"),
    "no_attachments": ("nested", "list"),
    "no_date": ("zero", "empty", "null"),
    "entities": (True, False),
    "flat_keys": (False, True),
    "ordered": (False, True),
}


@dataclass(frozen=True)
class Quirks:
    """How answers are printed; the defaults are what the documentation shows.

    `empty`: an empty list as `{"ticket": []}` inside its plural (`nested`), or the plural as `""` (`text`), `[]`, `{}`
    or not at all. `single`: one item in a list or bare. `many`: a list, or an object `{"0": …}`. `numbers`: ids and
    counts as text, as numbers, or now so and now so. `result`: `result`, the word `status` instead, or neither.
    `no_attachments`: `[[]]` or `[]`. `no_date`: `0000-00-00`, `""` or null. `entities`: text with HTML entities.
    `flat_keys`: `announcements[announcement][0][id]` where the documentation prints that. `ordered`: tickets by id
    instead of in no order. An error always says `result`. Raises ValueError for a way nobody has seen.
    """

    empty: str = "documented"
    single: str = "list"
    many: str = "list"
    numbers: str = "documented"
    result: str = "documented"
    no_attachments: str = "nested"
    no_date: str = "zero"
    entities: bool = True
    flat_keys: bool = False
    ordered: bool = False

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if value not in CHOICES[item.name]:
                known = ", ".join(str(choice) for choice in CHOICES[item.name])
                raise ValueError(f"{item.name} is {value!r}; known are {known}")

    @classmethod
    def drawn(cls, generator: random.Random) -> Self:
        """One of all the combinations."""
        return cls(**{name: generator.choice(choices) for name, choices in CHOICES.items()})  # type: ignore[arg-type]
