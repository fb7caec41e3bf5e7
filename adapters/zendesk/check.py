"""Proof that the credentials, and what `connect` made, truly work; each failure with its cure."""

from collections.abc import Callable, Sequence

from adapters.zendesk import bindings as names
from adapters.zendesk.budget import Budget
from adapters.zendesk.client import Client, Row
from adapters.zendesk.connect import find_field, find_view, view_drift, webhook_drift
from adapters.zendesk.settings import Settings
from deskside.errors import DesksideError
from deskside.ports import CheckResult
from deskside.store.bindings import Bindings
from deskside.text import clean, identifier

CONNECT = "run `deskside connect zendesk`"
# What Zendesk gave up on; a delivery that is throttled or under way may still arrive.
_FAILED = ("failed", "failure", "terminated", "timeout", "timed_out", "circuit_broken", "client_error", "server_error")


def check(client: Client, bindings: Bindings, settings: Settings, budget: Budget) -> tuple[CheckResult, ...]:
    """Every check in order; when the credentials fail, the rest is not tried, because it could only fail too."""
    results = [_guarded("zendesk credentials", _credentials_cure(settings), lambda: _credentials(client))]
    if not results[0].ok:
        return tuple(results)
    if settings.client_id:
        results.append(_guarded("zendesk scopes", "", lambda: _scopes(client, settings)))
    results.append(_guarded("zendesk user", "", lambda: _user(client, bindings)))
    results.append(_guarded("zendesk fields", CONNECT, lambda: _fields(client, bindings, settings)))
    results.append(_guarded("zendesk view", CONNECT, lambda: _view(client, bindings)))
    results += _webhook(client, bindings, settings)
    results.append(_limits(budget))
    return tuple(results)


def _guarded(name: str, cure: str, look: Callable[[], CheckResult]) -> CheckResult:
    try:
        return look()
    except DesksideError as error:
        return CheckResult(name, False, str(error), cure or "see the message")


def _credentials_cure(settings: Settings) -> str:
    if settings.client_id:
        return (
            "compare zendesk.url, client_id and client_secret with Admin Center > Apps and integrations > APIs > "
            "OAuth clients; the client must be confidential"
        )
    return "API tokens end on 30 April 2027 and unused ones are switched off before: make an OAuth client instead"


def _credentials(client: Client) -> CheckResult:
    # /users/me answers 200 "Anonymous user" to anybody; a listing of tickets does not.
    client.any_ticket()
    return CheckResult("zendesk credentials", True, "tickets can be read")


def _scopes(client: Client, settings: Settings) -> CheckResult:
    granted = {clean(scope) for scope in client.token().get("scopes") or ()}
    missing = [scope for scope in settings.scope.split() if not _covered(scope, granted)]
    if not missing:
        return CheckResult("zendesk scopes", True, f"granted: {' '.join(sorted(granted))}")
    return CheckResult(
        "zendesk scopes",
        False,
        f"asked for but not granted: {' '.join(missing)}",
        "allow these scopes in the OAuth client, or correct zendesk.scope: a misspelt scope is granted as nothing",
    )


def _covered(scope: str, granted: set[str]) -> bool:
    return scope in granted or scope.rpartition(":")[2] in granted


def _user(client: Client, bindings: Bindings) -> CheckResult:
    me = client.me()
    own, role = identifier(me.get("id")), clean(me.get("role"))
    if own is None:
        return CheckResult("zendesk user", False, "Zendesk takes us for an anonymous user", "check the credentials")
    bindings.put(names.OWN_USER, own)
    if role not in ("admin", "agent"):
        return CheckResult(
            "zendesk user", False, f"user {own} is {role or 'of no role'}", "let an admin make the OAuth client"
        )
    return CheckResult("zendesk user", True, f"acting as user {own} ({role})")


def _fields(client: Client, bindings: Bindings, settings: Settings) -> CheckResult:
    wanted = {names.BAND_FIELD: "Queue band", names.KEY_FIELD: "Queue key"}
    if settings.service_field:
        wanted[names.SERVICE_FIELD] = "Service"
    rows = client.ticket_fields()
    broken = []
    for binding, title in wanted.items():
        known = bindings.get(binding)
        row = find_field(rows, known, "", "") if known else None
        if row is None:
            broken.append(f"{title!r} is missing")
        elif row.get("active") is False:
            broken.append(f"{title!r} is not active")
    if broken:
        return CheckResult("zendesk fields", False, "; ".join(broken), CONNECT)
    return CheckResult("zendesk fields", True, f"{len(wanted)} ticket fields are there")


def _view(client: Client, bindings: Bindings) -> CheckResult:
    known = bindings.get(names.VIEW)
    row = find_view(client.views(), known) if known else None
    if row is None:
        return CheckResult("zendesk view", False, "the view is missing", CONNECT)
    drift = view_drift(row, bindings.get(names.KEY_FIELD))
    if drift:
        return CheckResult("zendesk view", False, f"the view was changed: {', '.join(drift)}", CONNECT)
    return CheckResult("zendesk view", True, f"{clean(row.get('title'))!r} shows the queue's order")


def _webhook(client: Client, bindings: Bindings, settings: Settings) -> Sequence[CheckResult]:
    known = bindings.get(names.WEBHOOK)
    configured = bool(settings.webhook_secret or bindings.get(names.WEBHOOK_SECRET))
    secret = CheckResult(
        "zendesk webhook secret",
        configured,
        "a signing secret is known" if configured else "no signing secret is known, so every delivery is refused",
        "" if configured else CONNECT + ", or set zendesk.webhook_secret",
    )
    if known is None:
        if settings.webhook_secret:
            made_by_hand = "none of ours is connected; deliveries of one made by hand are accepted"
            return (secret, CheckResult("zendesk webhook", True, made_by_hand))
        return (secret, CheckResult("zendesk webhook", False, "the webhook is missing", CONNECT))
    return (
        secret,
        _guarded("zendesk webhook", CONNECT, lambda: _subscribed(client, known)),
        _guarded("zendesk deliveries", "", lambda: _deliveries(client, known)),
    )


def _subscribed(client: Client, known: str) -> CheckResult:
    row = next((row for row in client.webhooks() if str(row.get("id")) == known), None)
    if row is None:
        return CheckResult("zendesk webhook", False, "the webhook was deleted", CONNECT)
    drift = webhook_drift(row, clean(row.get("endpoint")))
    if drift:
        return CheckResult("zendesk webhook", False, f"the webhook was changed: {', '.join(drift)}", CONNECT)
    return CheckResult("zendesk webhook", True, f"it posts to {clean(row.get('endpoint'))}")


def _deliveries(client: Client, known: str) -> CheckResult:
    rows = client.invocations(known)
    failed = [row for row in rows if _is_failed(row)]
    if not rows:
        return CheckResult("zendesk deliveries", True, "none in the last week")
    if _is_failed(rows[0]) or len(failed) * 2 > len(rows):
        return CheckResult(
            "zendesk deliveries",
            False,
            f"{len(failed)} of the last {len(rows)} failed",
            "is web.base_url reachable from outside, with a good certificate? Zendesk shows each answer under Webhooks",
        )
    return CheckResult("zendesk deliveries", True, f"{len(rows) - len(failed)} of the last {len(rows)} arrived")


def _limits(budget: Budget) -> CheckResult:
    known = budget.known
    if known is None:
        return CheckResult("zendesk limits", True, "Zendesk told no rate limit")
    return CheckResult("zendesk limits", True, f"{known[0]} of {known[1]} requests are left this minute")


def _is_failed(row: Row) -> bool:
    code = row.get("status_code")
    if isinstance(code, int) and code > 0:
        return code >= 400
    return clean(row.get("status")).lower() in _FAILED
