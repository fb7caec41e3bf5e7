"""Rows of real answers, and rows as bad as they come, in Deskside's words."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.zendesk.tickets import (
    digest,
    read_client,
    read_fields,
    read_first_reply,
    read_instant,
    read_language,
    read_rated_badly,
    read_service_level,
    read_status,
    read_ticket,
)
from deskside.model.ticket import Client, ServiceLevel, Status, Ticket
from tests.shared import shared

SOMEBODY = Client(id="11", name="Ann")
OWN = ("41", "42")

ROW: dict[str, Any] = {
    "id": 5158, "subject": "mail is down", "description": "since ten", "status": "open", "priority": "high",
    "created_at": "2026-11-01T10:00:00Z", "updated_at": "2026-11-01T11:00:00Z", "tags": ["vip", "deskside_band_normal"],
    "custom_fields": [{"id": 41, "value": "deskside_band_normal"}, {"id": 42, "value": "000745"},
                      {"id": 43, "value": True}, {"id": 44, "value": None}, {"id": 45, "value": ["b", "a"]},
                      {"id": 46, "value": 745}, {"id": 47, "value": ""}],
}  # fmt: skip


def ticket(**changes: Any) -> Ticket:
    return read_ticket({**ROW, **changes}, "Support", SOMEBODY, {"name": "Ann", "locale": "ru-RU"}, None)


def test_a_row_in_our_words() -> None:
    found = ticket()
    assert (found.id, found.status, found.priority, found.tags) == (
        "5158", Status.OPEN, "high", {"vip", "deskside_band_normal"},
    )  # fmt: skip
    assert found.created_at == datetime(2026, 11, 1, 10, tzinfo=UTC)
    assert found.fields == {"41": "deskside_band_normal", "42": "000745", "43": "true", "45": "a, b", "46": "745"}


@pytest.mark.parametrize(
    ("text", "status"),
    [("OPEN", Status.OPEN), ("hold", Status.HOLD), ("ARCHIVED", Status.CLOSED), ("SCRUBBED", Status.DELETED),
     ("deleted", Status.DELETED), ("escalated", Status.OPEN), (None, Status.OPEN)],
)  # fmt: skip
def test_a_status_in_either_spelling(text: str | None, status: Status) -> None:
    assert read_status(text) is status


def test_times_with_nine_digits_and_zones_become_utc() -> None:
    assert read_instant("2025-01-08T10:12:07.672717030Z") == datetime(2025, 1, 8, 10, 12, 7, 672717, UTC)
    assert read_instant("2025-01-08T12:12:07+02:00") == datetime(2025, 1, 8, 10, 12, 7, tzinfo=UTC)
    assert read_instant(None).year == 1970


@pytest.mark.parametrize(
    "change",
    [{"subject": "x"}, {"description": "x"}, {"status": "pending"}, {"priority": None}, {"tags": ["vip", "new"]},
     {"tags": []}, {"custom_fields": [{"id": 46, "value": 746}]}],
)  # fmt: skip
def test_the_digest_moves_with_what_people_change(change: dict[str, Any]) -> None:
    assert digest(ticket(**change), OWN) != digest(ticket(), OWN)


def test_the_digest_does_not_move_with_our_own_writing() -> None:
    written = ticket(
        updated_at="2026-11-02T00:00:00Z",
        tags=["deskside_server_down", "vip"],
        custom_fields=[*ROW["custom_fields"][2:], {"id": 41, "value": "x"}, {"id": 42, "value": "000001"}],
    )
    assert digest(written, OWN) == digest(ticket(), OWN)


@given(st.permutations(ROW["custom_fields"]), st.permutations(ROW["tags"]))
def test_the_digest_does_not_depend_on_order(fields: list[Any], tags: list[str]) -> None:
    assert digest(ticket(custom_fields=fields, tags=tags), OWN) == digest(ticket(), OWN)


def test_the_client_is_the_organization_by_all_its_names() -> None:
    requester = {"id": 11, "name": "Ann", "email": "Ann@Acme.Example", "external_id": "U-1", "tags": ["vip"]}
    organization = {
        "id": 12, "name": "Acme", "external_id": "ACME-7", "tags": ["gold"],
        "organization_fields": {"plan": "Gold", "seats": 5, "none": None},
    }  # fmt: skip
    found = read_client("11", requester, organization)
    assert (found.id, found.name, found.tags) == ("12", "Acme", {"vip", "gold"})
    assert found.aliases == {"12", "acme-7", "ann@acme.example", "u-1"}
    assert found.fields == {"plan": "Gold", "seats": "5"}


def test_a_person_of_no_organization_is_a_client_too() -> None:
    found = read_client("11", {"id": 11, "name": "Ann", "email": "a@x.example", "user_fields": {"plan": "s"}}, {})
    assert (found.id, found.name, found.fields) == ("11", "Ann", {"plan": "s"})
    assert found.aliases == {"11", "a@x.example"}


def test_nothing_empty_names_a_client() -> None:
    assert read_client(None, {"email": "", "external_id": None}, {}).aliases == frozenset()


def test_only_a_running_reply_target_counts_and_the_earliest_wins() -> None:
    saved = json.loads(
        shared("fixtures/zendesk/shapes_from_live_reports/ticket_sla_policy_metrics_200.json").read_text()
    )
    rows = saved["body"]["policy_metrics"]
    assert read_service_level(rows) == ServiceLevel("next_reply_time", datetime(2026, 5, 8, 14, tzinfo=UTC))
    assert read_service_level([row for row in rows if row["stage"] != "active"]) is None
    assert read_service_level([{"metric": "requester_wait_time", "stage": "active", "breach_at": "2026-01-01"}]) is None


@pytest.mark.parametrize(
    "metrics",
    [
        {},
        {"replies": 0, "reply_time_in_minutes": {"calendar": 0, "business": 0}},
        {"replies": 1, "reply_time_in_minutes": {"calendar": None}},
        {"replies": 1, "reply_time_in_minutes": None},
        {"replies": 1, "reply_time_in_minutes": {"calendar": -4}},
        {"replies": 1, "reply_time_in_minutes": {"calendar": True}},
        {"replies": 1, "reply_time_in_minutes": {"calendar": "soon"}},
    ],
)
def test_no_first_reply_is_made_up(metrics: dict[str, Any]) -> None:
    assert read_first_reply(datetime(2026, 11, 1, tzinfo=UTC), metrics) is None


@pytest.mark.parametrize(
    ("rating", "badly"),
    [
        ({"score": "bad"}, True),
        ({"score": "bad_with_comment"}, True),
        ({"score": "good"}, False),
        ({"score": "offered"}, False),
        ({"score": None}, False),
        (None, False),
        ("bad", False),
    ],
)
def test_only_a_bad_score_is_a_bad_rating(rating: object, badly: bool) -> None:
    assert read_rated_badly(rating) is badly


@pytest.mark.parametrize(
    ("locale", "language"),
    [("en-US", "en"), ("ru", "ru"), ("zh-cn", "zh"), ("", ""), (None, ""), (7, ""), ("<script>", "")],
)
def test_a_language_is_the_first_part_of_a_locale(locale: object, language: str) -> None:
    assert read_language(locale) == language


@pytest.mark.parametrize("number", ["015", "016", "017", "018", "027"])
def test_recorded_tickets_are_read(number: str) -> None:
    saved = json.loads(shared(f"fixtures/zendesk/recorded_sbruno/{number}_count_next_page.json").read_text("utf-8"))
    rows = saved["json"]["tickets"]
    for row in rows:
        found = read_ticket(row, "Support", SOMEBODY, {}, None)
        assert found.id == str(row["id"])
        assert found.subject == (row["subject"] or "")
        assert found.status.value == row["status"]
        assert found.created_at <= found.updated_at
        assert found.created_at.year > 2000
    assert rows or saved["json"]["count"] == 0


NASTY = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
ANYTHING = st.recursive(
    NASTY, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)


@given(st.dictionaries(st.sampled_from(list(ROW)), ANYTHING), ANYTHING)
def test_no_row_is_bad_enough_to_raise(changes: dict[str, Any], fields: Any) -> None:
    found = ticket(**{**changes, "custom_fields": fields})
    assert digest(found, OWN) == digest(found, OWN)
    assert "\x00" not in found.subject + found.text
    (found.subject + found.text + "".join(found.tags) + "".join(found.fields.values())).encode()


def test_fields_of_any_form_are_read() -> None:
    assert read_fields([None, {"id": "9", "value": "745"}, {"id": 0, "value": 1}, {"value": 1}]) == {"9": "745"}
