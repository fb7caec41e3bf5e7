"""From what an action means to what is printed: every quirk is put on here, and nowhere else.

An action returns plain values and these words for what WHMCS prints in more than one way: `int` for ids and counts,
`Decimal` for money, aware `datetime` for moments, `date` for days, `Rows` for lists, `Html` for text that is not
escaped, `Attachments`, and `NO_DAY` and `NO_MOMENT` for dates that are not there.
"""

import html
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from deskside.demo.whmcs.quirks import Quirks
from deskside.demo.whmcs.state import Json

MISSING = object()


class Html(str):
    """Text that is stored as HTML."""


class NoDate(str):
    """How a date that is not there is stored."""


NO_DAY = NoDate("0000-00-00")
NO_MOMENT = NoDate("0000-00-00 00:00:00")


@dataclass(frozen=True)
class Rows:
    """A list under its plural: `{"tickets": {"ticket": […]}}` with the singular, `{"servers": […]}` without one.

    `empty` is how the documentation shows it empty.
    """

    singular: str
    rows: Sequence[Any]
    empty: str = "nested"


@dataclass(frozen=True)
class Attachments:
    """File names; none of them is the famous `[[]]`."""

    names: Sequence[str]


@dataclass(frozen=True)
class Printer:
    """Prints answers with the quirks in force; `local` turns a moment into the install's own time.

    `numeric` is true for actions whose numbers the documentation shows as numbers.
    """

    quirks: Quirks
    generator: random.Random
    local: Callable[[datetime], datetime]
    numeric: bool = False

    def answer(self, given: Json, word: str = "result") -> Json:
        """A whole answer; `word` says in which key this action announces its success ("" for in none)."""
        word = {"documented": word, "missing": ""}.get(self.quirks.result, self.quirks.result)
        shown = {word: "success"} if word and word not in given else {}
        return {**shown, **self._object(given)}

    def _object(self, given: Json) -> Json:
        shown = ((key, self._value(value)) for key, value in given.items())
        return {key: value for key, value in shown if value is not MISSING}

    def _value(self, value: Any) -> Any:
        if value is None or isinstance(value, bool | Html):
            return value
        if isinstance(value, NoDate):
            return {"zero": str(value), "empty": "", "null": None}[self.quirks.no_date]
        if isinstance(value, int):
            return self._number(value)
        if isinstance(value, Decimal):
            return f"{value:.2f}"
        if isinstance(value, datetime):
            return f"{self.local(value):%Y-%m-%d %H:%M:%S}"
        if isinstance(value, date):
            return f"{value:%Y-%m-%d}"
        if isinstance(value, str):
            return entities(value) if self.quirks.entities else value
        if isinstance(value, Rows):
            return self._rows(value)
        if isinstance(value, Attachments):
            rows = [{"filename": name, "index": self._number(place)} for place, name in enumerate(value.names)]
            return rows or ([[]] if self.quirks.no_attachments == "nested" else [])
        if isinstance(value, dict):
            return self._object(value)
        return [self._value(item) for item in value]

    def _number(self, value: int) -> int | str:
        how = self.quirks.numbers
        if how == "mixed":
            how = self.generator.choice(("text", "number"))
        text = not self.numeric if how == "documented" else how == "text"
        return str(value) if text else value

    def _rows(self, given: Rows) -> Any:
        rows: list[Any] = [self._value(row) for row in given.rows]
        if not rows:
            how = given.empty if self.quirks.empty == "documented" else self.quirks.empty
            nothing: dict[str, Any] = {"text": "", "list": [], "map": {}, "missing": MISSING}
            return nothing[how] if how in nothing else self._under(given, [])
        if len(rows) == 1 and self.quirks.single == "bare":
            return self._under(given, rows[0])
        if self.quirks.many == "map":
            return self._under(given, {str(place): row for place, row in enumerate(rows)})
        return self._under(given, rows)

    def _under(self, given: Rows, rows: Any) -> Any:
        return {given.singular: rows} if given.singular else rows


def entities(text: str) -> str:
    """Text as PHP's `htmlspecialchars(…, ENT_QUOTES)` leaves it."""
    return html.escape(text).replace("&#x27;", "&#039;")


def flatten(value: Any, name: str = "") -> Json:
    """An answer with PHP's own keys: `{"a[b][0]": "x"}`, all values as text, an empty list as `""`."""
    if isinstance(value, dict):
        pairs = [(str(key), item) for key, item in value.items()]
    elif isinstance(value, list):
        pairs = [(str(place), item) for place, item in enumerate(value)]
    else:
        text = {None: "", True: "1", False: ""}.get(value) if value is None or isinstance(value, bool) else str(value)
        return {name: text}
    if not pairs:
        return {name: ""}
    flat: Json = {}
    for key, item in pairs:
        flat.update(flatten(item, f"{name}[{key}]" if name else key))
    return flat
