"""Rows turned into tickets."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.whmcs import rows, tickets
from adapters.whmcs.rows import ReplyRow, TicketRow
from deskside.model.ticket import Client, Status
from tests.adapters.whmcs.install import listed, reply

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 2, tzinfo=UTC)


def ticket_row(**changes: Any) -> TicketRow:
    (row,) = rows.TICKETS.read([listed(**changes)])
    return row


def replies(*given: dict[str, Any]) -> list[ReplyRow]:
    opening = {"replyid": 0, "date": "2026-11-01 10:00:00", "message": "since &lt;ten&gt;", "admin": ""}
    return rows.REPLIES.read([*given, opening])


def changed(status: Status, *given: dict[str, Any], **changes: Any) -> datetime:
    row = ticket_row(**changes)
    return tickets.changed_at(row, tickets.read_told(row, replies(*given), BERLIN, NOW), status, BERLIN, NOW)


def test_a_row_keeps_only_what_is_used() -> None:
    row = ticket_row(flag="3")
    assert (row.id, row.client, row.department, row.flag, row.service) == ("5", "7", "2", "3", "S31")
    assert row.subject == "It's down"
    assert row.name == "Ann & Bob"
    assert "canary" not in repr(row)


@pytest.mark.parametrize("value", ["0", 0, "", None])
def test_every_form_of_nobody_is_nobody(value: object) -> None:
    row = ticket_row(flag=value, userid=value, deptid=value)
    assert (row.flag, row.client, row.department) == (None, None, None)


@pytest.mark.parametrize("value", ["", None, "x", [], "0"])
def test_a_row_without_an_id_is_left_out_and_hides_no_other(value: object) -> None:
    assert [row.id for row in rows.TICKETS.read([listed(id=value), listed(id="6")])] == ["6"]


ODD = st.none() | st.text() | st.integers() | st.booleans() | st.lists(st.text(), max_size=2) | st.floats()


@given(st.fixed_dictionaries({key: ODD for key in listed() if key != "id"}))
def test_no_odd_value_costs_the_ticket_its_row(values: dict[str, Any]) -> None:
    row = ticket_row(**values)
    told = tickets.read_told(row, [], BERLIN, NOW)
    assert row.id == "5"
    assert told.opened.tzinfo is UTC
    assert tickets.listed_at(row, BERLIN).tzinfo is UTC
    assert tickets.client_id(row)


def test_the_reply_with_the_id_0_is_the_opening_post() -> None:
    told = tickets.read_told(ticket_row(), replies(reply(8, "2026-11-01 11:00:00")), BERLIN, NOW)
    assert told.text == "since <ten>"
    assert told.opened == datetime(2026, 11, 1, 9, tzinfo=UTC)
    assert told.last == datetime(2026, 11, 1, 10, tzinfo=UTC)
    assert told.first_reply is None


def test_the_first_answer_is_the_first_reply_of_an_administrator() -> None:
    told = tickets.read_told(
        ticket_row(),
        replies(
            reply(12, "2026-11-01 13:00:00", "Eve"),
            reply(11, "2026-11-01 12:00:00", "Bob"),
            reply(10, "2026-11-01 11:00:00"),
        ),
        BERLIN,
        NOW,
    )
    assert told.first_reply == datetime(2026, 11, 1, 11, tzinfo=UTC)
    assert told.last_is_ours


@pytest.mark.parametrize(
    ("ratings", "badly"),
    [(["0"], False), (["2"], True), (["1", "0"], True), (["1", "3"], False), (["5", "2"], True), (["x"], False)],
)
def test_the_newest_rating_of_an_answer_of_ours_counts(ratings: list[str], badly: bool) -> None:
    answers = [
        reply(9 + number, f"2026-11-01 1{number}:00:00", "Eve") | {"rating": rating}
        for number, rating in enumerate(ratings)
    ]
    own_words = reply(30, "2026-11-01 20:00:00") | {"rating": "1"}
    told = tickets.read_told(ticket_row(), replies(*answers, own_words), BERLIN, NOW)
    assert told.rated_badly is badly


def test_words_in_the_hour_that_comes_twice_keep_their_order() -> None:
    row = ticket_row(date="2026-10-25 02:50:00", lastreply="2026-10-25 02:10:00")
    told = tickets.read_told(row, replies(reply(8, "2026-10-25 02:10:00")), BERLIN, NOW)
    assert told.opened == datetime(2026, 10, 25, 0, 50, tzinfo=UTC)
    assert told.last == datetime(2026, 10, 25, 1, 10, tzinfo=UTC)


def test_a_ticket_came_to_wait_with_its_clients_last_word_and_ceased_with_ours() -> None:
    ours = reply(8, "2026-11-01 11:00:00", "Eve")
    theirs = reply(9, "2026-11-01 12:00:00")
    assert changed(Status.OPEN) == datetime(2026, 11, 1, 9, tzinfo=UTC)
    assert changed(Status.PENDING, ours) == datetime(2026, 11, 1, 10, tzinfo=UTC)
    assert changed(Status.OPEN, ours, theirs) == datetime(2026, 11, 1, 11, tzinfo=UTC)
    assert changed(Status.OPEN, lastreply="2026-11-01 12:30:00") == datetime(2026, 11, 1, 11, 30, tzinfo=UTC)


@pytest.mark.parametrize("status", [Status.CLOSED, Status.HOLD, Status.PENDING])
def test_a_state_that_was_set_by_hand_began_when_it_was_seen(status: Status) -> None:
    assert changed(status) == NOW
    assert changed(Status.OPEN, reply(8, "2026-11-01 11:00:00", "Eve")) == NOW


def account(**changes: Any) -> rows.ClientRow:
    (row,) = rows.CLIENTS.read([{"id": 7, "firstname": "Ann", "lastname": "Smith", "email": "A@b.example"} | changes])
    return row


def test_the_client_is_the_account() -> None:
    custom = [{"id": "12", "value": "business"}, {"id": "13", "value": "canary"}]
    found = tickets.read_client(
        ticket_row(), account(companyname="A &amp; B", groupid="3", customfields=custom), date(2019, 1, 1), None,
        {"plan": "12", "none": "99"},
    )  # fmt: skip
    assert (found.id, found.name) == ("7", "A & B")
    assert found.aliases == {"whmcs:7", "a@b.example", "ann@acme.example"}
    assert found.fields == {"plan": "business"}
    assert found.tags == {"group_3"}
    assert found.since == date(2019, 1, 1)
    assert "canary" not in repr(found)


def test_an_account_we_may_not_see_still_has_its_ticket() -> None:
    found = tickets.read_client(ticket_row(), None, None, None, {"plan": "12"})
    assert (found.id, found.name, found.fields) == ("7", "Ann Smith", {})


def test_a_guest_is_known_by_an_address_that_opens_nothing() -> None:
    row = ticket_row(userid="0", email="X@y.example", requestor_email="")
    found = tickets.read_client(row, None, None, None, {})
    assert found.id.startswith("guest-")
    assert len(found.id) < 64
    assert found.aliases == {"x@y.example"}
    again = ticket_row(userid="0", email="x@Y.example ", requestor_email="")
    assert tickets.client_id(again) == found.id == tickets.client_id(row)


@pytest.mark.parametrize(
    ("name", "language"),
    [("english", "en"), ("Russian", "ru"), ("portuguese-br", "pt"), ("klingon", ""), ("", ""), ("en", "")],
)
def test_a_language_is_known_by_its_name(name: str, language: str) -> None:
    assert tickets.read_language(name) == language


def digest(**changes: Any) -> str:
    row = ticket_row(**changes)
    ticket = tickets.read_ticket(
        row,
        status=Status.OPEN if row.status == "Open" else Status.PENDING,
        pool=f"pool {row.department}",
        client=Client(tickets.client_id(row), ""),
        created_at=NOW,
        updated_at=NOW,
    )
    return tickets.digest(ticket)


@pytest.mark.parametrize(
    "change",
    [{"subject": "other"}, {"status": "Answered"}, {"priority": "High"}, {"flag": "3"}, {"service": "D4"},
     {"deptid": "9"}, {"userid": "8"}],
)  # fmt: skip
def test_the_digest_changes_with_what_the_list_shows(change: dict[str, str]) -> None:
    assert digest(**change) != digest()


@pytest.mark.parametrize(
    "same",
    [{"lastreply": "2026-11-02 10:00:00"}, {"subject": "It's down"}, {"subject": "It&amp;#039;s down"},
     {"name": "other"}, {"c": "other"}, {"flag": 0}, {"userid": 7}, {"priority": "medium"}],
)  # fmt: skip
def test_the_digest_does_not_change_with_what_is_no_change(same: dict[str, Any]) -> None:
    assert digest(**same) == digest()
