"""How a language says numbers, days and phrases; and how foreign text is made harmless."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Phrases = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the note: its templates, its days, its decimal mark, and rules for `Target.found_by`."""

    code: str
    phrases: Phrases
    days: Callable[[int], str]
    decimal_mark: str
    found_by: tuple[tuple[str, str], ...]

    def say(self, key: str, **values: object) -> str:
        """Fill the template `key`; texts among the values are cleaned, fractions get this language's mark."""
        return self.phrases[key].format(**{name: self._shown(value) for name, value in values.items()})

    def reason_found(self, found_by: str) -> str:
        """The words of `Target.found_by` in this language; what no rule knows stays as it is."""
        for pattern, replacement in self.found_by:
            if re.fullmatch(pattern, found_by):
                return clean(re.sub(pattern, replacement, found_by))
        return clean(found_by)

    def _shown(self, value: object) -> str:
        if isinstance(value, float):
            return f"{value:.1f}".replace(".", self.decimal_mark)
        return clean(str(value), 300)


def clean(text: str, most: int = 120) -> str:
    """Foreign text on one line: control, direction and other invisible characters removed, cut to `most`."""
    kept = "".join(" " if unicodedata.category(character)[0] in "CZ" else character for character in text[: 4 * most])
    line = " ".join(kept.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
