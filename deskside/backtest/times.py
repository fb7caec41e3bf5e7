"""Times as exports write them. Nothing is guessed: 03/04 is read only where the file proves which is the day."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import StrEnum

from deskside.errors import Malformed

_CLOCK = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[AaPp])?(?(half)\.?[Mm]\.?)"
    r"\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
)
_NUMBERS = re.compile(rf"(?P<a>\d{{1,4}})(?P<mark>[./-])(?P<b>\d{{1,2}})(?P=mark)(?P<c>\d{{1,4}})[T,\s]\s*{_CLOCK}")
_NAMED = re.compile(
    r"(?:[A-Za-z]{3,9},?\s+)?(?:(?P<day>\d{1,2})(?:\s|-)(?P<month>[A-Za-z]{3,9})|(?P<month2>[A-Za-z]{3,9})\s(?P<day2>\d{1,2}))"
    rf"(?:,\s*|\s+|-)(?P<year>\d{{4}})(?:,?\s+(?:at\s+)?){_CLOCK}"
)
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)


class DayOrder(StrEnum):
    """Which comes first in 03/04/2026."""

    DAY = "dmy"
    MONTH = "mdy"


def day_order(dates: Iterable[tuple[int, str, str]]) -> tuple[DayOrder | None, str]:
    """The order that the dates of one file prove, and the proof in words; None where no date needs it.

    `dates` are (row, column, text). Raises Malformed where both orders occur, and where nothing tells.
    """
    proofs: dict[DayOrder, tuple[int, str, str]] = {}
    doubtful: tuple[int, str, str] | None = None
    for date in dates:
        found = _NUMBERS.fullmatch(date[2].strip())
        if not found or len(found["a"]) == 4 or found["mark"] == ".":
            continue
        doubtful = doubtful or date
        if int(found["a"]) > 12:
            proofs.setdefault(DayOrder.DAY, date)
        elif int(found["b"]) > 12:
            proofs.setdefault(DayOrder.MONTH, date)
        if len(proofs) == 2:
            break
    if doubtful is None:
        return None, ""
    if len(proofs) == 2:
        day, month = proofs[DayOrder.DAY], proofs[DayOrder.MONTH]
        raise Malformed(
            f"the dates contradict each other: row {day[0]}, {day[1]} ({day[2]}) has the day first, row {month[0]}, "
            f"{month[1]} ({month[2]}) the month; export them again as 2026-03-25 14:05"
        )
    if not proofs:
        raise Malformed(
            f"row {doubtful[0]}, {doubtful[1]}: {doubtful[2]} may have the day or the month first, and no date in the "
            "file tells which; say so with --dates dmy or --dates mdy"
        )
    order, proof = next(iter(proofs.items()))
    first = "day" if order is DayOrder.DAY else "month"
    return order, f"dates have the {first} first, as row {proof[0]} proves ({proof[2]})"


def read_time(text: str, zone: tzinfo, order: DayOrder | None) -> datetime:
    """The moment that `text` names, aware; without a zone of its own it is a wall clock's time in `zone`.

    Reads ISO 8601, year first, day or month first by `order`, dots (day first), names of months in English, and Unix
    seconds or milliseconds. Raises ValueError with what is wrong.
    """
    text = text.strip()
    if text.isdecimal() and len(text) in (10, 13):
        return datetime.fromtimestamp(int(text) / (1000 if len(text) == 13 else 1), UTC)
    found = _NUMBERS.fullmatch(text)
    if found:
        year, month, day = _parts(found, order)
    else:
        found = _NAMED.fullmatch(text)
        if not found:
            return _iso(text, zone)
        year, day = int(found["year"]), int(found["day"] or found["day2"])
        month = _month(found["month"] or found["month2"])
    hour = int(found["hour"])
    if found["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("has an hour that is none")
        hour = hour % 12 + (12 if found["half"] in "pP" else 0)
    own = _zone(found["zone"]) if found["zone"] else zone
    return datetime(year, month, day, hour, int(found["minute"]), int(found["second"] or 0), tzinfo=own)


def _iso(text: str, zone: tzinfo) -> datetime:
    if not re.search(r"\d[T\s]\d", text):
        raise ValueError(
            "has no time of day" if re.fullmatch(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}", text) else "is no date"
        )
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("is no date") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _parts(found: re.Match[str], order: DayOrder | None) -> tuple[int, int, int]:
    a, b, c = int(found["a"]), int(found["b"]), int(found["c"])
    if len(found["a"]) == 4:
        return a, b, c
    if len(found["c"]) != 4:
        raise ValueError("has no year of four digits")
    if found["mark"] == ".":
        return c, b, a
    if order is None:
        raise ValueError("may have the day or the month first")
    return (c, b, a) if order is DayOrder.DAY else (c, a, b)


def _month(name: str) -> int:
    for number, month in enumerate(_MONTHS, start=1):
        if name.lower() in (month, month[:3]):
            return number
    raise ValueError("names no month")


def _zone(text: str) -> tzinfo:
    if text in ("Z", "UTC", "GMT"):
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    if minutes >= 24 * 60:
        raise ValueError("has a zone that is none")
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))
