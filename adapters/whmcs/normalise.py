"""What WHMCS answers, brought into one form: the only place that knows how its answers differ.

The same thing comes as a list, as a map with numbers for keys, as a single object, as `""` or not at all; numbers come
as texts; texts are entity-encoded; times carry no zone. Sources: developers.whmcs.com, API reference; answers seen on
real installations.
"""

import html
import json
import re
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from deskside.text import clean

Row = dict[str, Any]

# With its semicolon only: in an address "?a=1&copy=2" there is no entity.
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_KEY_PARTS = re.compile(r"[^\[\]]+")
_MONEY = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,10})?")
_YES = ("1", "on", "true", "yes")
# What a clock may say; the rest stands for "never" (zero dates among it).
_YEARS = range(1971, 2200)


def decode(body: bytes, keep: Collection[str]) -> Row | None:
    """The JSON object in `body`, or None when there is none; of every object only the keys in `keep`, and numbers.

    What is not kept is dropped while it is parsed, so that a service's password is never in an object of ours.
    """

    def kept(pairs: list[tuple[str, Any]]) -> Row:
        return {key: value for key, value in pairs if all(_is_number(part) or part in keep for part in _parts(key))}

    try:
        found = json.loads(body.decode("utf-8-sig", "replace"), object_pairs_hook=kept)
    except (ValueError, RecursionError):
        return None
    return _unflattened(found) if isinstance(found, dict) else None


def rows(answer: Mapping[str, Any], plural: str, singular: str) -> list[Row]:
    """The objects of a list, however it is written; empty for a list that is missing or stands for none."""
    value = answer.get(plural)
    if isinstance(value, dict) and singular in value:
        inner = value[singular]
        # A bare object may have a field of that name itself: a domain has a `domain`.
        if len(value) == 1 or isinstance(inner, list | dict):
            value = inner
    return _objects(value)


def part(answer: Mapping[str, Any], name: str) -> Row:
    """An object inside an answer; empty when it is anything else."""
    value = answer.get(name)
    return value if isinstance(value, dict) else {}


def text(value: object) -> str:
    """Foreign text as people read it: entities decoded once, nothing unprintable. Containers are empty."""
    if isinstance(value, list | dict):
        return ""
    return clean(_ENTITY.sub(lambda entity: html.unescape(entity[0]), clean(value)))


def fully_decoded(value: str) -> str:
    """`value` with entities decoded until there are none: equal for a text that one action encodes once more."""
    for _ in range(5):
        decoded = text(value)
        if decoded == value:
            break
        value = decoded
    return value


def whole(value: object) -> int | None:
    """A whole number, also as text; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    written = str(value).strip()
    return int(written) if re.fullmatch("-?[0-9]{1,18}", written) else None


def money(value: object) -> Decimal | None:
    """A raw amount ("12.50"); None for display text ("$12.50 USD"), which is never read as a number."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    written = str(value).strip()
    try:
        return Decimal(written) if _MONEY.fullmatch(written) else None
    except InvalidOperation:
        return None


def flag(value: object) -> bool:
    """Yes or no: true, 1, "1", "on"."""
    return str(value).strip().lower() in _YES


def local_time(value: object) -> datetime | None:
    """A `Y-m-d H:i:s` or `Y-m-d` as WHMCS's clock showed it, without a zone; None for zero dates and no dates."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return found.replace(tzinfo=None, fold=0) if found.year in _YEARS else None


def local_day(value: object) -> date | None:
    """The day of a local time; None as there."""
    found = local_time(value)
    return found.date() if found else None


def to_utc(shown: datetime, zone: ZoneInfo, not_before: datetime | None = None) -> datetime:
    """The instant at which WHMCS's clock in `zone` showed this.

    In the hour that the clock shows twice it is the first, unless that is before `not_before` (aware), when this is
    known to have come later.
    """
    first = shown.replace(tzinfo=zone, fold=0).astimezone(UTC)
    second = shown.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return second if not_before is not None and first < not_before <= second else first


def _objects(value: object) -> list[Row]:
    if isinstance(value, dict):
        if not value:
            return []
        numbered = all(map(_is_number, value))
        value = [value[key] for key in sorted(value, key=int)] if numbered else [value]
    # "None" may be [[]] too.
    return [item for item in value if isinstance(item, dict) and item] if isinstance(value, list) else []


def _is_number(key: str) -> bool:
    # "²" is a digit too.
    return key.isascii() and key.isdecimal()


def _parts(key: str) -> list[str]:
    return _KEY_PARTS.findall(key)


def _unflattened(answer: Row) -> Row:
    """`{"announcements[announcement][0][id]": 1}` as `{"announcements": {"announcement": {"0": {"id": 1}}}}`."""
    if not any("[" in key for key in answer):
        return answer
    nested = {key: value for key, value in answer.items() if "[" not in key}
    for key, value in answer.items():
        if "[" not in key:
            continue
        *path, last = _parts(key) or [key]
        place = nested
        for name in path:
            inner = place.get(name)
            if not isinstance(inner, dict):
                inner = place[name] = {}
            place = inner
        place[last] = value
    return nested
