from decimal import Decimal
from typing import Any

import pytest

from deskside.demo.whmcs import SimulatedWhmcs
from tests.demo.clock import SettableClock
from tests.demo.whmcs.test_php import serialize
from tests.demo.whmcs.tools import Caller

FRONT = {"itemdescription1": "Front of the queue", "itemamount1": "10.00", "itemtaxed1": "1"}


def test_an_invoice_is_made_of_numbered_lines_and_taxed(whmcs: SimulatedWhmcs, api: Caller, client: int) -> None:
    lines = {**FRONT, "itemdescription2": "Thanks", "itemamount2": "-1"}
    made = api.ask("CreateInvoice", userid=client, taxrate="20", sendinvoice="1", **lines)
    assert (made["invoiceid"], made["status"]) == ("1", "Unpaid")
    shown = api.ask("GetInvoice", invoiceid=1)
    assert (shown["subtotal"], shown["tax"], shown["total"], shown["balance"]) == ("9.00", "2.00", "11.00", "11.00")
    assert [row["description"] for row in shown["items"]["item"]] == ["Front of the queue", "Thanks"]
    assert (shown["date"], shown["duedate"]) == ("2026-03-02", "2026-03-09")
    assert whmcs.state.mails[-1]["id"] == 1


def test_an_invoice_is_paid_refunded_cancelled_and_unpaid(whmcs: SimulatedWhmcs, api: Caller, client: int) -> None:
    def seen() -> tuple[str, str, str]:
        shown = api.ask("GetInvoice", invoiceid=invoice)
        return shown["status"], shown["balance"], shown["datepaid"]

    invoice = whmcs.add_invoice(client, [("Front", Decimal(10))])
    assert seen() == ("Unpaid", "10.00", "0000-00-00 00:00:00")
    whmcs.pay(invoice)
    assert seen() == ("Paid", "0.00", "2026-03-02 04:00:00")
    whmcs.unpay(invoice)
    assert seen()[0] == "Unpaid"
    whmcs.refund(invoice)
    assert seen()[:2] == ("Refunded", "10.00")
    whmcs.cancel(invoice)
    assert seen()[0] == "Cancelled"


def test_credit_pays_without_a_transaction(whmcs: SimulatedWhmcs, api: Caller) -> None:
    client = whmcs.add_client("Ada", "ada@client.example", credit=Decimal(30))
    made = api.ask("CreateInvoice", userid=client, autoapplycredit="1", **FRONT)
    assert made["status"] == "Paid"
    shown = api.ask("GetInvoice", invoiceid=made["invoiceid"])
    assert (shown["credit"], shown["total"], shown["transactions"]) == ("10.00", "0.00", "")
    assert api.ask("GetClientsDetails", clientid=client)["client"]["credit"] == "20.00"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"userid": 9}, "Client ID Not Found"),
        (
            {"draft": "1", "sendinvoice": "1"},
            "Cannot create and send a draft invoice in a single API request. Please create and send separately.",
        ),
    ],
)
def test_an_invoice_is_refused(api: Caller, client: int, given: dict[str, Any], message: str) -> None:
    assert api.error("CreateInvoice", **{"userid": client, **FRONT, **given}) == (200, message)


def test_overdue_is_a_status_that_no_invoice_has(
    whmcs: SimulatedWhmcs, api: Caller, clock: SettableClock, client: int
) -> None:
    whmcs.add_invoice(client, [("Hosting", Decimal(10))])
    api.ask("CreateInvoice", userid=client, draft="1", **FRONT)
    assert api.ask("GetInvoices", status="Overdue")["totalresults"] == "0"
    clock.forward(9 * 86400)
    rows = api.ask("GetInvoices", status="Overdue", userid=client)["invoices"]["invoice"]
    assert [(row["status"], row["currencycode"]) for row in rows] == [("Unpaid", "USD")]
    rows = api.ask("GetInvoices", orderby="id", order="desc")["invoices"]["invoice"]
    assert [row["status"] for row in rows] == ["Draft", "Unpaid"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"clientid": 9}, "Client ID not Found"),
        ({"description": ""}, "You must provide a description"),
        ({"unit": ""}, "You must provide a valid unit"),
        ({"invoiceaction": "now"}, "Invalid Invoice Action"),
        ({"invoiceaction": "duedate"}, "Due date is required"),
    ],
)
def test_a_billable_item_is_refused(api: Caller, client: int, given: dict[str, Any], message: str) -> None:
    whole = {"clientid": client, "description": "Front", "amount": "5", "unit": "quantity"}
    assert api.error("AddBillableItem", **{**whole, **given}) == (200, message)


def test_announcements_are_written_changed_and_removed(api: Caller) -> None:
    made = api.ask("AddAnnouncement", date="2026-04-01 10:00:00", title="Works", announcement="<p>a</p>")
    api.ask("UpdateAnnouncement", announcementid=made["announcementid"], title="Done", published="1")
    row = api.ask("GetAnnouncements")["announcements"]["announcement"][0]
    assert (row["date"], row["title"], row["announcement"]) == ("2026-04-01 10:00:00", "Done", "<p>a</p>")
    assert row["published"] == "1"
    api.ask("DeleteAnnouncement", announcementid=made["announcementid"])
    assert api.error("UpdateAnnouncement", announcementid=1) == (200, "Announcement ID Not Found")


def test_statuses_tell_their_counts_and_not_their_meaning(api: Caller, ticket: int) -> None:
    rows = api.ask("GetSupportStatuses")["statuses"]["status"]
    assert rows[0] == {"title": "Open", "count": 1, "color": "#779500"}
    assert {tuple(row) for row in rows} == {("title", "count", "color")}


def test_a_notification_needs_what_is_called_optional(whmcs: SimulatedWhmcs, api: Caller) -> None:
    whole = {"notification_identifier": "deskside.down", "title": "Down", "message": "m"}
    for name, word in (("notification_identifier", "identifier"), ("title", "title"), ("message", "message")):
        assert word in api.error("TriggerNotificationEvent", **{**whole, name: None})[1]
    nested = {"attributes[0][label]": "Server", "attributes[0][value]": "shop"}
    api.ask("TriggerNotificationEvent", **whole, **nested)
    assert whmcs.state.notifications[-1]["attributes"] == [{"label": "Server", "value": "shop"}]
    assert api.error("TriggerNotificationEvent", **whole, **{"attributes[0][label]": "x"})[0] == 200


def test_a_mail_fails_without_saying_why(whmcs: SimulatedWhmcs, api: Caller, ticket: int) -> None:
    custom = {"customtype": "support", "customsubject": "s", "custommessage": "<p>m</p>"}
    api.ask("SendEmail", **custom, id=ticket, customvars=serialize({"place": "3"}))
    assert whmcs.state.mails[-1]["to"] == "ada@client.example"
    assert whmcs.state.mails[-1]["variables"] == {"place": "3"}
    assert api.error("SendEmail", **custom, id=99) == (200, "Sending Failed. Please see documentation.")
    assert api.error("SendEmail", **custom) == (200, "A related ID is required")
    assert api.error("SendEmail", messagename="No Such", id=1) == (200, "Email Template not found")
    assert "custom variables" in api.error("SendEmail", **custom, id=ticket, customvars='{"a": 1}')[1]


def test_activity_is_logged(whmcs: SimulatedWhmcs, api: Caller, client: int) -> None:
    api.ask("LogActivity", description="Deskside was here", clientid=client)
    assert whmcs.state.activity[-1][1:] == (client, "Deskside was here")


def test_credit_is_given_and_logged(api: Caller, client: int) -> None:
    assert api.ask("AddCredit", clientid=client, amount="12.5", description="Sorry")["newbalance"] == "12.50"
    assert api.ask("AddCredit", clientid=client, amount="2.5", type="remove", description="Too much")
    rows = api.ask("GetCredits", clientid=client)["credits"]["credit"]
    assert [(row["description"], row["amount"]) for row in rows] == [("Sorry", "12.50"), ("Too much", "-2.50")]


def test_an_invoice_is_cancelled_by_its_status(whmcs: SimulatedWhmcs, api: Caller, client: int) -> None:
    invoice = whmcs.add_invoice(client, [("Front", Decimal(10))])
    assert api.ask("UpdateInvoice", invoiceid=invoice, status="Cancelled")["invoiceid"] == str(invoice)
    assert whmcs.invoice(invoice).status == "Cancelled"
