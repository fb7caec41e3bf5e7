"""Plain pages: the agents' list and ticket, the client's ticket, and invoices, at the paths where WHMCS has them."""

import copy
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from deskside.demo.whmcs.api import world
from deskside.demo.whmcs.state import Invoice, Json, Message, State, Ticket
from deskside.demo.whmcs.world import ADMIN_AREA

LIST = f"{ADMIN_AREA}/supporttickets.php"
INVOICES = f"{ADMIN_AREA}/invoices.php"
# What an administrator can do to an invoice here.
HANDS = ("refund", "cancel", "unpay")
POLICY = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

pages = Blueprint(
    "pages", __name__, template_folder="templates", static_folder="static", static_url_path="/static/whmcs"
)
# Without raw HTML, links of other schemes than the harmless, or images from elsewhere.
markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable("image")


@pages.after_request
def protect(response: Response) -> Response:
    """Nothing but our own style sheet may be loaded, whatever a client wrote."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    # The address of a client's page holds what opens the ticket.
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def shown(message: Message) -> Markup:
    """What was written, safe to put on a page: with Markdown where its writer said so."""
    text = "".join(letter for letter in message.message if letter.isprintable() or letter == "\n")
    if message.markdown:
        return Markup(markdown.render(text))  # noqa: S704 - rendered without raw HTML
    return Markup("<br>").join(escape(line) for line in text.split("\n"))


def moment(state: State, at: datetime) -> str:
    """A time as WHMCS shows it: local, without saying of where."""
    return f"{state.local(at):%d/%m/%Y %H:%M}"


def row(state: State, ticket: Ticket) -> Json:
    """A ticket as a line of a list, and as the head of its page."""
    client = state.clients.get(ticket.userid)
    number = int(ticket.service[1:] or 0)
    service = state.services.get(number) if ticket.service.startswith("S") else None
    domain = state.domains.get(number) if ticket.service.startswith("D") else None
    flagged = state.admins.get(ticket.flag)
    return {
        "id": ticket.id,
        "tid": ticket.tid,
        "subject": ticket.subject,
        "status": ticket.status,
        "color": list(state.statuses).index(ticket.status),
        "priority": ticket.priority,
        "department": state.departments[ticket.deptid].name,
        "client": (client.companyname or client.fullname) if client else ticket.name,
        "name": ticket.requestor.name,
        "flag": flagged.name if flagged else "",
        "service": f"{service.name} – {service.domain}" if service else domain.domainname if domain else "",
        "opened": moment(state, ticket.date),
        "lastreply": moment(state, ticket.lastreply),
        "notes": len(ticket.notes),
        "code": ticket.c,
    }


def talk(state: State, ticket: Ticket, notes: bool) -> list[Json]:
    """What was said, oldest first, with the notes among it for those who may see them."""
    said = [(item.date, 0, item, False) for item in [ticket.opening, *ticket.replies]]
    said += [(item.date, 1, item, True) for item in ticket.notes] if notes else []
    return [
        {
            "author": item.admin or (item.author.name if item.author else ticket.name),
            "staff": bool(item.admin),
            "note": note,
            "at": moment(state, at),
            "html": shown(item),
        }
        for at, _, item, note in sorted(said, key=lambda entry: entry[:2])
    ]


@pages.get("/")
@pages.get(f"{ADMIN_AREA}/")
def home() -> Any:
    """The list of tickets is what there is to see."""
    return redirect(LIST)


@pages.route(LIST, methods=["GET", "POST"])
def support_tickets() -> Any:
    """The list, awaiting tickets by their last word as WHMCS sorts them; or one ticket."""
    if request.args.get("action") in ("view", "viewticket"):
        return agent_ticket(request.args.get("id", 0, type=int))
    state, show = world().state, world().panel
    panel = show() if show else None
    with state.lock:
        tickets = [item for item in state.tickets.values() if not item.merged_into]
        waiting = [item for item in tickets if state.statuses[item.status].awaiting]
        rest = sorted((item for item in tickets if item not in waiting), key=lambda item: item.lastreply, reverse=True)
        waiting.sort(key=lambda item: item.lastreply, reverse=True)
        ordered = [state.tickets[key] for key in panel or [] if key in state.tickets]
        context = {
            "panel": None if panel is None else [row(state, item) for item in ordered],
            "rows": [row(state, item) for item in waiting],
            "done": [row(state, item) for item in rest[:8]],
        }
    return render_template("list.html", **context)


def agent_ticket(ticket_id: int) -> Any:
    """A ticket as agents see it, with the addon's panel."""
    state = world().state
    with state.lock:
        ticket = state.tickets.get(ticket_id)
        if ticket is None:
            abort(404)
        # Nobody signs in here: the first who is no robot looks.
        admin = next((item for item in state.admins.values() if item.id != world().access.admin_id), None)
        context = {"ticket": row(state, ticket), "talk": talk(state, ticket, notes=True)}
    who = {"agent": {"id": str(admin.id), "name": admin.name}} if admin else {}
    return answer("agent.html", context, {"type": "panel", "ticket": str(ticket_id), **who})


def answer(template: str, context: Json, wanted: Json) -> Any:
    """A page with what the addon shows on it; a button of that was pressed where the page was posted."""
    if request.method == "POST":
        kind, _, place = request.form.get("boost", "").partition(" ")
        world().addon.ask({**wanted, "type": "boost.ask", "kind": kind, "place": place})
        return redirect(request.url, 303)
    return render_template(template, **context, fragment=fragment(wanted))


def fragment(wanted: Json) -> Markup:
    """What Deskside shows on a page, safe as it comes: its buttons send the form around them, where a script would."""
    shown = str((world().addon.ask(wanted) or {}).get("html", ""))
    buttons = 'type="button" class="deskside-button" data-deskside-do="boost"'
    return Markup(shown.replace(buttons, 'type="submit" name="boost"'))  # noqa: S704 - escaped by Deskside


@pages.route("/viewticket.php", methods=["GET", "POST"])
def client_ticket() -> Any:
    """A ticket as its client sees it: for whoever has its number and its code."""
    state = world().state
    with state.lock:
        given = request.args.get("tid"), request.args.get("c")
        ticket = next((item for item in state.tickets.values() if (item.tid, item.c) == given), None)
        if ticket is None:
            abort(404)
        context = {"ticket": row(state, ticket), "talk": talk(state, ticket, notes=False)}
        wanted = {"type": "place", "ticket": str(ticket.id), "client": {"id": str(ticket.userid)}}
    return answer("client.html", context, wanted)


@pages.route("/viewinvoice.php", methods=["GET", "POST"])
def client_invoice() -> Any:
    """An invoice as its client sees it, with a button that pays it."""
    invoice = found_invoice()
    if request.method == "POST":
        if invoice.status == "Unpaid":
            world().books.pay(invoice.id)
        return redirect(request.url, 303)
    return render_template("invoice.html", invoice=invoice, currency=world().currency[1], hands=(), area="client")


@pages.route(INVOICES, methods=["GET", "POST"])
def agent_invoice() -> Any:
    """An invoice as administrators see it, with what they can do to it."""
    invoice = found_invoice()
    if request.method == "POST":
        act = request.form.get("act", "")
        if act not in HANDS:
            abort(400)
        getattr(world().books, act)(invoice.id)
        return redirect(request.url, 303)
    return render_template("invoice.html", invoice=invoice, currency=world().currency[1], hands=HANDS, area="admin")


def found_invoice() -> Invoice:
    """A copy of the invoice that was asked for."""
    with world().state.lock:
        found = world().state.invoices.get(request.args.get("id", 0, type=int))
        return copy.deepcopy(found) if found is not None else abort(404)
