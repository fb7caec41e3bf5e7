"""includes/api.php of the double: its error shapes, and the quirks of its answers."""

from typing import Any

import pytest
import requests

from tests.doubles.probe import order_of, seen
from tests.doubles.whmcs_server import SECRETS, Whmcs


class Caller:
    """Calls the API with one credential."""

    def __init__(self, whmcs: Whmcs, actions: list[str] | None = None, admin: int = 1) -> None:
        self.url = whmcs.api_url
        self.identifier, self.secret = whmcs.api_credential(actions, admin)

    def answer(self, action: str, **values: Any) -> requests.Response:
        own = {"identifier": self.identifier, "secret": self.secret, "responsetype": "json", "action": action}
        return requests.post(self.url, data=own | values, timeout=30)

    def __call__(self, action: str, **values: Any) -> dict[str, Any]:
        answer = self.answer(action, **values)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


@pytest.fixture
def api(whmcs: Whmcs) -> Caller:
    return Caller(whmcs)


def refused(answer: requests.Response) -> tuple[int, str]:
    body = answer.json()
    assert body["result"] == "error"
    return answer.status_code, body["message"]


def test_refusals_have_their_status_and_their_message(whmcs: Whmcs, api: Caller) -> None:
    assert refused(api.answer("")) == (400, "Empty action request")
    assert refused(api.answer("GetTickets", secret="wrong")) == (403, "Authentication Failed")
    assert refused(api.answer("GetTickets", identifier="wrong")) == (403, "Invalid or missing credentials")
    assert refused(api.answer("DoMagic")) == (200, "Command Not Found")
    limited = Caller(whmcs, ["GetTicket"])
    expected = (403, 'Invalid Permissions: API action "gettickets" is not allowed')
    assert refused(limited.answer("GetTickets")) == expected
    whmcs.configure("APIAllowedIPs", "192.0.2.1")
    assert refused(api.answer("GetTickets")) == (403, "Invalid IP 127.0.0.1")
    whmcs.configure("APIAllowedIPs", "")
    assert refused(api.answer("GetTickets")) == (403, "Invalid IP 127.0.0.1")


def test_a_disabled_admin_disables_the_credential(whmcs: Whmcs) -> None:
    api = Caller(whmcs, admin=3)
    whmcs.execute("UPDATE tbladmins SET disabled = 1 WHERE id = 3")
    assert refused(api.answer("GetTickets")) == (403, "Administrator Account Disabled")


def test_a_doubled_path_answers_200_and_knows_no_admin(api: Caller) -> None:
    api.url += "/includes/api.php"
    assert refused(api.answer("GetTickets")) == (200, "An admin user is required")


def test_errors_of_business_come_with_200(api: Caller) -> None:
    assert refused(api.answer("GetTicket", ticketid=99)) == (200, "Ticket ID not found")
    assert refused(api.answer("AddTicketNote", ticketid=1)) == (200, "Message is required")
    assert refused(api.answer("GetClientsDetails")) == (200, "Either clientid Or email Is Required")
    assert refused(api.answer("GetClientsDetails", clientid=99)) == (200, "Client Not Found")
    status, message = refused(api.answer("UpdateTicket", ticketid=1, priority="Urgent"))
    assert (status, "Low,Medium,High" in message) == (200, True)


def test_without_responsetype_the_answer_is_no_json(api: Caller) -> None:
    assert api.answer("GetSupportStatuses", responsetype="").text.startswith("result=success;totalresults=6;")


def test_lists_are_nested_numbers_are_texts_and_nothing_is_an_empty_text(api: Caller) -> None:
    found = api("GetTickets")
    ticket = found["tickets"]["ticket"][0]
    assert (ticket["id"], ticket["deptid"], ticket["flag"]) == ("1", "1", "0")
    assert "deptname" not in ticket
    assert "message" not in ticket
    assert api("GetTickets", status="Closed")["tickets"] == ""
    assert api("GetClients")["clients"]["client"][0]["id"] == 1
    assert "result" not in api("GetAdminUsers")


def test_a_ticket_begins_with_the_reply_that_has_the_id_zero(api: Caller) -> None:
    api("AddTicketReply", ticketid=1, clientid=1, message="A & B")
    ticket = api("GetTicket", ticketid=1)
    assert [(reply["replyid"], reply["message"]) for reply in ticket["replies"]["reply"]] == [
        ("0", "Since this morning."),
        ("1", "A &amp; B"),
    ]
    assert ticket["replies"]["reply"][0]["attachments"] == [[]]
    assert ticket["notes"] == ""


def test_a_note_is_written_without_an_id_in_the_answer_found_and_deleted(api: Caller) -> None:
    assert api("AddTicketNote", ticketid=1, message="from outside") == {"result": "success"}
    note = api("GetTicketNotes", ticketid=1)["notes"]["note"][0]
    assert api("GetTicket", ticketid=1)["notes"]["note"][0]["noteid"] == note["id"]
    api("DeleteTicketNote", noteid=note["id"])
    assert api("GetTicketNotes", ticketid=1)["notes"] == ""


def test_tickets_are_paged_by_25_and_limited_to_own_departments(whmcs: Whmcs) -> None:
    whmcs.execute("UPDATE tbladmins SET supportdepts = '1' WHERE id = 2")
    api = Caller(whmcs, admin=2)
    for number in range(26):
        api("OpenTicket", deptid=2, clientid=1, subject=f"Bill {number}", message="x")
    assert api("GetTickets")["totalresults"] == 1
    page = api("GetTickets", ignore_dept_assignments=1)
    assert (page["totalresults"], page["numreturned"]) == (27, 25)
    rest = api("GetTickets", ignore_dept_assignments=1, limitstart=25)
    assert len(rest["tickets"]["ticket"]) == 2
    assert api("GetTicketCounts")["awaitingReply"] == 1
    assert api("GetTicketCounts", ignoreDepartmentAssignments=1)["awaitingReply"] == 27


def test_a_service_is_told_with_its_password(api: Caller) -> None:
    service = api("GetClientsProducts", clientid=1)["products"]["product"][0]
    assert service["password"] == SECRETS["service"]
    assert service["dedicatedip"] == "192.0.2.21"


def test_an_invoice_without_transactions_has_an_empty_text_for_them(api: Caller) -> None:
    made = api("CreateInvoice", userid=1, itemdescription1="Front", itemamount1="4.50")
    invoice = api("GetInvoice", invoiceid=made["invoiceid"])
    assert (invoice["status"], float(invoice["total"]), invoice["transactions"]) == ("Unpaid", 4.5, "")
    assert invoice["datepaid"] == "0000-00-00 00:00:00"


@pytest.mark.parametrize("fires", [True, False])
def test_whether_the_api_fires_hooks_can_be_tried_both_ways(whmcs: Whmcs, api: Caller, fires: bool) -> None:
    whmcs.set(api_fires_hooks=fires)
    api("AddTicketNote", ticketid=1, message="echo?")
    api("AddTicketReply", ticketid=1, adminusername="ben", message="echo?")
    expected = ["TicketAddNote", "TicketAdminReply"] if fires else []
    assert order_of(whmcs, "TicketAddNote", "TicketAdminReply") == expected


def test_the_api_changes_a_ticket_without_an_admins_hand(whmcs: Whmcs, api: Caller) -> None:
    api("UpdateTicket", ticketid=1, status="On Hold", priority="High", flag=2, deptid=2, subject="New")
    row = whmcs.table("tbltickets")[0]
    assert (row["status"], row["urgency"], row["flag"], row["did"], row["title"]) == ("On Hold", "High", 2, 2, "New")
    assert seen(whmcs, "TicketStatusChange") == []
    api("UpdateTicket", ticketid=1, status="Closed")
    assert len(seen(whmcs, "TicketClose")) == 1


def test_opened_with_admin_a_ticket_is_an_admins(whmcs: Whmcs, api: Caller) -> None:
    made = api("OpenTicket", deptid=1, clientid=1, subject="For you", message="x", admin="true")
    assert [vars_["ticketid"] for vars_ in seen(whmcs, "TicketOpenAdmin")] == [made["id"]]
    assert seen(whmcs, "TicketOpen") == []


def test_announcements_are_stored_and_told(whmcs: Whmcs, api: Caller) -> None:
    api("AddAnnouncement", date="2026-11-01 10:00:00", title="Works", announcement="<p>Tonight</p>", published="1")
    assert seen(whmcs, "AnnouncementAdd")[0]["title"] == "Works"
    assert api("GetAnnouncements")["announcements"]["announcement"][0]["title"] == "Works"


def test_local_api_needs_no_credential_and_gives_errors_as_answers(whmcs: Whmcs) -> None:
    assert whmcs.local_api("GetTicket", ticketid=1)["tid"] == whmcs.table("tbltickets")[0]["tid"]
    assert whmcs.local_api("GetTicket", ticketid=99) == {"result": "error", "message": "Ticket ID not found"}
