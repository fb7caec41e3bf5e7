"""One form out of all that WHMCS may answer."""

import html
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.whmcs import normalise
from adapters.whmcs.normalise import decode, fully_decoded, local_day, local_time, money, rows, text, to_utc, whole
from deskside.text import clean

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [
    BERLIN,
    ZoneInfo("UTC"),
    ZoneInfo("America/New_York"),
    ZoneInfo("Australia/Lord_Howe"),
    ZoneInfo("Asia/Kolkata"),
]

ROW = st.fixed_dictionaries({"id": st.integers(1, 10**6).map(str), "domain": st.text(max_size=5)})


def nothing(plural: str, singular: str) -> list[dict[str, Any]]:
    """Every form in which an empty list comes."""
    forms: list[Any] = ["", [], {}, None, [[]], {singular: ""}, {singular: []}, {singular: {}}, {singular: [[]]}]
    return [{}, *({plural: form} for form in forms)]


def forms(items: list[dict[str, Any]], plural: str, singular: str) -> list[dict[str, Any]]:
    """Every form in which a list of these comes."""
    numbered = {str(index): item for index, item in enumerate(items)}
    inner: list[Any] = [items, numbered, [*items, []]]
    if len(items) == 1:
        inner.append(items[0])
    return [{plural: form} for form in inner] + [{plural: {singular: form}} for form in inner]


@pytest.mark.parametrize("answer", nothing("domains", "domain"))
def test_every_form_of_no_rows_is_no_rows(answer: dict[str, Any]) -> None:
    assert rows(answer, "domains", "domain") == []


@given(st.lists(ROW, min_size=1, max_size=12))
def test_every_form_of_a_list_is_the_same_list(items: list[dict[str, Any]]) -> None:
    for answer in forms(items, "domains", "domain"):
        assert rows(answer, "domains", "domain") == items, answer


@given(st.lists(ROW, min_size=1, max_size=12), st.booleans())
def test_flattened_keys_are_the_same_list(items: list[dict[str, Any]], bare: bool) -> None:
    prefix = "announcements" if bare else "announcements[announcement]"
    flat = {f"{prefix}[{index}][{key}]": value for index, item in enumerate(items) for key, value in item.items()}
    body = json.dumps({"result": "success", **flat}).encode()
    answer = decode(body, {"result", "announcements", "announcement", "id", "domain"})
    assert answer is not None
    assert rows(answer, "announcements", "announcement") == items


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["tickets", "ticket", "id", "a[0][b]", "[", "]"]) | st.text(max_size=6), JSON))
def test_no_answer_breaks_the_normaliser(answer: dict[str, Any]) -> None:
    decoded = decode(json.dumps(answer).encode(), {"tickets", "ticket", "id", "a", "b"})
    assert isinstance(decoded, dict)
    assert all(isinstance(row, dict) for row in rows(decoded, "tickets", "ticket"))


@given(st.binary(max_size=60))
def test_what_is_no_object_is_nothing(body: bytes) -> None:
    found = decode(body, {"a"})
    assert found is None or isinstance(found, dict)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'"x"', b"<html>", b'{"a":', b"\xff", b"[" * 5000])
def test_what_is_not_an_object_is_told_apart(body: bytes) -> None:
    assert decode(body, {"a"}) is None


def test_a_byte_order_mark_does_no_harm() -> None:
    assert decode(b'\xef\xbb\xbf{"a": 1}', {"a"}) == {"a": 1}


def test_of_an_answer_only_what_is_asked_for_is_kept() -> None:
    body = {"a": 1, "password": "x", "a[0][password]": "x", "b": {"0": {"a": 2, "c": "x"}}, "c": {"a": "x"}}
    assert decode(json.dumps(body).encode(), {"a", "b"}) == {"a": 1, "b": {"0": {"a": 2}}}


# Texts


def php(value: str) -> str:
    """PHP's htmlspecialchars with ENT_QUOTES."""
    return html.escape(value, quote=True).replace("&#x27;", "&#039;")


@given(st.text())
def test_an_encoded_text_is_what_was_typed(typed: str) -> None:
    assert text(php(typed)) == clean(typed)


@given(st.text())
def test_encoded_twice_or_not_at_all_the_decoded_text_is_the_same_for_the_digest(typed: str) -> None:
    once = fully_decoded(text(typed))
    assert fully_decoded(text(php(typed))) == once
    assert fully_decoded(text(php(php(typed)))) == once


def test_entities_are_decoded_once() -> None:
    assert text("&amp;lt;b&amp;gt;") == "&lt;b&gt;"


def test_an_address_with_parameters_is_no_entity() -> None:
    assert text("https://x.example/?a=1&copy=2&amp=3") == "https://x.example/?a=1&copy=2&amp=3"


@pytest.mark.parametrize("value", [None, [], {}, [[]], {"a": 1}])
def test_a_container_where_a_text_should_be_is_empty(value: object) -> None:
    assert text(value) == ""


# Numbers


@pytest.mark.parametrize(
    ("value", "number"), [("12", 12), (12, 12), (" 7 ", 7), ("", None), (None, None), ("1.5", None), (True, None),
                          ("x", None), ([], None), ("9" * 40, None)]
)  # fmt: skip
def test_a_number_may_be_a_text(value: object, number: int | None) -> None:
    assert whole(value) == number


@pytest.mark.parametrize("value", ["$2645.80 USD", "2,645.80", "", None, "1e9", "NaN", "٣", True, [], "1.2.3"])
def test_display_text_is_never_read_as_money(value: object) -> None:
    assert money(value) is None


@pytest.mark.parametrize(("value", "amount"), [("12.50", "12.50"), (12, "12"), ("-3.1", "-3.1"), (0.5, "0.5")])
def test_raw_amounts_are_money(value: object, amount: str) -> None:
    assert money(value) == Decimal(amount)


@pytest.mark.parametrize("value", [True, 1, "1", "on", "true", "Yes"])
def test_every_yes_is_yes(value: object) -> None:
    assert normalise.flag(value) is True


@pytest.mark.parametrize("value", [False, 0, "0", "", "off", None, []])
def test_everything_else_is_no(value: object) -> None:
    assert normalise.flag(value) is False


# Times


@pytest.mark.parametrize("value", [
    "0000-00-00", "0000-00-00 00:00:00", "", None, "soon", "0001-01-01 00:00:00", "9999-12-31", [], 5, "2026-13-01",
])  # fmt: skip
def test_a_zero_date_is_no_date(value: object) -> None:
    assert local_time(value) is None
    assert local_day(value) is None


def test_a_local_time_is_an_instant_by_the_zone() -> None:
    shown = local_time("2026-07-01 12:00:00")
    assert shown is not None
    assert to_utc(shown, BERLIN) == datetime(2026, 7, 1, 10, tzinfo=UTC)
    assert local_day("2026-07-01") == date(2026, 7, 1)


def test_in_the_hour_that_comes_twice_the_first_is_taken_unless_it_was_later() -> None:
    shown = datetime(2026, 10, 25, 2, 30)  # noqa: DTZ001 - as a clock shows it
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert to_utc(shown, BERLIN) == first
    assert to_utc(shown, BERLIN, not_before=first) == first
    assert to_utc(shown, BERLIN, not_before=first + timedelta(minutes=20)) == second
    assert to_utc(shown, BERLIN, not_before=second + timedelta(minutes=20)) == first


INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(INSTANTS.map(lambda at: at.replace(microsecond=0)), st.sampled_from(ZONES))
def test_a_clocks_reading_leads_back_to_its_instant_or_to_its_first_occurrence(at: datetime, zone: ZoneInfo) -> None:
    read = local_time(at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"))
    assert read is not None
    found = to_utc(read, zone)
    assert found <= at
    assert found.astimezone(zone).replace(tzinfo=None) == at.astimezone(zone).replace(tzinfo=None)
    assert to_utc(read, zone, not_before=at) == at


@given(st.datetimes(datetime(1971, 1, 1), datetime(2199, 12, 31)), st.sampled_from(ZONES))  # noqa: DTZ001
def test_every_reading_has_an_instant(shown: datetime, zone: ZoneInfo) -> None:
    assert to_utc(shown.replace(fold=0), zone).tzinfo is UTC
