"""Every action that Deskside needs, tried without changing anything; each refusal with its cure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from adapters.whmcs import bindings as names
from adapters.whmcs import rows
from adapters.whmcs.client import Client
from adapters.whmcs.normalise import to_utc
from adapters.whmcs.problems import AccessRefused
from adapters.whmcs.settings import Settings
from deskside.errors import DesksideError, Gone, Permanent
from deskside.ports import CheckResult
from deskside.store.bindings import Bindings

CONNECT = "run `deskside connect whmcs` and unpack what it makes into WHMCS"
# Between this machine's clock and WHMCS's.
AHEAD = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class _Probe:
    """A harmless call of an action. `without` is what is lost where it is refused; empty where nothing works then."""

    action: str
    parameters: dict[str, str]
    writes: bool = False
    without: str = ""


# Nothing has the id 0: an answer that there is no such ticket proves that the action itself is allowed.
_NOTHING = {"ticketid": "0"}
_PROBES = (
    _Probe("GetTickets", {"limitnum": "1", "ignore_dept_assignments": "1"}),
    _Probe("GetTicket", _NOTHING),
    _Probe("GetTicketNotes", _NOTHING),
    _Probe("AddTicketNote", {**_NOTHING, "message": "deskside check"}, writes=True),
    _Probe("GetSupportDepartments", {}),
    _Probe("GetSupportStatuses", {}),
    _Probe("GetAdminUsers", {}),
    _Probe("GetClientsDetails", {"clientid": "0"}),
    _Probe("GetClientsProducts", {"limitnum": "1", "serviceid": "0"}),
    _Probe("GetClients", {"limitnum": "1"}, without="clients' years are those of their oldest product"),
    _Probe("GetTransactions", {"transid": "deskside-check"}, without="the factor `spend` knows nothing"),
    _Probe("GetClientsDomains", {"limitnum": "1", "domainid": "0"}, without="a ticket's domain is not resolved"),
)
_UNSOLD = "no place in the queue can be sold"
_BILLING = (
    _Probe("CreateInvoice", {"userid": "0"}, writes=True, without=_UNSOLD),
    _Probe("GetInvoice", {"invoiceid": "0"}, without=_UNSOLD),
    _Probe("GetInvoices", {"userid": "0", "limitnum": "1"}, without=_UNSOLD),
    _Probe("UpdateInvoice", {"invoiceid": "0", "status": "Cancelled"}, writes=True, without=_UNSOLD),
    _Probe(
        "AddCredit", {"clientid": "0", "amount": "0", "description": "deskside check"}, writes=True, without=_UNSOLD
    ),
    _Probe("GetCredits", {"clientid": "0"}, without=_UNSOLD),
)
_PRIORITY = _Probe("UpdateTicket", {**_NOTHING, "priority": "High"}, writes=True)


def check(client: Client, bindings: Bindings, settings: Settings) -> tuple[CheckResult, ...]:
    """Every check in order; when we are not let in at all, the rest is not tried, because it could only fail too."""
    first = _credential(client, bindings)
    if not first.ok:
        return (first,)
    probes = [*_PROBES, *([_PRIORITY] if settings.write_priority else []), *_BILLING]
    return (first, *(_action(client, probe) for probe in probes), _clock(client, settings), _secret(bindings, settings))


def _credential(client: Client, bindings: Bindings) -> CheckResult:
    name = "whmcs credential"
    try:
        own = client.own()
    except DesksideError as error:
        return CheckResult(name, False, *_cause_and_cure(error))
    if own.id is not None:
        bindings.put(names.OWN_ADMIN, own.id)
    who = own.name or (f"administrator {own.id}" if own.id else "somebody WHMCS does not name")
    return CheckResult(name, True, f"acting as {who}" + (f" in WHMCS {own.version}" if own.version else ""))


def _action(client: Client, probe: _Probe) -> CheckResult:
    name = f"whmcs {probe.action}"
    call: Callable[..., object] = client.session.write if probe.writes else client.session.read
    try:
        call(probe.action, probe.parameters, rows.ENVELOPE)
    except AccessRefused as error:
        cause, cure = _cause_and_cure(error)
        if probe.without:
            return CheckResult(name, True, f"is not allowed, so {probe.without}")
        return CheckResult(name, False, cause, cure)
    except (Gone, Permanent):
        # Refused for what was asked, not for who asked.
        return CheckResult(name, True, "is allowed")
    except DesksideError as error:
        return CheckResult(name, False, str(error), "try again later")
    return CheckResult(name, True, "is allowed")


def _clock(client: Client, settings: Settings) -> CheckResult:
    """A ticket from the future shows that `timezone` is not the one WHMCS runs with."""
    name = "whmcs timezone"
    try:
        found = client.tickets(0).tickets
    except DesksideError as error:
        return CheckResult(name, False, *_cause_and_cure(error))
    shown = [time for row in found for time in (row.opened, row.last_reply) if time]
    if not shown:
        return CheckResult(name, True, f"{settings.timezone}; there is no active ticket to prove it by")
    newest = max(to_utc(time, settings.zone) for time in shown)
    if newest > datetime.now(UTC) + AHEAD:
        return CheckResult(
            name,
            False,
            f"by {settings.timezone} there are tickets of the future",
            "set whmcs.timezone to the zone WHMCS and its PHP run with",
        )
    return CheckResult(name, True, f"{settings.timezone}; no ticket is of the future")


def _secret(bindings: Bindings, settings: Settings) -> CheckResult:
    known = bool(settings.webhook_secret or bindings.get(names.WEBHOOK_SECRET))
    message = (
        "a signing secret is known" if known else "no signing secret is known, so every event of the addon is refused"
    )
    return CheckResult("whmcs webhook secret", known, message, "" if known else CONNECT)


def _cause_and_cure(error: DesksideError) -> tuple[str, str]:
    if isinstance(error, AccessRefused):
        return error.cause, error.cure
    return str(error), "see the message" if isinstance(error, Permanent) else "try again later"
