"""A history from a CSV file: every row is used or counted with the reason why not."""

import csv
import gzip
import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, tzinfo
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

from deskside.backtest.history import History, HistoryTicket, Unusable
from deskside.backtest.times import DayOrder, day_order, read_time
from deskside.errors import Malformed

FIELDS: Mapping[str, str] = {
    "ticket": "its number; a number that comes twice is used once",
    "arrived": "when it arrived",
    "taken": "when an agent began with it",
    "first_reply": "when the first reply was out, where nobody noted when an agent began",
    "first_reply_minutes": "minutes from arrival to the first reply, around the clock, instead of first_reply",
    "finished": "when the agent was done with it; never the automatic close",
    "handling_minutes": "how long an agent worked on it",
    "agent": "who took it",
    "pool": "group, line or language that takes it; the order is kept pool by pool",
    "class": "the classes to compare: VIP, priority, plan …",
    "client": "whose ticket it is",
    "tags": "separated by spaces, commas, semicolons or |",
    "sla_minutes": "working minutes within which it was to be taken or replied to",
}
TIMES = ("arrived", "taken", "first_reply", "finished")
_EXAMPLES, _LONGEST_EXAMPLE = 3, 40
# Not datetime.UTC: times that name a zone themselves are told apart from those that do not by the object.
_UTC = ZoneInfo("UTC")


def read_csv(
    path: Path, columns: Mapping[str, str] | None = None, zone: tzinfo = _UTC, dates: DayOrder | None = None
) -> History:
    """Read `path`, a CSV file with a header (also `.gz`; comma, semicolon or tab).

    `columns` says which column holds a field of FIELDS, where its name is another. Times without a zone are in `zone`.
    `dates` says whether 03/04/2026 has the day or the month first, where the file does not prove it. Raises Malformed,
    with the row where there is one, when the file as a whole cannot be read or no row of it can be used.
    """
    with _rows(path) as rows:
        header = next(rows, (0, []))[1]
        places = _places(header, columns or {})
        times = [(name, places[name]) for name in TIMES if name in places]
        proof = ""
        if dates is None:
            dates, proof = day_order(
                (number, name, row[at]) for number, row in rows for name, at in times if at < len(row)
            )
    reader = _Reader(header, places, zone, dates)
    with _rows(path) as rows:
        next(rows)
        for number, row in rows:
            if row:
                reader.read(number, row)
    return reader.history(path, proof)


class _Reader:
    """What is gathered while the rows are read."""

    def __init__(self, header: list[str], places: Mapping[str, int], zone: tzinfo, dates: DayOrder | None) -> None:
        self.header, self.places, self.zone, self.dates = header, places, zone, dates
        self.others = [(name.strip(), at) for at, name in enumerate(header) if at not in places.values()]
        self.tickets: list[HistoryTicket] = []
        self.rows = 0
        self.left_out: dict[str, list[str]] = {}
        self.counts: dict[str, int] = {}
        self.seen: set[str] = set()
        self.naive = False

    def read(self, number: int, row: list[str]) -> None:
        """Use a row, or count why not."""
        self.rows += 1
        try:
            self.tickets.append(self._ticket(number, row))
        except _LeftOut as why:
            reason, example = why.args
            self.counts[reason] = self.counts.get(reason, 0) + 1
            examples = self.left_out.setdefault(reason, [])
            if len(examples) < _EXAMPLES:
                examples.append(f"row {number}{example and ': '}{example}")

    def history(self, path: Path, proof: str) -> History:
        """All that was read. Raises Malformed when that is nothing."""
        unusable = tuple(
            Unusable(reason, count, tuple(self.left_out[reason]))
            for reason, count in sorted(self.counts.items(), key=lambda item: -item[1])
        )
        if not self.tickets:
            reasons = "; ".join(f"{item.count} × {item.reason} ({item.examples[0]})" for item in unusable)
            raise Malformed(f"{path.name}: no row can be used: {reasons or 'there is none'}")
        remarks = [proof] if proof else []
        if self.naive:
            remarks.append(f"times without a zone are read as {self.zone}")
        return History(tuple(self.tickets), self.rows, unusable, tuple(remarks))

    def _ticket(self, number: int, row: list[str]) -> HistoryTicket:
        if len(row) != len(self.header):
            how = "ends early" if len(row) < len(self.header) else "has more columns than the header"
            raise _LeftOut(f"the row {how}", f"{len(row)} of {len(self.header)} columns")
        arrived = self._time(row, "arrived")
        if arrived is None:
            raise _LeftOut("no arrival", "")
        taken, replied = self._time(row, "taken"), self._time(row, "first_reply")
        minutes = self._number(row, "first_reply_minutes")
        if replied is None and minutes is not None:
            replied = datetime.fromtimestamp(arrived.timestamp() + minutes * 60, arrived.tzinfo)
        first = taken or replied
        if first is None:
            raise _LeftOut("never answered", "")
        if first < arrived:
            raise _LeftOut("answered before it arrived", f"{arrived} and {first}")
        finished = self._time(row, "finished")
        if finished is not None and finished < first:
            raise _LeftOut("finished before it was taken", f"{first} and {finished}")
        name = self._text(row, "ticket") or f"row {number}"
        if name in self.seen:
            raise _LeftOut("the same ticket twice", _short(name))
        self.seen.add(name)
        return HistoryTicket(
            ticket=name,
            arrived=arrived,
            taken=taken,
            replied=replied,
            finished=finished,
            handling_minutes=self._number(row, "handling_minutes"),
            agent=self._text(row, "agent"),
            pool=self._text(row, "pool"),
            kind=self._text(row, "class"),
            client=self._text(row, "client"),
            tags=frozenset(tag for tag in re.split(r"[\s,;|]+", self._text(row, "tags")) if tag),
            sla_minutes=self._number(row, "sla_minutes"),
            values={name: row[at].strip() for name, at in self.others},
        )

    def _text(self, row: list[str], field: str) -> str:
        return row[self.places[field]].strip() if field in self.places else ""

    def _time(self, row: list[str], field: str) -> datetime | None:
        text = self._text(row, field)
        if not text:
            return None
        try:
            moment = read_time(text, self.zone, self.dates)
        except (ValueError, OverflowError, OSError) as error:
            raise _LeftOut("a date that cannot be read", f"{field} {_short(text)} {error}") from None
        self.naive = self.naive or moment.tzinfo is self.zone
        return moment

    def _number(self, row: list[str], field: str) -> float | None:
        text = self._text(row, field)
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not 0 <= value < math.inf:
            raise _LeftOut("a number that cannot be read", f"{field} is {_short(text)}")
        return value


class _LeftOut(Exception):
    """The row cannot be used; has the reason, which is counted, and the example."""


@contextmanager
def _rows(path: Path) -> Iterator[Iterator[tuple[int, list[str]]]]:
    """The rows with their numbers as a spreadsheet counts them; the header is row 1."""
    try:
        with _open(path) as file:
            first = file.readline()
            delimiter = max(",;\t", key=first.count)
            file.seek(0)
            yield _numbered(path, csv.reader(file, delimiter=delimiter, strict=True))
    except (OSError, EOFError) as error:
        raise Malformed(f"{path.name} cannot be read: {error}") from error
    except UnicodeDecodeError as error:
        raise Malformed(f"{path.name} is not UTF-8: save it as CSV UTF-8") from error


def _numbered(path: Path, rows: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    number = 0
    while True:
        number += 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            raise Malformed(f"{path.name}, row {number}: {error}") from error
        yield number, row


def _open(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _places(header: list[str], columns: Mapping[str, str]) -> dict[str, int]:
    """Where each field stands. Raises Malformed when a column is missing or there twice."""
    names = [_plain(name) for name in header]
    there = ", ".join(name.strip() for name in header) or "none"
    places = {}
    for field in FIELDS:
        wanted = _plain(columns.get(field, field))
        if wanted in names:
            places[field] = names.index(wanted)
            if names.count(wanted) > 1:
                raise Malformed(f"the column {columns.get(field, field)} is there twice; there are {there}")
        elif field in columns:
            raise Malformed(f"there is no column {columns[field]} for {field}; there are {there}")
    if "arrived" not in places:
        raise Malformed(f"no column says when a ticket arrived (--arrived-column); there are {there}")
    if not {"taken", "first_reply", "first_reply_minutes"} & places.keys():
        raise Malformed(
            "no column says when a ticket was taken (--taken-column) or replied to (--first-reply-column, "
            f"--first-reply-minutes-column); there are {there}"
        )
    return places


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", "_", name.strip().casefold())


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_EXAMPLE else text[: _LONGEST_EXAMPLE - 1] + "…"
