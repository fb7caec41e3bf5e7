import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from deskside.demo.whmcs import SimulatedWhmcs
from tests.demo.clock import SettableClock
from tests.demo.whmcs.test_php import serialize
from tests.demo.whmcs.tools import Caller


def test_a_page_has_25_unless_another_number_is_asked_for(
    whmcs: SimulatedWhmcs, api: Caller, client: int, department: int
) -> None:
    for _ in range(30):
        whmcs.create_ticket(client, "s", "t", department_id=department)
    answer = api.ask("GetTickets", ignore_dept_assignments="true")
    assert (answer["totalresults"], answer["numreturned"]) == ("30", "25")
    assert len(api.tickets(limitnum=100)) == 30


def test_without_a_word_only_the_own_departments_are_seen(
    whmcs: SimulatedWhmcs, api: Caller, client: int, department: int, ticket: int
) -> None:
    other = whmcs.add_department("Billing")
    whmcs.create_ticket(client, "s", "t", department_id=other)
    assert api.ask("GetTickets")["totalresults"] == "0"
    whmcs.state.admins[whmcs.api_admin_id].departments = {other}
    assert [row["deptid"] for row in api.ask("GetTickets")["tickets"]["ticket"]] == [str(other)]
    assert len(api.tickets()) == 2
    # The other listing spells the same word differently.
    assert api.ask("GetTicketCounts", ignore_dept_assignments="1")["allActive"] == 1
    counted = api.ask("GetTicketCounts", ignoreDepartmentAssignments="1", includeCountsByStatus="1")
    assert (counted["allActive"], counted["status"]["open"]) == (2, {"title": "Open", "count": 2})
    assert counted["status"]["customerreply"]["count"] == 0
    assert [row["name"] for row in api.ask("GetSupportDepartments")["departments"]["department"]] == ["Billing"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("Awaiting Reply", {"Open", "Customer-Reply", "Escalated"}),
        ("All Active Tickets", {"Open", "Answered", "Customer-Reply", "In Progress", "Escalated"}),
        ("On Hold", {"On Hold"}),
        ("Escalated", {"Escalated"}),
        ("No Such Status", set()),
        ("", {"Open", "Answered", "Customer-Reply", "On Hold", "In Progress", "Closed", "Escalated"}),
    ],
)
def test_tickets_are_listed_by_configured_statuses_and_by_the_pseudo_ones(
    whmcs: SimulatedWhmcs, api: Caller, client: int, agent: int, department: int, wanted: str, found: set[str]
) -> None:
    whmcs.add_status("Escalated", active=True, awaiting=True)
    for status in whmcs.state.statuses:
        whmcs.change(whmcs.create_ticket(client, "s", "t", department_id=department), agent, status=status)
    assert {row["status"] for row in api.tickets(status=wanted)} == found


def test_flagged_tickets_are_the_callers_own(whmcs: SimulatedWhmcs, api: Caller, ticket: int, agent: int) -> None:
    whmcs.change(ticket, agent, flag=agent)
    assert api.tickets(status="My Flagged Tickets") == []
    api.ask("UpdateTicket", ticketid=ticket, flag=whmcs.api_admin_id)
    assert [row["flag"] for row in api.tickets(status="My Flagged Tickets")] == [str(whmcs.api_admin_id)]


def test_a_guest_is_found_by_address_and_a_client_is_not(
    whmcs: SimulatedWhmcs, api: Caller, ticket: int, department: int
) -> None:
    whmcs.create_guest_ticket("Eve", "eve@guest.example", "s", "t", department_id=department)
    assert [row["userid"] for row in api.tickets(email="EVE@guest.example")] == ["0"]
    assert api.tickets(email="ada@client.example") == []
    assert [row["id"] for row in api.tickets(clientid=1)] == [str(ticket)]


@pytest.mark.parametrize(("wanted", "count"), [("site", 1), ("Site dwon", 1), ("invoice", 0)])
def test_a_subject_is_matched_approximately(api: Caller, ticket: int, wanted: str, count: int) -> None:
    assert len(api.tickets(subject=wanted)) == count


def test_a_listing_lacks_what_only_the_ticket_has(api: Caller, ticket: int) -> None:
    row, whole = api.tickets()[0], api.ask("GetTicket", ticketid=ticket)
    assert {"message", "deptname", "replies", "notes"} & set(row) == set()
    assert (whole["deptname"], whole["ticketid"], "id" in whole) == ("Servers &amp; more", "1", False)
    assert row["tid"] == whole["tid"] != row["id"]
    assert not row["tid"].isdigit()


def test_the_opening_post_is_reply_0_and_replies_turn_round(
    whmcs: SimulatedWhmcs, api: Caller, clock: SettableClock, ticket: int, agent: int
) -> None:
    clock.forward(60)
    whmcs.agent_reply(ticket, agent, "Which site?\nThis one?")
    clock.forward(60)
    whmcs.client_reply(ticket, "The one")
    replies = api.ask("GetTicket", ticketid=ticket)["replies"]["reply"]
    assert [(row["replyid"], row["admin"]) for row in replies] == [("0", ""), ("1", "Mira Holt"), ("2", "")]
    assert replies[1]["message"] == "Which site?\r\nThis one?"
    assert [row["requestor_type"] for row in replies] == ["Owner", "Operator", "Owner"]
    assert (replies[1]["name"], replies[1]["rating"]) == ("", "0")
    turned = api.ask("GetTicket", ticketid=ticket, repliessort="DESC")["replies"]["reply"]
    assert turned == replies[::-1]


def test_a_ticket_is_found_by_its_mask_too(whmcs: SimulatedWhmcs, api: Caller, ticket: int) -> None:
    assert api.ask("GetTicket", ticketnum=whmcs.ticket(ticket).tid)["ticketid"] == str(ticket)
    assert api.error("GetTicket", ticketnum="AAA-1") == (200, "Ticket ID Not Found")


def test_a_note_tells_no_id_and_has_two_names_for_it(api: Caller, ticket: int) -> None:
    assert api.ask("AddTicketNote", ticketid=ticket, message="**down**", markdown="true") == {"result": "success"}
    note = api.ask("GetTicketNotes", ticketid=ticket)["notes"]["note"][0]
    assert (note["id"], note["message"], note["admin"]) == ("1", "**down**", "Deskside Robot")
    assert api.ask("GetTicket", ticketid=ticket)["notes"]["note"][0]["noteid"] == "1"
    api.ask("DeleteTicketNote", noteid=1)
    assert api.ask("GetTicketNotes", ticketid=ticket)["notes"] == {"note": []}
    assert api.error("DeleteTicketNote", noteid=1) == (200, "Note ID Not Found")


def test_a_note_moves_nothing_of_the_ticket(api: Caller, clock: SettableClock, ticket: int) -> None:
    before = api.tickets()
    clock.forward(3600)
    api.ask("AddTicketNote", ticketid=ticket, message="n")
    assert api.tickets() == before


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"ticketid": 99}, "Ticket ID not found"),
        ({"message": ""}, "Message is required"),
        ({"created": "yesterday"}, "Invalid Date Format"),
        ({"created": "2026-03-02 04:00:01"}, "Ticket creation date cannot be in the future"),
    ],
)
def test_a_note_is_refused_with_200(api: Caller, ticket: int, given: dict[str, Any], message: str) -> None:
    assert api.error("AddTicketNote", **{"ticketid": ticket, "message": "n", **given}) == (200, message)


def test_created_is_local_time(api: Caller, ticket: int) -> None:
    api.ask("AddTicketNote", ticketid=ticket, message="n", created="2026-03-02 03:30:00")
    assert api.ask("GetTicketNotes", ticketid=ticket)["notes"]["note"][0]["date"] == "2026-03-02 03:30:00"


def test_an_answer_is_answered_and_a_clients_word_waits(
    whmcs: SimulatedWhmcs, api: Caller, clock: SettableClock, ticket: int, agent: int, client: int
) -> None:
    clock.forward(60)
    api.ask("AddTicketReply", ticketid=ticket, message="Hello", adminusername="mira", noemail="1")
    assert (whmcs.ticket(ticket).status, whmcs.state.mails) == ("Answered", [])
    assert api.tickets()[0]["lastreply"] == "2026-03-02 04:01:00"
    api.ask("AddTicketReply", ticketid=ticket, message="And?", clientid=client)
    assert whmcs.ticket(ticket).status == "Customer-Reply"
    api.ask("AddTicketReply", ticketid=ticket, message="Done", adminusername="mira", status="Closed")
    assert whmcs.ticket(ticket).status == "Closed"
    assert whmcs.state.mails[-1]["to"] == "ada@client.example"
    assert api.error("AddTicketReply", ticketid=ticket, message="x") == (
        200,
        "Name and email address are required if not a client",
    )


def test_an_update_takes_three_priorities_and_the_configured_statuses(
    whmcs: SimulatedWhmcs, api: Caller, ticket: int
) -> None:
    assert api.error("UpdateTicket", ticketid=ticket, priority="Urgent") == (
        200,
        "Invalid Ticket Priority. Valid priorities are: Low,Medium,High",
    )
    status, message = api.error("UpdateTicket", ticketid=ticket, status="open")
    assert (status, message.partition("are: ")[2].split(",")[0]) == (200, "Open")
    assert api.error("UpdateTicket", ticketid=99, priority="Low") == (200, "Ticket ID Not Found")
    assert api.error("UpdateTicket", ticketid=ticket, deptid=99) == (200, "Department ID Not Found")
    assert api.ask("UpdateTicket", ticketid=ticket, priority="High", subject="New")["ticketid"] == str(ticket)
    assert (whmcs.ticket(ticket).priority, whmcs.ticket(ticket).subject) == ("High", "New")


def test_an_update_that_is_refused_changes_nothing(whmcs: SimulatedWhmcs, api: Caller, ticket: int) -> None:
    api.error("UpdateTicket", ticketid=ticket, subject="New", priority="Urgent")
    assert whmcs.ticket(ticket).subject == "Site down"


def test_the_flag_goes_by_a_word_of_its_own_and_false_is_true(
    whmcs: SimulatedWhmcs, api: Caller, ticket: int, agent: int
) -> None:
    whmcs.change(ticket, agent, flag=agent)
    api.ask("UpdateTicket", ticketid=ticket, removeFlag="false")
    assert whmcs.ticket(ticket).flag == 0


def test_a_client_is_changed_by_userid_and_not_by_clientid(
    whmcs: SimulatedWhmcs, api: Caller, ticket: int, client: int
) -> None:
    other = whmcs.add_client("Bob Other", "bob@other.example")
    api.ask("UpdateTicket", ticketid=ticket, clientid=other)
    assert whmcs.ticket(ticket).userid == client
    api.ask("UpdateTicket", ticketid=ticket, userid=other)
    assert whmcs.ticket(ticket).userid == other


def test_custom_fields_are_serialised_php_and_not_json(whmcs: SimulatedWhmcs, api: Caller, ticket: int) -> None:
    api.ask("UpdateTicket", ticketid=ticket, customfields=serialize({"1": "Google"}))
    assert whmcs.ticket(ticket).custom == {1: "Google"}
    assert api.error("UpdateTicket", ticketid=ticket, customfields='{"1": "x"}') == (200, "Invalid Custom Fields")


def test_attachments_are_base64_of_json(api: Caller, ticket: int) -> None:
    files = [{"name": "a.txt", "data": "eA=="}, {"filename": "b.txt", "data": "eA=="}]
    packed = base64.b64encode(json.dumps(files).encode()).decode()
    api.ask("AddTicketNote", ticketid=ticket, message="n", attachments=packed)
    note = api.ask("GetTicketNotes", ticketid=ticket)["notes"]["note"][0]
    assert (note["attachment"], note["attachments"][1]) == ("a.txt|b.txt", {"filename": "b.txt", "index": "1"})


def test_a_ticket_is_opened_for_a_client_a_login_a_guest_and_by_an_administrator(
    whmcs: SimulatedWhmcs, api: Caller, client: int, department: int
) -> None:
    user = whmcs.add_user("Pavel Dietz", "pavel@client.example", client)
    service = whmcs.add_service(client, "Server", "client.example")
    base = {"deptid": department, "subject": "s", "message": "m"}
    made = api.ask("OpenTicket", **base, clientid=client, serviceid=service)
    assert set(made) == {"result", "id", "tid", "c"}
    api.ask("OpenTicket", **base, clientid=client, userid=user)
    api.ask("OpenTicket", **base, name="Eve", email="eve@guest.example")
    api.ask("OpenTicket", **base, clientid=client, admin="true")
    rows = sorted(api.tickets(), key=lambda row: int(row["id"]))
    assert [row["requestor_type"] for row in rows] == ["Owner", "Registered User", "Guest", "Operator"]
    assert [row["admin"] for row in rows] == ["", "", "", "Deskside Robot"]
    assert [row["service"] for row in rows] == [f"S{service}", "", "", ""]
    assert rows[3]["email"] == "ada@client.example"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"clientid": 99}, "Client ID Not Found"),
        ({"clientid": 1, "userid": 1}, "The system cannot find the provided user ID."),
        ({"clientid": 1, "contactid": 9}, "Contact ID Not Found"),
        ({}, "Name and email address are required if not a client"),
        ({"name": "Eve", "email": "eve"}, "Email Address Invalid"),
        ({"clientid": 1, "deptid": 99}, "Department ID not found"),
        ({"clientid": 1, "subject": ""}, "Subject is required"),
        ({"clientid": 1, "message": ""}, "Message is required"),
        ({"clientid": 1, "serviceid": 9}, "Service ID Not Found"),
    ],
)
def test_a_new_ticket_is_refused_for_its_reason(
    api: Caller, client: int, department: int, given: dict[str, Any], message: str
) -> None:
    base = {"deptid": department, "subject": "s", "message": "m"}
    assert api.error("OpenTicket", **{**base, **given}) == (200, message)


def test_a_merged_ticket_is_in_no_list(
    whmcs: SimulatedWhmcs, api: Caller, clock: SettableClock, client: int, department: int, ticket: int
) -> None:
    whmcs.access.refused.clear()
    clock.forward(5)
    other = whmcs.create_ticket(client, "Same", "Again", department_id=department)
    api.ask("MergeTicket", ticketid=ticket, mergeticketids=other)
    assert [row["id"] for row in api.tickets()] == [str(ticket)]
    assert [row["message"] for row in api.ask("GetTicket", ticketid=ticket)["replies"]["reply"]] == [
        "My site is down",
        "Again",
    ]


def test_resting_tickets_are_closed_by_the_cron(
    whmcs: SimulatedWhmcs, clock: SettableClock, ticket: int, agent: int
) -> None:
    whmcs.agent_reply(ticket, agent, "Hello")
    assert whmcs.close_inactive() == []
    clock.now += timedelta(hours=48)
    assert whmcs.close_inactive() == [ticket]
    assert whmcs.ticket(ticket).status == "Closed"


def test_replies_are_changed_and_removed(
    whmcs: SimulatedWhmcs, api: Caller, clock: SettableClock, ticket: int, agent: int
) -> None:
    clock.forward(60)
    whmcs.agent_reply(ticket, agent, "Hallo")
    api.ask("UpdateTicketReply", replyid=1, message="Hello")
    assert api.ask("GetTicket", ticketid=ticket)["replies"]["reply"][1]["message"] == "Hello"
    api.ask("DeleteTicketReply", ticketid=ticket, replyid=1)
    shown = api.ask("GetTicket", ticketid=ticket)
    assert [row["replyid"] for row in shown["replies"]["reply"]] == ["0"]
    assert shown["lastreply"] == shown["date"]
    assert api.error("DeleteTicketReply", ticketid=ticket, replyid=1) == (200, "Reply ID Not Found")
    assert api.error("DeleteTicketReply", replyid=1) == (200, "Ticket ID Required")


def test_a_deleted_ticket_is_gone(api: Caller, ticket: int) -> None:
    api.ask("DeleteTicket", ticketid=ticket)
    assert api.tickets() == []
    assert api.error("GetTicket", ticketid=ticket) == (200, "Ticket ID Not Found")


def test_a_ticket_can_be_about_a_domain(whmcs: SimulatedWhmcs, api: Caller, client: int, department: int) -> None:
    domain = whmcs.add_domain(client, "client.example")
    base = {"deptid": department, "subject": "s", "message": "m", "clientid": client}
    made = api.ask("OpenTicket", **base, domainid=domain)
    assert api.ask("GetTicket", ticketid=made["id"])["service"] == f"D{domain}"
    assert api.error("OpenTicket", **base, domainid=9) == (200, "Domain ID Not Found")
    row = api.ask("GetClientsDomains", domainid=domain)["domains"]["domain"][0]
    assert (row["domainname"], row["expirydate"]) == ("client.example", "0000-00-00")
