"""A history from a CSV file: every row is used, or counted with the reason why not."""

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from deskside.backtest.history import History
from deskside.backtest.reading import read_csv
from deskside.backtest.times import DayOrder
from deskside.errors import Malformed

HEADER = "ticket,arrived,taken,handling_minutes,agent,pool,class,tags,sla_minutes,plan\n"
ROW = "1,2026-03-02T10:00:00Z,2026-03-02T10:20:00Z,12.5,ann,Support,VIP,vip urgent;late,60,Business\n"


def read(tmp_path: Path, text: str | bytes, **options: object) -> History:
    path = tmp_path / "history.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_csv(path, **options)  # type: ignore[arg-type]


def test_a_row_is_read_with_all_its_columns(tmp_path: Path) -> None:
    (ticket,) = read(tmp_path, HEADER + ROW).tickets
    assert ticket.arrived == datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert ticket.taken == ticket.arrived + timedelta(minutes=20)
    assert (ticket.ticket, ticket.agent, ticket.pool, ticket.kind) == ("1", "ann", "Support", "VIP")
    assert (ticket.handling_minutes, ticket.sla_minutes) == (12.5, 60)
    assert ticket.tags == {"vip", "urgent", "late"}
    assert ticket.values == {"plan": "Business"}


def test_columns_may_have_other_names(tmp_path: Path) -> None:
    text = "Ticket ID;Created At;First Reply\n7;2026-03-02 10:00;2026-03-02 10:30\n"
    columns = {"ticket": "ticket id", "arrived": "Created At", "first_reply": "first_reply"}
    (ticket,) = read(tmp_path, text, columns=columns).tickets
    assert ticket.ticket == "7"
    assert ticket.taken is None
    assert ticket.replied == ticket.arrived + timedelta(minutes=30)


def test_a_reply_may_be_minutes_after_the_arrival(tmp_path: Path) -> None:
    (ticket,) = read(tmp_path, "arrived,first_reply_minutes\n2026-03-02T10:00Z,90\n").tickets
    assert ticket.replied == ticket.arrived + timedelta(minutes=90)


def test_times_without_a_zone_are_in_the_zone_told_and_the_history_says_so(tmp_path: Path) -> None:
    zone = ZoneInfo("Europe/Berlin")
    history = read(tmp_path, "arrived,taken\n2026-07-01 10:00,2026-07-01 10:30\n", zone=zone)
    assert history.tickets[0].arrived == datetime(2026, 7, 1, 8, tzinfo=UTC)
    assert history.remarks == ("times without a zone are read as Europe/Berlin",)
    assert read(tmp_path, HEADER + ROW, zone=zone).remarks == ()


def test_what_the_file_proves_about_its_dates_is_said(tmp_path: Path) -> None:
    text = "arrived,taken\n03/04/2026 10:00Z,03/04/2026 10:30Z\n25/04/2026 10:00Z,25/04/2026 10:30Z\n"
    history = read(tmp_path, text)
    assert history.tickets[0].arrived == datetime(2026, 4, 3, 10, tzinfo=UTC)
    assert "row 3 proves" in history.remarks[0]


def test_a_doubtful_order_is_an_error_until_it_is_told(tmp_path: Path) -> None:
    text = "arrived,taken\n03/04/2026 10:00,03/04/2026 10:30\n"
    with pytest.raises(Malformed, match="row 2, arrived"):
        read(tmp_path, text)
    (ticket,) = read(tmp_path, text, dates=DayOrder.MONTH).tickets
    assert ticket.arrived == datetime(2026, 3, 4, 10, tzinfo=UTC)


def test_rows_that_cannot_be_used_are_counted_by_reason_with_their_numbers(tmp_path: Path) -> None:
    rows = [
        ROW,
        ROW,
        "2,2026-03-02T10:00:00Z\n",
        "3,2026-03-02T10:00:00Z,,,,,,,,\n",
        "4,,2026-03-02T10:00:00Z,,,,,,,\n",
        "5,2026-03-02T11:00:00Z,2026-03-02T10:00:00Z,,,,,,,\n",
        "6,last week,2026-03-02T10:00:00Z,,,,,,,\n",
        "7,2026-03-02T10:00:00Z,2026-03-02T10:00:00Z,soon,,,,,,\n",
        "8,2026-03-02T10:00:00Z,2026-03-02T10:00:00Z,-3,,,,,,\n",
        "9,2026-03-02T10:00:00Z,2026-03-02T10:00:00Z,,,,,,,,,\n",
        "\n",
    ]
    history = read(tmp_path, HEADER + "".join(rows))
    assert len(history.tickets) == 1
    assert history.rows == 10
    found = {item.reason: (item.count, item.examples) for item in history.unusable}
    assert found == {
        "a number that cannot be read": (
            2,
            ("row 9: handling_minutes is soon", "row 10: handling_minutes is -3"),
        ),
        "the same ticket twice": (1, ("row 3: 1",)),
        "the row ends early": (1, ("row 4: 2 of 10 columns",)),
        "never answered": (1, ("row 5",)),
        "no arrival": (1, ("row 6",)),
        "answered before it arrived": (1, ("row 7: 2026-03-02 11:00:00+00:00 and 2026-03-02 10:00:00+00:00",)),
        "a date that cannot be read": (1, ("row 8: arrived last week is no date",)),
        "the row has more columns than the header": (1, ("row 11: 12 of 10 columns",)),
    }


def test_a_compressed_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "history.csv.gz"
    path.write_bytes(gzip.compress((HEADER + ROW).encode("utf-8-sig")))
    assert len(read_csv(path).tickets) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no column says when a ticket arrived"),
        ("a,b\n1,2\n", "no column says when a ticket arrived.*there are a, b"),
        ("arrived\n2026-03-02T10:00Z\n", "no column says when a ticket was taken"),
        ("arrived,arrived,taken\n", "there twice"),
        ("arrived,taken\n", "no row can be used: there is none"),
        ("arrived,taken\nx,y\n", r"no row can be used: 1 × a date that cannot be read \(row 2: arrived x is no date\)"),
        ('arrived,taken\n"2026-03-02T10:00Z,2026-03-02T10:00Z\n', "row 2: unexpected end"),
        (b"arrived,taken\n\xff\xfe,\n", "is not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_reason(tmp_path: Path, text: str | bytes, reason: str) -> None:
    with pytest.raises(Malformed, match=reason):
        read(tmp_path, text)


def test_a_column_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="no column group for pool; there are ticket, arrived"):
        read(tmp_path, HEADER + ROW, columns={"pool": "group"})


def test_half_a_compressed_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "history.csv.gz"
    path.write_bytes(gzip.compress((HEADER + ROW).encode())[:-12])
    with pytest.raises(Malformed, match="cannot be read"):
        read_csv(path)
