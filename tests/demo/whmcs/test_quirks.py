"""Each way of printing, held alone."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskside.demo.whmcs import Quirks, SimulatedWhmcs
from deskside.demo.whmcs.quirks import CHOICES
from tests.demo.whmcs.tools import Caller


@pytest.mark.parametrize(
    ("how", "shown"),
    [("documented", {"ticket": []}), ("nested", {"ticket": []}), ("text", ""), ("list", []), ("map", {})],
)
def test_an_empty_list(whmcs: SimulatedWhmcs, api: Caller, how: str, shown: Any) -> None:
    whmcs.quirks = Quirks(empty=how)
    assert api.ask("GetTickets")["tickets"] == shown


def test_an_empty_list_can_be_missing(whmcs: SimulatedWhmcs, api: Caller) -> None:
    whmcs.quirks = Quirks(empty="missing")
    assert "tickets" not in api.ask("GetTickets")
    assert "servers" not in api.ask("GetServers")


def test_an_invoice_without_transactions_has_a_text_for_them(whmcs: SimulatedWhmcs, api: Caller, client: int) -> None:
    invoice = api.ask("CreateInvoice", userid=client, itemdescription1="Front", itemamount1="5")["invoiceid"]
    assert api.ask("GetInvoice", invoiceid=invoice)["transactions"] == ""
    whmcs.pay(int(invoice))
    assert len(api.ask("GetInvoice", invoiceid=invoice)["transactions"]["transaction"]) == 1


def test_a_single_item_can_be_bare(whmcs: SimulatedWhmcs, api: Caller, ticket: int) -> None:
    whmcs.quirks = Quirks(single="bare")
    answer = api.ask("GetTicket", ticketid=ticket)
    assert answer["replies"]["reply"]["replyid"] == "0"
    assert answer["notes"] == {"note": []}


def test_a_list_can_be_an_object_with_numbers(whmcs: SimulatedWhmcs, api: Caller, ticket: int) -> None:
    whmcs.quirks = Quirks(many="map")
    api.ask("AddTicketNote", ticketid=ticket, message="a")
    assert list(api.ask("GetTicketNotes", ticketid=ticket)["notes"]["note"]) == ["0"]
    assert list(api.ask("GetAdminUsers")["admin_users"]) == ["0", "1"][: len(whmcs.state.admins)]


def test_numbers_are_text_here_and_numbers_there(whmcs: SimulatedWhmcs, api: Caller, ticket: int) -> None:
    def ids() -> tuple[Any, Any]:
        return api.tickets()[0]["id"], api.ask("GetClients")["clients"]["client"][0]["id"]

    assert ids() == ("1", 1)
    whmcs.quirks = Quirks(numbers="text")
    assert ids() == ("1", "1")
    whmcs.quirks = Quirks(numbers="number")
    assert ids() == (1, 1)
    whmcs.quirks = Quirks(numbers="mixed")
    assert {type(ids()[0]) for _ in range(40)} == {int, str}


def test_success_is_said_in_three_ways_and_not_at_all(whmcs: SimulatedWhmcs, api: Caller, client: int) -> None:
    item = {"clientid": client, "description": "Front", "amount": "5", "unit": "quantity", "quantity": "1"}
    assert "result" not in api.ask("GetAdminUsers")
    assert api.ask("AddBillableItem", **item) == {"status": "success", "billableid": "1"}
    whmcs.quirks = Quirks(result="missing")
    assert "result" not in api.ask("GetTickets")
    whmcs.quirks = Quirks(result="status")
    assert api.ask("GetTickets")["status"] == "success"
    assert api.error("GetTicket", ticketid=99) == (200, "Ticket ID Not Found")


def test_a_status_of_its_own_is_not_taken_for_the_result(whmcs: SimulatedWhmcs, api: Caller, ticket: int) -> None:
    whmcs.quirks = Quirks(result="status")
    assert api.ask("GetTicket", ticketid=ticket)["status"] == "Open"


def test_text_has_html_entities(whmcs: SimulatedWhmcs, api: Caller, client: int, department: int) -> None:
    whmcs.create_ticket(client, 'It\'s "<down>" & out', "x", department_id=department)
    row = api.tickets()[0]
    assert row["subject"] == "It&#039;s &quot;&lt;down&gt;&quot; &amp; out"
    assert row["name"] == "Ada O&#039;Neill"
    whmcs.quirks = Quirks(entities=False)
    assert api.tickets()[0]["subject"] == 'It\'s "<down>" & out'


@pytest.mark.parametrize(
    ("how", "day", "moment"),
    [("zero", "0000-00-00", "0000-00-00 00:00:00"), ("empty", "", ""), ("null", None, None)],
)
def test_a_date_that_is_not_there(
    whmcs: SimulatedWhmcs, api: Caller, client: int, how: str, day: Any, moment: Any
) -> None:
    whmcs.quirks = Quirks(no_date=how)
    whmcs.add_service(client, "Server", "client.example")
    product = api.ask("GetClientsProducts", clientid=client)["products"]["product"][0]
    assert (product["nextduedate"], product["lastupdate"]) == (day, moment)


def test_times_are_local_and_do_not_say_so(api: Caller, ticket: int) -> None:
    assert api.tickets()[0]["date"] == "2026-03-02 04:00:00"


def test_the_hour_that_comes_twice_is_printed_the_same_twice(client: int, department: int) -> None:
    """Documented here so that nobody wonders: without a zone, these two moments cannot be told apart."""
    from datetime import UTC, datetime

    from deskside.demo.whmcs.state import State, now

    zone = SimulatedWhmcs(timezone="Europe/Berlin").state.zone
    state = State(now, zone, 1)
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert state.local(first) == state.local(second)


def test_no_attachments_are_a_list_of_an_empty_list(whmcs: SimulatedWhmcs, api: Caller, ticket: int) -> None:
    assert api.tickets()[0]["attachments"] == [[]]
    whmcs.quirks = Quirks(no_attachments="list")
    assert api.tickets()[0]["attachments"] == []


def test_keys_are_flattened_where_the_documentation_prints_them_so(
    whmcs: SimulatedWhmcs, api: Caller, ticket: int
) -> None:
    api.ask("AddAnnouncement", date="2026-03-01 10:00:00", title="Hi", announcement="<p>Hi</p>", published="1")
    whmcs.quirks = Quirks(flat_keys=True)
    answer = api.ask("GetAnnouncements")
    assert answer["announcements[announcement][0][id]"] == "1"
    assert answer["announcements[announcement][0][announcement]"] == "<p>Hi</p>"
    assert "announcements" not in answer
    assert api.tickets()[0]["id"] == "1"


def test_tickets_come_in_no_order_but_the_same_for_every_page(
    whmcs: SimulatedWhmcs, api: Caller, client: int, department: int
) -> None:
    made = [str(whmcs.create_ticket(client, "s", "t", department_id=department)) for _ in range(12)]
    shown = [row["id"] for row in api.tickets()]
    assert sorted(shown, key=int) == made
    assert shown not in (made, made[::-1])
    paged = [row["id"] for start in (0, 5, 10) for row in api.tickets(limitstart=start, limitnum=5)]
    assert paged == shown
    whmcs.quirks = Quirks(ordered=True)
    assert [row["id"] for row in api.tickets()] == made


def test_a_seed_draws_other_quirks_for_every_answer_and_the_same_again(
    whmcs: SimulatedWhmcs, api: Caller, ticket: int
) -> None:
    runs = []
    for seed in (7, 7, 8):
        whmcs.vary(seed)
        runs.append([api.call("GetTicket", ticketid=ticket).text for _ in range(12)])
    assert runs[0] == runs[1] != runs[2]
    assert len(set(runs[0])) > 6
    whmcs.vary(None)
    assert len({api.call("GetTicket", ticketid=ticket).text for _ in range(3)}) == 1


def test_a_way_nobody_has_seen_is_refused() -> None:
    with pytest.raises(ValueError, match="single is 'twice'; known are list, bare"):
        Quirks(single="twice")


@given(st.integers())
def test_every_drawn_combination_is_a_known_one(seed: int) -> None:
    drawn = Quirks.drawn(random.Random(seed))
    assert all(getattr(drawn, name) in choices for name, choices in CHOICES.items())
