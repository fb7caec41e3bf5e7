"""The actions of the API by name, what each gets, and what they share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from deskside.demo.whmcs import php
from deskside.demo.whmcs.answers import Rows
from deskside.demo.whmcs.errors import ApiError
from deskside.demo.whmcs.quirks import Quirks
from deskside.demo.whmcs.state import Actor, Admin, Json
from deskside.demo.whmcs.world import World

PAGE = 25
Row = TypeVar("Row")


@dataclass(frozen=True)
class Call:
    """One call: who calls, what was given, and the quirks of this answer."""

    world: World
    given: php.Tree
    admin: Admin
    quirks: Quirks

    @property
    def actor(self) -> Actor:
        """The administrator of the credential, as an author."""
        return Actor("admin", self.admin.id, self.admin.name, self.admin.email)

    def has(self, name: str) -> bool:
        """Whether a parameter was given at all."""
        return name in self.given

    def text(self, name: str, default: str = "") -> str:
        """A parameter as text."""
        value = self.given.get(name, default)
        return value if isinstance(value, str) else default

    def number(self, name: str, default: int = 0) -> int:
        """A parameter as PHP casts it to a number."""
        return php.number(self.text(name)) if self.has(name) else default

    def flag(self, name: str) -> bool:
        """A parameter as PHP takes it for true: "false" is."""
        return php.truthy(self.text(name))

    def money(self, name: str) -> Decimal:
        """An amount; what is none is zero, as for PHP."""
        try:
            amount = Decimal(self.text(name) or "0")
        except InvalidOperation:
            return Decimal(0)
        return amount.quantize(Decimal("0.01")) if amount.is_finite() else Decimal(0)

    def moment(self, name: str, future: bool = False) -> datetime | None:
        """A moment, ISO 8601 or in the install's own time. Raises ApiError for one that is none, or is to come."""
        if not self.text(name):
            return None
        try:
            at = datetime.fromisoformat(self.text(name))
        except ValueError:
            raise ApiError("Invalid Date Format") from None
        state = self.world.state
        at = at if at.tzinfo else at.replace(tzinfo=state.zone)
        if at > state.clock() and not future:
            raise ApiError("Ticket creation date cannot be in the future")
        return at

    def day(self, name: str) -> date | None:
        """A day. Raises ApiError for none."""
        if not self.text(name):
            return None
        try:
            return date.fromisoformat(self.text(name))
        except ValueError:
            raise ApiError("Invalid Date Format") from None

    def serialized(self, name: str, message: str) -> dict[str, str]:
        """A base64-coded PHP array, `{}` when there is none. Raises ApiError: JSON is not understood."""
        try:
            return php.unserialize(self.text(name)) if self.text(name) else {}
        except (ValueError, RecursionError):
            raise ApiError(message) from None

    def page(self, rows: Sequence[Row]) -> tuple[Json, Sequence[Row]]:
        """The part asked for by `limitstart` and `limitnum`, after what every list says of itself."""
        start, size = max(0, self.number("limitstart")), self.number("limitnum", PAGE) or PAGE
        shown = rows[start : start + size]
        return {"totalresults": len(rows), "startnumber": start, "numreturned": len(shown)}, shown


@dataclass(frozen=True)
class Action:
    """How an action runs and prints.

    `word` is the key that announces success ("" for none), `numeric` true when ids and counts are numbers, `flat` true
    when its documentation shows flattened keys.
    """

    name: str
    run: Callable[[Call], Json]
    word: str
    numeric: bool
    flat: bool


ACTIONS: dict[str, Action] = {}


def action(
    name: str, *, word: str = "result", numeric: bool = False, flat: bool = False
) -> Callable[[Callable[[Call], Json]], Callable[[Call], Json]]:
    """Register an action; its name counts whatever its case."""

    def register(run: Callable[[Call], Json]) -> Callable[[Call], Json]:
        ACTIONS[name.lower()] = Action(name, run, word, numeric, flat)
        return run

    return register


def listing(plural: str, singular: str, rows: Sequence[Any], empty: str = "nested") -> Json:
    """A list under its plural and singular."""
    return {plural: Rows(singular, rows, empty)}
