"""Transactions, invoices, credit, billable items."""

from decimal import Decimal

from deskside.demo.whmcs.actions.registry import Call, action, listing
from deskside.demo.whmcs.answers import NO_MOMENT
from deskside.demo.whmcs.errors import ApiError
from deskside.demo.whmcs.state import BillableItem, Invoice, Json, Transaction

INVOICE_STATUSES = ("Draft", "Unpaid", "Paid", "Cancelled", "Refunded", "Collections", "Payment Pending")
INVOICE_ACTIONS = ("noinvoice", "nextcron", "nextinvoice", "duedate", "recur")


@action("GetTransactions")
def get_transactions(call: Call) -> Json:
    """Transactions by criteria: all of them, there are no pages."""
    rows = list(call.world.state.transactions.values())
    for name, attribute in (("clientid", "userid"), ("invoiceid", "invoiceid")):
        if call.number(name):
            rows = [row for row in rows if getattr(row, attribute) == call.number(name)]
    if call.text("transid"):
        rows = [row for row in rows if row.transid == call.text("transid")]
    counts = {"totalresults": len(rows), "startnumber": 0, "numreturned": len(rows)}
    return {**counts, **listing("transactions", "transaction", [transaction(row) for row in rows])}


def transaction(row: Transaction) -> Json:
    """A transaction; a currency of 0 is the client's own."""
    return {
        "id": row.id,
        "userid": row.userid,
        "currency": row.currency,
        "gateway": row.gateway,
        "date": row.date,
        "description": row.description,
        "amountin": row.amountin,
        "fees": row.fees,
        "amountout": row.amountout,
        "rate": f"{row.rate:.5f}",
        "transid": row.transid,
        "invoiceid": row.invoiceid,
        "refundid": row.refundid,
    }


def amounts(row: Invoice) -> Json:
    """The part that one invoice and a list of them share."""
    return {
        "invoicenum": "",
        "date": row.issued,
        "duedate": row.duedate,
        "datepaid": row.datepaid or NO_MOMENT,
        "subtotal": row.subtotal,
        "credit": row.credit,
        "tax": row.tax,
        "tax2": Decimal(0),
        "total": row.total,
        "taxrate": row.taxrate,
        "taxrate2": Decimal(0),
        "status": row.status,
        "paymentmethod": row.paymentmethod,
        "notes": row.notes,
    }


@action("GetInvoices", flat=True)
def get_invoices(call: Call) -> Json:
    """Invoices by criteria; `Overdue` is a status that no invoice has."""
    state, wanted = call.world.state, call.text("status")
    rows = list(state.invoices.values())
    if call.number("userid"):
        rows = [row for row in rows if row.userid == call.number("userid")]
    if wanted == "Overdue":
        rows = [row for row in rows if row.status == "Unpaid" and row.duedate < state.today()]
    elif wanted:
        rows = [row for row in rows if row.status == wanted]
    key = call.text("orderby") or "id"
    key = {"invoicenumber": "id", "invoiceid": "id", "date": "issued"}.get(key, key)
    if key not in ("id", "issued", "duedate", "total", "status"):
        raise ApiError("Invalid orderby")
    rows.sort(key=lambda row: (getattr(row, key), row.id), reverse=call.text("order").lower() == "desc")
    counts, shown = call.page(rows)
    prefix, code = call.world.currency
    invoices = [
        {
            "id": row.id,
            "userid": row.userid,
            "firstname": state.clients[row.userid].firstname,
            "lastname": state.clients[row.userid].lastname,
            "companyname": state.clients[row.userid].companyname,
            **amounts(row),
            "currencycode": code,
            "currencyprefix": prefix,
            "currencysuffix": code,
        }
        for row in shown
    ]
    return {**counts, **listing("invoices", "invoice", invoices)}


@action("GetInvoice", flat=True)
def get_invoice(call: Call) -> Json:
    """One invoice; without transactions they are `""`."""
    world = call.world
    row = world.books.invoice(call.number("invoiceid"))
    items = [
        {
            "id": item.id,
            "type": "",
            "relid": 0,
            "description": item.description,
            "amount": item.amount,
            "taxed": int(item.taxed),
        }
        for item in row.items
    ]
    rows = [transaction(item) for item in world.state.transactions.values() if item.invoiceid == row.id]
    return {
        "invoiceid": row.id,
        "userid": row.userid,
        **amounts(row),
        "balance": world.books.balance(row),
        "ccgateway": False,
        **listing("items", "item", items),
        **listing("transactions", "transaction", rows, empty="text"),
    }


@action("CreateInvoice")
def create_invoice(call: Call) -> Json:
    """A new invoice of the lines `itemdescription1`, `itemamount1`, `itemtaxed1` and so on."""
    client_id = call.number("userid")
    call.world.desk.client(client_id)
    if call.flag("draft") and call.flag("sendinvoice"):
        raise ApiError(
            "Cannot create and send a draft invoice in a single API request. Please create and send separately."
        )
    status = "Draft" if call.flag("draft") else call.text("status") or "Unpaid"
    if status not in INVOICE_STATUSES:
        raise ApiError("Invalid Status")
    numbers = sorted(
        int(name.removeprefix("itemdescription"))
        for name in call.given
        if name.startswith("itemdescription") and name.removeprefix("itemdescription").isdigit()
    )
    lines = [
        (call.text(f"itemdescription{key}"), call.money(f"itemamount{key}"), call.flag(f"itemtaxed{key}"))
        for key in numbers
        if call.text(f"itemdescription{key}")
    ]
    invoice = call.world.books.create(
        client_id,
        lines,
        status=status,
        method=call.text("paymentmethod") or "mailin",
        taxrate=call.money("taxrate"),
        day=call.day("date"),
        due=call.day("duedate"),
        notes=call.text("notes"),
        use_credit=call.flag("autoapplycredit"),
    )
    if call.flag("sendinvoice"):
        to = call.world.state.clients[client_id].email
        call.world.state.mails.append({"to": to, "type": "invoice", "id": invoice.id, "subject": "Invoice Created"})
    return {"invoiceid": invoice.id, "status": invoice.status}


@action("UpdateInvoice")
def update_invoice(call: Call) -> Json:
    """Another status; what is on an invoice that is no draft does not change any more."""
    books = call.world.books
    invoice = books.invoice(call.number("invoiceid"))
    status = call.text("status")
    if status and status not in INVOICE_STATUSES:
        raise ApiError(f"Invalid status {status}")
    if status == "Cancelled" and invoice.status != status:
        books.cancel(invoice.id)
    elif status:
        invoice.status = status
    return {"invoiceid": invoice.id}


@action("AddCredit")
def add_credit(call: Call) -> Json:
    """Money onto a client's account, or off it with the type "remove"."""
    client = call.world.desk.client(call.number("clientid"))
    amount = call.money("amount")
    if amount <= 0:
        raise ApiError("No Amount Provided")
    change = -amount if call.text("type") == "remove" else amount
    return {"newbalance": call.world.books.give_credit(client.id, change, call.text("description"))}


@action("GetCredits", flat=True)
def get_credits(call: Call) -> Json:
    """The whole credit log of a client: there are no pages."""
    client = call.world.desk.client(call.number("clientid"))
    rows = [row for row in call.world.state.credits if row.clientid == client.id]
    shown = [
        {"id": row.id, "date": row.date, "description": row.description, "amount": row.amount, "relid": 0}
        for row in rows
    ]
    return {"totalresults": len(rows), "clientid": client.id, **listing("credits", "credit", shown)}


@action("AddBillableItem", word="status")
def add_billable_item(call: Call) -> Json:
    """Something for a later invoice; says `status` where others say `result`."""
    state = call.world.state
    call.world.desk.client(call.number("clientid"), "Client ID not Found")
    if not call.text("description"):
        raise ApiError("You must provide a description")
    if call.text("unit") not in ("hours", "quantity"):
        raise ApiError("You must provide a valid unit")
    how = call.text("invoiceaction") or "noinvoice"
    if how not in INVOICE_ACTIONS:
        raise ApiError("Invalid Invoice Action")
    if how in ("duedate", "recur") and not call.text("duedate"):
        raise ApiError("Due date is required")
    row = BillableItem(
        state.next_id("billable"),
        call.number("clientid"),
        call.text("description"),
        call.money("amount"),
        call.text("unit"),
        call.money("quantity") or Decimal(1),
        how,
    )
    state.billable[row.id] = row
    return {"billableid": row.id}
