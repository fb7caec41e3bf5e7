"""WHMCS's refusals made into typed errors, in one place: by their message.

Refusals of what was asked come with HTTP 200, refusals of who asks with 403 or 400 (sources disagree), so the status
is only a hint. Source: developers.whmcs.com, "Access Control"; the messages are those that clients in the field meet.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deskside.errors import DesksideError, Gone, Permanent, Transient, UnknownOutcome
from deskside.text import clean

_MAX_TEXT = 300
DEFAULT_WAIT = 10.0
MAX_WAIT = 3600.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the HTTP status, the JSON object if it was one, and whether it was a page of HTML."""

    status: int
    content: dict[str, Any] | None
    retry_after: str | None = None
    is_page: bool = False


class AccessRefused(Permanent):
    """Who asks is not let in, or may not do this: the credential, its role, or the list of addresses."""

    def __init__(self, cause: str, cure: str) -> None:
        super().__init__(f"{cause} ({cure})")
        self.cause = cause
        self.cure = cure


@dataclass(frozen=True, slots=True)
class _Refusal:
    pattern: re.Pattern[str]
    cure: str


def _refusal(pattern: str, cure: str) -> _Refusal:
    return _Refusal(re.compile(pattern, re.IGNORECASE), cure)


_REFUSALS = (
    _refusal(r"^Authentication Failed", "whmcs.secret is wrong: make a new API credential and take its secret"),
    _refusal(
        r"^Invalid or missing credentials",
        "whmcs.identifier is wrong or its credential was deleted: see Configuration > System Settings > "
        "Manage API Credentials",
    ),
    _refusal(
        r"^Invalid IP\b.*:",
        "add this IPv6 address to General Settings > Security > API IP Access Restriction, or let this machine reach "
        "WHMCS over IPv4: the list takes single addresses, and each of the two counts for itself",
    ),
    _refusal(
        r"^Invalid IP\b",
        "add this address to General Settings > Security > API IP Access Restriction (single addresses, no networks), "
        "or set whmcs.access_key",
    ),
    _refusal(
        r"^Invalid Permissions",
        "allow this action in the credential's API role (Manage API Credentials > API Roles), and whatever it touches "
        "in the administrator's own role",
    ),
    _refusal(
        r"^Administrator Account Disabled",
        "the administrator the credential belongs to is disabled: enable them, or make a credential of another",
    ),
    _refusal(
        r"^Access Denied",
        "let the administrator's role use the API: Administrator Roles > API Access",
    ),
    _refusal(
        r"^An admin user is required",
        "whmcs.url leads past the API: it must be the folder WHMCS is in, without /includes/api.php",
    ),
)
_NOT_THERE = re.compile(
    r"^(?:Ticket|Client|User|Note|Reply|Service|Product|Invoice|Department|Transaction|Announcement)\b.*"
    r"\bnot found|^(?:Ticket|Invoice|Service) ID Not Found|^Invalid (?:Ticket|Client|Service|Invoice) ID",
    re.IGNORECASE,
)
_LATER = re.compile(r"maintenance|deadlock|lock wait|too many connections|gone away|try again", re.IGNORECASE)
_NO_SUCH_ACTION = re.compile(r"command not found|action not found|invalid (?:api )?action", re.IGNORECASE)


def refused(action: str, message: str) -> DesksideError:
    """The typed error of an answer whose `result` is an error. Such an answer means that nothing was done."""
    text = short(message)
    said = f"{action}: {text or 'an error without a message'}"
    for refusal in _REFUSALS:
        if refusal.pattern.search(text):
            return AccessRefused(said, refusal.cure)
    if _LATER.search(text):
        return Transient(said)
    if _NO_SUCH_ACTION.search(text):
        return Permanent(f"{said} (this version of WHMCS does not have it)")
    if _NOT_THERE.search(text):
        return Gone(said)
    return Permanent(said)


def unreadable(action: str, answer: Answer, *, reading: bool) -> DesksideError:
    """The typed error of an answer that is no JSON object: something in front of WHMCS answered, or it broke."""
    status = answer.status
    said = f"{action}: HTTP {status}, and no JSON"
    if status == 403:
        return AccessRefused(
            said,
            "a firewall, a proxy or fail2ban in front of WHMCS refused, not WHMCS itself: let this machine's address "
            "through there",
        )
    if status == 429:
        return Transient(said, retry_after(answer.retry_after))
    if 300 <= status < 400:
        return Permanent(f"{said} (it redirects, which is not followed: check whmcs.url, https and www included)")
    if status in (404, 405, 410):
        return Permanent(f"{said} (there is no WHMCS at whmcs.url)")
    if 400 <= status < 500:
        return Permanent(said)
    wait = retry_after(answer.retry_after) if status == 503 else None
    if reading:
        what = " (a page instead: is whmcs.url right, or is it down for maintenance?)" if answer.is_page else ""
        return Transient(said + what, wait)
    return UnknownOutcome(said, wait)


def message_of(answer: Mapping[str, Any]) -> str | None:
    """The message when the answer is a refusal, else None.

    Most answers say `result`, some `status`, and a few neither; in a ticket `status` is the ticket's own.
    """
    verdict = clean(answer.get("result")).strip().lower()
    if not verdict:
        said = clean(answer.get("status")).strip().lower()
        verdict = said if said in ("error", "success") else "success"
    if verdict == "success":
        return None
    return clean(answer.get("message") or answer.get("error") or "")


def retry_after(value: str | None) -> float:
    """Seconds to wait by a `Retry-After` header in seconds; ten when there is none."""
    text = (value or "").strip()
    return min(MAX_WAIT, max(1.0, float(text))) if text.isascii() and text.isdigit() else DEFAULT_WAIT


def short(text: str) -> str:
    """Foreign text for a message: one line, at most 300 characters."""
    text = " ".join(clean(text).split())
    return text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT] + "…"
