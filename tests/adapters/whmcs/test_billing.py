"""Invoices and credit: written once with a marker, read as what became of them."""

from decimal import Decimal
from typing import Any

import pytest

from adapters.whmcs.desk import WhmcsDesk
from deskside.errors import Gone, Permanent, UnknownOutcome
from deskside.model.billing import Bill, Credit, Invoice, InvoiceState
from deskside.ports import Billing
from tests.adapters.whmcs.install import Answer, Install, account, refusal

BILL = Bill("7", Decimal("9.50"), "EUR", "To the front: <b>Help</b> &lt;", "boost-0123")


def invoice(**changes: Any) -> Answer:
    row = {
        "invoiceid": "31", "userid": "7", "date": "2026-11-22", "duedate": "2026-11-22", "subtotal": "9.50",
        "credit": "0.00", "tax": "0.00", "total": "9.50", "balance": "9.50", "status": "Unpaid", "notes": "",
        "paymentmethod": "paypal", "transactions": "",
    } | changes  # fmt: skip
    return Answer({"result": "success", **row})


def paid(amount_in: str, amount_out: str = "0.00") -> dict[str, Any]:
    row = {"id": "5", "amountin": amount_in, "amountout": amount_out, "rate": "1.00000", "invoiceid": "31"}
    return {"transaction": [row]}


def test_it_is_a_desk_that_sells(desk: WhmcsDesk) -> None:
    assert isinstance(desk, Billing)
    assert desk.has_account("7")
    assert not desk.has_account("guest-0123456789abcdef")


def test_an_invoice_is_unpaid_mailed_and_marked(install: Install, desk: WhmcsDesk) -> None:
    install.on("GetClientsDetails", account(currency_code="EUR"))
    install.on("CreateInvoice", Answer({"result": "success", "invoiceid": 31, "status": "Unpaid"}))
    assert desk.create_invoice(BILL).reference == "31"
    (asked,) = install.asked("CreateInvoice")
    sent = asked.parameters
    assert (sent["userid"], sent["status"], sent["sendinvoice"], sent["itemamount1"]) == ("7", "Unpaid", "1", "9.50")
    assert sent["itemdescription1"] == "To the front: ‹b›Help‹/b› ＆lt;"
    assert sent["notes"] == "[deskside boost-0123]"
    assert sent["date"] == sent["duedate"]
    # "0" or "false" would be left to what PHP makes of it.
    assert not {"itemtaxed1", "draft", "autoapplycredit", "paymentmethod"} & set(sent)


def test_nobody_is_billed_in_a_currency_that_is_not_theirs(install: Install, desk: WhmcsDesk) -> None:
    install.on("GetClientsDetails", account(currency_code="USD"))
    with pytest.raises(Permanent, match="pays in USD, not in EUR"):
        desk.create_invoice(BILL)
    assert install.asked("CreateInvoice") == []


def test_an_answer_without_an_id_is_an_unknown_outcome(install: Install, desk: WhmcsDesk) -> None:
    install.on("GetClientsDetails", account(currency_code="EUR"))
    install.on("CreateInvoice", Answer({"result": "success"}))
    with pytest.raises(UnknownOutcome):
        desk.create_invoice(BILL)


def test_an_invoice_is_found_by_its_marker_on_any_page(install: Install, desk: WhmcsDesk) -> None:
    rows = [{"id": str(n), "userid": "7", "status": "Paid", "total": "1.00", "notes": ""} for n in range(300)]
    rows[280]["notes"] = "[deskside boost-0123]"
    rows[281]["notes"] = "[deskside boost-012]"

    def page(asked: Any) -> Answer:
        start = int(asked.parameters["limitstart"])
        found = rows[start : start + int(asked.parameters["limitnum"])]
        return Answer({"result": "success", "totalresults": "300", "invoices": {"invoice": found}})

    install.on("GetInvoices", page)
    found = desk.find_invoice("7", "boost-0123")
    assert found is not None and found.reference == "280"
    assert desk.find_invoice("7", "boost-9") is None


@pytest.mark.parametrize("empty", ["", [], {}, None])
def test_who_has_no_invoices_and_no_credit_has_none(install: Install, desk: WhmcsDesk, empty: object) -> None:
    install.on("GetInvoices", Answer({"result": "success", "totalresults": "0", "invoices": empty}))
    install.on("GetCredits", Answer({"result": "success", "totalresults": 0, "credits": empty}))
    assert desk.find_invoice("7", "boost-1") is None
    assert desk.find_credit("7", "boost-1") is None


@pytest.mark.parametrize(
    ("changes", "state", "came_in"),
    [
        ({}, InvoiceState.OPEN, "0"),
        ({"status": "Draft"}, InvoiceState.OPEN, "0"),
        ({"status": "Payment Pending"}, InvoiceState.OPEN, "0"),
        ({"transactions": paid("4.00")}, InvoiceState.OPEN, "4.00"),
        ({"status": "Paid", "transactions": paid("9.50")}, InvoiceState.PAID, "9.50"),
        ({"status": "Paid", "credit": "9.50", "total": "0.00"}, InvoiceState.PAID, "9.50"),
        ({"status": "Paid", "transactions": paid("9.50", "4.50")}, InvoiceState.PAID, "5.00"),
        ({"status": "Refunded", "transactions": paid("9.50", "9.50")}, InvoiceState.REFUNDED, "0"),
        ({"status": "Cancelled"}, InvoiceState.CANCELLED, "0"),
        ({"status": "Cancelled", "transactions": paid("9.50")}, InvoiceState.CANCELLED, "9.50"),
    ],
)
def test_what_became_of_an_invoice_and_what_was_paid_is_read(
    install: Install, desk: WhmcsDesk, changes: dict[str, Any], state: InvoiceState, came_in: str
) -> None:
    install.on("GetInvoice", invoice(**changes))
    assert desk.read_invoice("31") == Invoice("31", state, Decimal(came_in))


def test_an_invoice_that_is_not_there_is_gone(install: Install, desk: WhmcsDesk) -> None:
    install.on("GetInvoice", refusal("Invoice ID Not Found"))
    with pytest.raises(Gone):
        desk.read_invoice("31")


@pytest.mark.parametrize(
    ("changes", "cancelled"),
    [
        ({}, True),
        ({"transactions": paid("4.00")}, False),
        ({"status": "Paid"}, False),
        ({"status": "Cancelled"}, False),
    ],
)
def test_only_an_untouched_invoice_is_cancelled(
    install: Install, desk: WhmcsDesk, changes: dict[str, Any], *, cancelled: bool
) -> None:
    install.on("GetInvoice", invoice(**changes))
    install.on("UpdateInvoice", Answer({"result": "success", "invoiceid": "31"}))
    desk.cancel_invoice("31")
    sent = [asked.parameters for asked in install.asked("UpdateInvoice")]
    assert [(one["invoiceid"], one["status"]) for one in sent] == ([("31", "Cancelled")] if cancelled else [])


def test_credit_is_given_with_a_marker_and_found_by_it(install: Install, desk: WhmcsDesk) -> None:
    install.on("AddCredit", Answer({"result": "success", "newbalance": "9.50"}))
    desk.add_credit(Credit("7", Decimal("9.50"), "not moved", "boost-0123"))
    (asked,) = install.asked("AddCredit")
    sent = asked.parameters
    assert (sent["clientid"], sent["amount"]) == ("7", "9.50")
    # As the documentation shows it: flattened.
    rows = {"credits[credit][0][id]": "8", "credits[credit][0][description]": sent["description"]}
    install.on("GetCredits", Answer({"result": "success", "totalresults": "1", "clientid": "7", **rows}))
    found = desk.find_credit("7", "boost-0123")
    assert found is not None and found.reference == "8"
    assert desk.find_credit("7", "boost-01") is None


def test_an_invoice_is_paid_in_the_client_area_and_seen_in_the_admin_area(install: Install, desk: WhmcsDesk) -> None:
    assert desk.invoice_url("31", for_client=True) == f"{install.url}/viewinvoice.php?id=31"
    assert desk.invoice_url("31", for_client=False) == f"{install.url}/admin/invoices.php?action=edit&id=31"


def test_money_is_never_booked_or_refunded(install: Install, desk: WhmcsDesk) -> None:
    install.on("GetClientsDetails", account(currency_code="EUR"))
    install.on("CreateInvoice", Answer({"result": "success", "invoiceid": 31}))
    install.on("GetInvoice", invoice(status="Paid"))
    install.on("AddCredit", Answer())
    desk.create_invoice(BILL)
    desk.read_invoice("31")
    desk.add_credit(Credit("7", Decimal(1), "x", "boost-1"))
    assert {asked.action for asked in install.seen} == {
        "GetClientsDetails", "CreateInvoice", "GetInvoice", "AddCredit",
    }  # fmt: skip
