"""A throw-away `api.php` that answers as a test tells it to, and remembers what it was asked."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.wrappers import Request, Response

IDENTIFIER = "identifier-of-the-test"
SECRET = "the-secret-of-the-credential"
PASSWORD = "canary-password-of-a-service"
KEY_OF_TICKET = "canary-c-of-a-ticket"


@dataclass(frozen=True)
class Asked:
    """One call that came: its action, its parameters without the credential, and the path it came to."""

    action: str
    parameters: dict[str, str]
    credential: dict[str, str]
    path: str
    headers: dict[str, str]


@dataclass(frozen=True)
class Answer:
    """What to answer: an object as JSON, or text as it is."""

    body: Any = field(default_factory=lambda: {"result": "success"})
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


def refusal(message: str, status: int = 200) -> Answer:
    """WHMCS's own form of an error."""
    return Answer({"result": "error", "message": message}, status)


Answering = Answer | Callable[[Asked], Answer]


class Install:
    """A WHMCS as far as one test needs it."""

    def __init__(self) -> None:
        self.seen: list[Asked] = []
        self.most_at_once = 0
        self._under_way = 0
        self._answers: dict[str, list[Answering]] = {}
        self._lock = threading.Lock()
        self._server: BaseWSGIServer = make_server("127.0.0.1", 0, self._app, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def on(self, action: str, *answers: Answering) -> None:
        """Answer one after the other; the last again and again."""
        self._answers[action] = list(answers)

    def asked(self, action: str | None = None) -> list[Asked]:
        """The calls that came, or those of one action."""
        return [asked for asked in self.seen if action in (None, asked.action)]

    def close(self) -> None:
        """Stop, and refuse every further connection."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _app(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        form = dict(request.form)
        credential = {name: form.pop(name) for name in ("identifier", "secret", "accesskey") if name in form}
        headers = {name.lower(): value for name, value in request.headers}
        asked = Asked(form.pop("action", ""), form, credential, request.path, headers)
        with self._lock:
            self.seen.append(asked)
            self._under_way += 1
            self.most_at_once = max(self.most_at_once, self._under_way)
            answers = self._answers.get(asked.action, [])
            answer = (answers.pop(0) if len(answers) > 1 else answers[0]) if answers else None
        try:
            answer = answer(asked) if callable(answer) else answer
            if answer is None:
                answer = refusal(f'Invalid Permissions: API action "{asked.action.lower()}" is not allowed', 403)
            text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
            content = {"Content-Type": "application/json"} | answer.headers
            return Response(text, status=answer.status, headers=content)(environ, start_response)
        finally:
            with self._lock:
                self._under_way -= 1


def listed(**changes: Any) -> dict[str, Any]:
    """A row of GetTickets, as documented: numbers are texts, texts are encoded."""
    return {
        "id": "5", "tid": "ABC-123456", "deptid": "2", "userid": "7", "name": "Ann &amp; Bob",
        "owner_name": "Ann Smith", "email": "ann@acme.example", "requestor_name": "Ann Smith",
        "requestor_email": "ann@acme.example", "requestor_type": "Owner", "cc": "", "c": KEY_OF_TICKET,
        "date": "2026-11-01 10:00:00", "subject": "It&#039;s down", "status": "Open", "priority": "Medium",
        "admin": "", "attachment": "", "attachments": [], "attachments_removed": False,
        "lastreply": "2026-11-01 10:00:00", "flag": "0", "service": "S31",
    } | changes  # fmt: skip


def shown(*replies: dict[str, Any], **changes: Any) -> Answer:
    """The answer of GetTicket for the same ticket."""
    row = listed(**changes)
    row["ticketid"] = row.pop("id")
    opening = {
        "replyid": "0", "userid": "7", "contactid": "0", "name": "Ann", "email": "ann@acme.example",
        "date": row["date"], "message": "since ten &lt;b&gt;", "attachment": "", "attachments": [[]], "admin": "",
        "rating": "0",
    }  # fmt: skip
    body = {
        "result": "success", **row, "deptname": "Support &amp; Sales", "contactid": "0",
        "replies": {"reply": [opening, *replies]}, "notes": "",
    }  # fmt: skip
    return Answer(body)


def reply(reply_id: int, date: str, admin: str = "", message: str = "words") -> dict[str, Any]:
    """A later reply of GetTicket."""
    return {"replyid": str(reply_id), "date": date, "message": message, "admin": admin, "attachments": [[]]}


def page(*rows: dict[str, Any], total: int | None = None) -> Answer:
    """The answer of GetTickets with these rows."""
    found = len(rows) if total is None else total
    return Answer({"result": "success", "totalresults": str(found), "tickets": {"ticket": list(rows)} if rows else ""})


def paged(rows: list[dict[str, Any]], most: int = 250) -> Callable[[Asked], Answer]:
    """GetTickets over all these rows, in pages of at most `most`."""

    def answer(asked: Asked) -> Answer:
        start = int(asked.parameters["limitstart"])
        limit = min(most, int(asked.parameters["limitnum"]))
        return page(*rows[start : start + limit], total=len(rows))

    return answer


def product(**changes: Any) -> dict[str, Any]:
    """A row of GetClientsProducts, with all that must not get past the edge."""
    return {
        "id": 31, "clientid": 7, "pid": 1, "regdate": "2021-03-04", "name": "VPS L", "groupname": "Servers",
        "domain": "Shop.Acme.example", "dedicatedip": "192.0.2.10", "serverid": 4, "servername": "node4",
        "serverip": "198.51.100.4", "serverhostname": "node4.host.example", "billingcycle": "Monthly",
        "nextduedate": "0000-00-00", "status": "Active", "username": "root", "password": PASSWORD,
        "assignedips": "192.0.2.11\r\n192.0.2.12, 192.0.2.10", "notes": f"root: {PASSWORD}",
        "customfields": {"customfield": [{"id": 1, "name": "Root Password", "value": PASSWORD}]},
    } | changes  # fmt: skip


def products(*rows: dict[str, Any]) -> Answer:
    """The answer of GetClientsProducts."""
    body = {"result": "success", "totalresults": len(rows), "products": {"product": list(rows)} if rows else ""}
    return Answer(body)


def account(**changes: Any) -> Answer:
    """The answer of GetClientsDetails."""
    row = {
        "id": 7, "userid": 7, "firstname": "Ann", "lastname": "Smith", "companyname": "Acme &amp; Sons",
        "email": "Ann@Acme.example", "groupid": "3", "status": "Active", "language": "russian", "credit": "0.00",
        "customfields": [{"id": "12", "value": "business"}, {"id": "13", "value": PASSWORD}],
        "lastlogin": "No Login Logged",
    } | changes  # fmt: skip
    return Answer({"result": "success", **row, "client": row, "stats": {"income": "$2645.80 USD"}})


def accounts(*rows: dict[str, Any]) -> Answer:
    """The answer of GetClients."""
    return Answer({"result": "success", "totalresults": len(rows), "clients": {"client": list(rows)} if rows else ""})


def transactions(*rows: dict[str, Any]) -> Answer:
    """The answer of GetTransactions."""
    return Answer({"result": "success", "transactions": {"transaction": list(rows)} if rows else ""})


OWN = Answer({"result": "success", "adminid": "9", "name": "Deskside Robot", "whmcs": {"version": "8.13.1-release.1"}})
DEPARTMENTS = Answer({"result": "success", "departments": {"department": [{"id": "2", "name": "Support &amp; Sales"}]}})
ADMINS = Answer({"count": 1, "admin_users": [{"id": 3, "username": "eve", "fullName": "Eve Online", "email": "x"}]})


def ordinary(install: Install) -> None:
    """What every test of the whole desk needs."""
    install.on("GetAdminDetails", OWN)
    install.on("GetSupportDepartments", DEPARTMENTS)
    install.on("GetAdminUsers", ADMINS)
    install.on("GetTicket", shown())
    install.on("GetTickets", page(listed()))
    install.on("GetTicketNotes", Answer({"result": "success", "notes": ""}))
    install.on("AddTicketNote", Answer())
    install.on("UpdateTicket", Answer({"result": "success", "ticketid": "5"}))
    install.on("GetClientsDetails", account())
    install.on("GetClients", accounts({"id": 7, "datecreated": "2019-05-06", "email": "ann@acme.example"}))
    install.on("GetClientsProducts", products(product()))
    install.on("GetTransactions", transactions())
