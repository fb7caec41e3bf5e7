"""The ticket pages of the double, the agent's and the client's, and the hooks they fire."""

import json
import re
from typing import Any

from tests.doubles.probe import order_of, seen
from tests.doubles.whmcs_server import Whmcs
from tests.doubles.whmcs_visitor import Visitor

TICKET = "/admin/supporttickets.php?action=viewticket&id=1"
AJAX = "/admin/supporttickets.php"


def ticket(whmcs: Whmcs, number: int = 1) -> dict[str, Any]:
    return whmcs.query("SELECT * FROM tbltickets WHERE id = ?", number)[0]


def shown(agent: Visitor) -> dict[str, str]:
    """What the stock script remembers of the ticket it shows, and posts to validatereply."""
    page = agent.get("/admin/supporttickets.php", action="view", id=1).text
    found = re.search(r"var ticketPage = (.*);\n", page)
    assert found is not None
    return dict(json.loads(found[1])["seen"])


def opened(whmcs: Whmcs, visitor: Visitor, **fields: str) -> dict[str, Any]:
    form = {"deptid": "1", "subject": "Help", "message": "Please", "urgency": "High", **fields}
    assert 'id="ticket-created"' in visitor.post("/submitticket.php?step=3", form).text
    return whmcs.query("SELECT * FROM tbltickets ORDER BY id DESC LIMIT 1")[0]


def test_the_ticket_page_has_the_stock_ids_and_globals(whmcs: Whmcs) -> None:
    page = whmcs.admin().get("/admin/supporttickets.php", action="view", id=1).text
    stock = ["frmAddTicketReply", "replymessage", "btnPostReply", "frmAddTicketNote", "replynote", "btnAddNote"]
    for name in [*stock, "frmTicketOptions", "btnSaveChanges", "replyingAdminMsg"]:
        assert page.count(f'id="{name}"') == 1
    assert 'var ticketid = "1";' in page
    assert 'var userid = "1";' in page
    assert re.search(r'var csrfToken = "[0-9a-f]{40}";', page)


def test_another_theme_has_other_ids(whmcs: Whmcs) -> None:
    whmcs.execute("UPDATE tbladmins SET template = 'renamed' WHERE id = 1")
    page = whmcs.admin(1).get("/admin/supporttickets.php", action="view", id=1).text
    assert 'id="frmAddTicketReply"' not in page
    assert 'id="my-frmaddticketreply"' in page


def test_a_client_theme_has_its_own_ids(whmcs: Whmcs) -> None:
    whmcs.configure("Template", "other")
    page = whmcs.client().get("/viewticket.php", tid=ticket(whmcs)["tid"], c=ticket(whmcs)["c"]).text
    assert 'id="my-frmReply"' in page


def test_a_reply_of_an_agent_is_stored_before_its_hook_runs(whmcs: Whmcs) -> None:
    whmcs.admin(2).post(TICKET, {"postreply": 1, "message": "<b>Hello</b>"})
    reply = whmcs.table("tblticketreplies")[0]
    assert (reply["tid"], reply["admin"], reply["message"]) == (1, "Ben Berg", "&lt;b&gt;Hello&lt;/b&gt;")
    assert seen(whmcs, "TicketAdminReply") == [
        {
            "ticketid": 1,
            "replyid": reply["id"],
            "deptid": 1,
            "deptname": "Support",
            "subject": "My server is slow",
            "message": "&lt;b&gt;Hello&lt;/b&gt;",
            "priority": "Medium",
            "admin": "Ben Berg",
            "status": "Answered",
        }
    ]
    assert ticket(whmcs)["status"] == "Answered"


def test_a_note_comes_with_the_same_button_name_and_is_not_a_reply(whmcs: Whmcs) -> None:
    whmcs.admin(2).post(TICKET, {"postreply": "Add Note", "postaction": "note", "message": "Look at the disk"})
    assert whmcs.table("tblticketreplies") == []
    assert whmcs.table("tblticketnotes")[0]["message"] == "Look at the disk"
    assert seen(whmcs, "TicketAddNote") == [
        {"ticketid": 1, "message": "Look at the disk", "adminid": 2, "attachments": ""}
    ]


def test_text_of_a_client_is_escaped_on_every_page(whmcs_on_each: Whmcs) -> None:
    whmcs = whmcs_on_each
    bad = "<script>alert(1)</script> & 'q' \"d\" ж"
    made = opened(whmcs, whmcs.client(2), subject=bad, message=bad)
    safe = "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#039;q&#039; &quot;d&quot; ж"
    assert (made["title"], made["message"]) == (safe, safe)
    for page in (
        whmcs.admin().get("/admin/supporttickets.php"),
        whmcs.admin().get("/admin/supporttickets.php", action="view", id=made["id"]),
        whmcs.client(2).get("/viewticket.php", tid=made["tid"], c=made["c"]),
        whmcs.client(2).get("/supporttickets.php"),
    ):
        assert "<script>alert" not in page.text
        assert safe in page.text


def test_a_raw_text_is_escaped_once(whmcs: Whmcs) -> None:
    whmcs.local_api("OpenTicket", deptid=1, clientid=1, subject="<i>a & b</i>", message="x")
    assert "&lt;i&gt;a &amp; b&lt;/i&gt;" in whmcs.admin().get("/admin/supporttickets.php").text


def test_the_options_of_a_ticket_fire_a_hook_each(whmcs: Whmcs) -> None:
    options = {"deptid": "2", "subject": "Slow disk", "priority": "High", "flagto": "3", "status": "Closed"}
    whmcs.admin(2).post(TICKET, options)
    assert seen(whmcs, "TicketDepartmentChange") == [{"ticketid": 1, "deptid": 2, "deptname": "Billing"}]
    assert seen(whmcs, "TicketSubjectChange") == [{"ticketid": 1, "subject": "Slow disk"}]
    assert seen(whmcs, "TicketPriorityChange") == [{"ticketid": 1, "priority": "High"}]
    assert seen(whmcs, "TicketFlagged") == [{"ticketid": 1, "adminid": 3, "adminname": "Cem Can"}]
    assert seen(whmcs, "TicketStatusChange") == [{"adminid": 2, "status": "Closed", "ticketid": 1}]
    assert seen(whmcs, "TicketClose") == [{"ticketid": 1}]
    row = ticket(whmcs)
    stored = [row[name] for name in ("did", "title", "urgency", "flag", "status")]
    assert stored == [2, "Slow disk", "High", 3, "Closed"]


def test_an_option_that_did_not_change_fires_nothing(whmcs: Whmcs) -> None:
    whmcs.admin(2).post(TICKET, {"deptid": "1", "subject": "My server is slow", "priority": "Medium", "status": "Open"})
    assert order_of(whmcs, "TicketDepartmentChange", "TicketSubjectChange", "TicketPriorityChange") == []
    assert seen(whmcs, "TicketStatusChange") == []


def test_merge_split_and_delete_have_their_odd_casings(whmcs: Whmcs) -> None:
    admin = whmcs.admin(1)
    second = opened(whmcs, whmcs.client(1))["id"]
    admin.post("/admin/supporttickets.php", {"selectedtickets[]": ["1", str(second)], "merge": "1"})
    assert seen(whmcs, "TicketMerge") == [{"mergedTicketIds": [second], "masterTicketId": 1}]
    for text in ("one", "two"):
        admin.post(TICKET, {"postreply": 1, "message": text})
    one, two = (row["id"] for row in whmcs.table("tblticketreplies"))
    admin.post(TICKET, {"splitreplies": str(two), "splitsubject": "Apart"})
    split = whmcs.query("SELECT id FROM tbltickets WHERE title = 'Apart'")[0]["id"]
    assert seen(whmcs, "TicketSplit") == [{"originalTicketId": 1, "newTicketID": split}]
    admin.post(TICKET, {"deletereply": str(one)})
    assert seen(whmcs, "TicketDeleteReply") == [{"ticketId": 1, "replyId": one, "adminId": 1}]
    admin.post("/admin/supporttickets.php", {"selectedtickets[]": ["1"], "delete": "1"})
    assert seen(whmcs, "TicketDelete") == [{"ticketId": 1, "adminId": 1}]
    assert "Ticket ID Not Found" in admin.get("/admin/supporttickets.php", action="view", id=1).text


def test_closing_in_the_list_is_no_change_of_status_by_hand(whmcs: Whmcs) -> None:
    whmcs.admin(1).post("/admin/supporttickets.php", {"selectedtickets[]": ["1"], "close": "1"})
    assert order_of(whmcs, "TicketClose", "TicketStatusChange") == ["TicketClose"]


def test_a_client_opens_and_answers_a_ticket(whmcs_on_each: Whmcs) -> None:
    whmcs = whmcs_on_each
    client = whmcs.client(2)
    made = opened(whmcs, client)
    assert (made["userid"], made["requestor_id"]) == (2, 102)
    assert seen(whmcs, "TicketOpen") == [
        {
            "ticketid": made["id"],
            "ticketmask": made["tid"],
            "userid": 2,
            "deptid": 1,
            "deptname": "Support",
            "subject": "Help",
            "message": "Please",
            "priority": "High",
        }
    ]
    address = f"/viewticket.php?tid={made['tid']}&c={made['c']}"
    client.post(f"{address}&postreply=true", {"replymessage": "Anyone?"})
    reply = whmcs.table("tblticketreplies")[0]
    assert seen(whmcs, "TicketUserReply") == [
        {
            "ticketid": made["id"],
            "replyid": reply["id"],
            "userid": 2,
            "deptid": 1,
            "deptname": "Support",
            "subject": "Help",
            "message": "Anyone?",
            "priority": "High",
            "status": "Customer-Reply",
        }
    ]
    assert "Anyone?" in client.get(address).text
    client.post(f"{address}&closeticket=true", {})
    assert ticket(whmcs, made["id"])["status"] == "Closed"
    assert order_of(whmcs, "TicketClose", "TicketStatusChange") == ["TicketClose"]


def test_whoever_holds_the_c_of_a_ticket_sees_it_and_nobody_else(whmcs: Whmcs) -> None:
    row = ticket(whmcs)
    assert whmcs.stranger().get("/viewticket.php", tid=row["tid"], c=row["c"]).status_code == 200
    assert whmcs.client(1).get("/viewticket.php", tid=row["tid"], c="x").status_code == 404


def test_someone_who_is_no_client_opens_a_ticket_under_a_name(whmcs: Whmcs) -> None:
    made = opened(whmcs, whmcs.stranger(), name="Gus O'Guest", email="gus@guest.example")
    assert (made["userid"], made["name"], made["email"]) == (0, "Gus O&#039;Guest", "gus@guest.example")


def test_a_validation_hook_keeps_a_ticket_out(whmcs: Whmcs) -> None:
    form = {"deptid": "1", "subject": "refuse me", "message": "kept text"}
    page = whmcs.client(1).post("/submitticket.php?step=3", form).text
    assert "The probe refuses." in page
    assert "kept text" in page
    assert len(whmcs.table("tbltickets")) == 1


def test_the_list_shows_what_awaits_a_reply_unless_asked_otherwise(whmcs: Whmcs) -> None:
    admin = whmcs.admin(1)
    assert "My server is slow" in admin.get("/admin/supporttickets.php").text
    admin.post(TICKET, {"postreply": 1, "message": "Done"})
    assert "My server is slow" not in admin.get("/admin/supporttickets.php").text
    assert "My server is slow" in admin.get("/admin/supporttickets.php", view="active").text


def test_starting_a_reply_is_noted_and_shown_to_the_others_and_ended_by_its_own(whmcs: Whmcs) -> None:
    ada, ben = whmcs.admin(1), whmcs.admin(2)
    assert ada.post(AJAX, {"action": "makingreply", "id": 1}).json() == {}
    assert ticket(whmcs)["replyingadmin"] == 1
    assert "Ada Admin viewed and started" in ben.post(AJAX, {"action": "makingreply", "id": 1}).json()["isreplying"]
    assert "Ada Admin viewed and started" in ben.get("/admin/supporttickets.php", action="view", id=1).text
    assert "viewed and started" not in ada.get("/admin/supporttickets.php", action="view", id=1).text
    ben.post(AJAX, {"action": "endreply", "id": 1})
    assert ticket(whmcs)["replyingadmin"] == 1
    ada.post(AJAX, {"action": "endreply", "id": 1})
    assert ticket(whmcs)["replyingadmin"] == 0


def test_validatereply_tells_what_changed_since_the_page_was_shown(whmcs: Whmcs) -> None:
    ada, ben = whmcs.admin(1), whmcs.admin(2)
    whmcs.execute("UPDATE tbltickets SET title = 'It&#039;s <slow>' WHERE id = 1")
    before = shown(ada)
    asked = {"action": "validatereply", "id": 1, "status": "Answered", **before}
    assert ada.post(AJAX, asked).json() == {"valid": True, "changes": False, "changeList": []}
    ben.post(TICKET, {"postreply": 1, "message": "Mine was first"})
    answer = ada.post(AJAX, asked).json()
    assert (answer["valid"], answer["changes"]) == (False, True)
    assert answer["changeList"] == ["A new reply has been posted", "Status has changed"]


def test_nothing_is_refused_to_the_slower_of_two_agents(whmcs: Whmcs) -> None:
    for number in (1, 2):
        whmcs.admin(number).post(TICKET, {"postreply": 1, "message": f"from {number}"})
    assert [row["admin"] for row in whmcs.table("tblticketreplies")] == ["Ada Admin", "Ben Berg"]
