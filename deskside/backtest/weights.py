"""Weights to try: minutes of head start by class, tag, column and promise, from a TOML file.

    [class]
    VIP = 60
    "server down" = { minutes = 4320, scale = "emergency" }

    [tag]
    reopened = 45

    [column.plan]
    Business = 30

    [sla]
    within = 480          # a promise of 30 minutes gives 480 - 30 = 450

    [caps]
    commercial = 240
    contract = 480
    emergency = 4320
    overtaken = 150

Every section may be missing. Names are compared without regard to case. `scale` (commercial if not said, contract,
emergency) is the cap the minutes fall under, as in `deskside.order.key`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from deskside.backtest.history import HistoryTicket
from deskside.errors import ConfigurationError
from deskside.model.place import Contribution, Place, Scale
from deskside.order import key as order
from deskside.order.key import Caps

_MOST_MINUTES = 1_000_000
_SECTIONS = ("class", "tag", "column", "sla", "caps")


@dataclass(frozen=True, slots=True)
class Weight:
    """Minutes of head start, and the cap they fall under."""

    minutes: int
    scale: Scale = Scale.COMMERCIAL


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts, in minutes; the keys of all mappings are case-folded. `within` 0 gives nothing for a promise."""

    kinds: Mapping[str, Weight] = field(default_factory=dict)
    tags: Mapping[str, Weight] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, Weight]] = field(default_factory=dict)
    within: int = 0
    caps: Caps = field(default_factory=Caps)

    def place(self, ticket: HistoryTicket, arrived: int) -> Place:
        """The ticket's place, where it arrived at `arrived` working seconds."""
        return order.place(arrived, self._contributions(ticket), self.caps)

    def unused(self, tickets: tuple[HistoryTicket, ...]) -> list[str]:
        """What no ticket of a history has: most likely misspelt."""
        kinds = {ticket.kind.casefold() for ticket in tickets}
        tags = {tag.casefold() for ticket in tickets for tag in ticket.tags}
        found = [f"[class] {name}" for name in self.kinds if name not in kinds]
        found += [f"[tag] {name}" for name in self.tags if name not in tags]
        for column, values in self.columns.items():
            there = {value.casefold() for ticket in tickets if (value := _value(ticket, column))}
            found += [f"[column.{column}] {name}" for name in values if name not in there]
        if self.within and not any(ticket.sla_minutes is not None for ticket in tickets):
            found.append("[sla] within")
        return found

    def _contributions(self, ticket: HistoryTicket) -> list[Contribution]:
        found = [self.kinds.get(ticket.kind.casefold())]
        found += [self.tags[tag] for tag in sorted(tag.casefold() for tag in ticket.tags) if tag in self.tags]
        found += [values.get(_value(ticket, column).casefold()) for column, values in self.columns.items()]
        contributions = [Contribution("weight", weight.minutes, weight.scale, "") for weight in found if weight]
        if self.within and ticket.sla_minutes is not None:
            minutes = max(0, self.within - int(ticket.sla_minutes))
            contributions.append(Contribution("sla", minutes, Scale.CONTRACT, ""))
        return contributions


def read_weights(path: Path) -> Weights:
    """The weights in `path`. Raises ConfigurationError naming the key, what was found and what is allowed."""
    try:
        document = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise ConfigurationError(f"cannot read the weights {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is not valid TOML: {error}") from error
    return parse_weights(document)


def parse_weights(document: Mapping[str, Any]) -> Weights:
    """The weights of a document as TOML gives it. Raises ConfigurationError as `read_weights` does."""
    for name, value in document.items():
        if name not in _SECTIONS:
            raise ConfigurationError(f"[{name}] is no section of weights; there are {', '.join(_SECTIONS)}")
        if not isinstance(value, dict):
            raise ConfigurationError(f"{name} must be a section: write [{name}] on a line of its own")
    columns = {}
    for name, values in document.get("column", {}).items():
        if not isinstance(values, dict):
            raise ConfigurationError(f"[column] {name} must be a section: write [column.{name}] on a line of its own")
        columns[name] = _weights(f"column.{name}", values)
    return Weights(
        kinds=_weights("class", document.get("class", {})),
        tags=_weights("tag", document.get("tag", {})),
        columns=columns,
        within=_known("sla", document.get("sla", {}), {"within": 0})["within"],
        caps=_caps(document.get("caps", {})),
    )


def _weights(section: str, values: Mapping[str, Any]) -> dict[str, Weight]:
    found: dict[str, Weight] = {}
    for name, value in values.items():
        if name.casefold() in found:
            raise ConfigurationError(f"[{section}] {name} is there twice: names are compared without regard to case")
        found[name.casefold()] = _weight(f"[{section}] {name}", value)
    return found


def _weight(name: str, value: Any) -> Weight:
    if not isinstance(value, dict):
        return Weight(_minutes(name, value))
    if set(value) - {"minutes", "scale"} or "minutes" not in value:
        raise ConfigurationError(f"{name} (found {value!r}): must be minutes, or {{ minutes = 60, scale = … }}")
    scale = value.get("scale", Scale.COMMERCIAL.value)
    if scale not in list(Scale):
        raise ConfigurationError(f"{name}: scale (found {scale!r}) must be one of {', '.join(Scale)}")
    return Weight(_minutes(name, value["minutes"]), Scale(scale))


def _caps(values: Mapping[str, Any]) -> Caps:
    chosen = _known("caps", values, asdict(Caps()))
    if not chosen["commercial"] <= chosen["contract"] <= chosen["emergency"]:
        raise ConfigurationError(
            f"[caps] contract (found {chosen['contract']}): must not be less than commercial "
            f"({chosen['commercial']}), nor more than emergency ({chosen['emergency']})"
        )
    return Caps(**{item.name: chosen[item.name] for item in fields(Caps)})


def _known(section: str, values: Mapping[str, Any], defaults: Mapping[str, int]) -> dict[str, int]:
    for name in values:
        if name not in defaults:
            raise ConfigurationError(f"[{section}] {name} is no key; there are {', '.join(defaults)}")
    return {**defaults, **{name: _minutes(f"[{section}] {name}", value) for name, value in values.items()}}


def _minutes(name: str, value: Any) -> int:
    # A truth value is a number to Python.
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MOST_MINUTES:
        raise ConfigurationError(f"{name} (found {value!r}): must be a whole number from 0 to {_MOST_MINUTES}")
    return value


def _value(ticket: HistoryTicket, column: str) -> str:
    return ticket.values.get(column, "")
