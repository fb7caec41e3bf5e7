"""The domain's registration: when it ends, and whether the registry holds it back. Says nothing about the host."""

import functools
import ssl
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from publicsuffixlist import PublicSuffixList

from adapters.health.rdap import Bootstrap, BootstrapFile, Registration, is_error, parse_domain
from adapters.health.rdap_client import NoRdapAnswer, RdapAnswer, fetch, verifying
from adapters.health.settings import HealthSettings
from deskside.errors import Malformed
from deskside.model.health import Finding, Sign, Word
from deskside.model.service import Target
from deskside.ports import Surroundings

# The nearest step tells how pressing it is; the first one is the limit `domain_warn_days`.
STEPS_DAYS = (14, 7)
_GONE = {"redemptionperiod": "redemption", "pendingrestore": "redemption", "pendingdelete": "pending_delete"}
_HELD = ("clienthold", "serverhold")
_FAILURE_SECONDS = 600.0
_MINUTE = 60.0


class Absence(StrEnum):
    """Why there is no registration to judge."""

    NO_RDAP = "no_rdap"
    NOT_REGISTERED = "not_registered"
    RATE_LIMITED = "rate_limited"
    FAILED = "failed"


Outcome = Registration | Absence


@dataclass(frozen=True, slots=True)
class _Kept:
    outcome: Outcome
    until: float


class DomainProbe:
    """Asks the registry about the registrable domain, at most once a day for each domain."""

    name = "domain"
    kind = "domain"

    def __init__(self, bootstrap: Callable[[], Bootstrap], context: Callable[[], ssl.SSLContext] = verifying) -> None:
        self._bootstrap = bootstrap
        self._context = context
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._asked: dict[str, deque[float]] = {}
        self._paused: dict[str, float] = {}

    def applies(self, target: Target) -> bool:
        """When the target has a name below a public suffix."""
        return target.host is not None and registrable(target.host) is not None

    async def look(self, target: Target, surroundings: Surroundings) -> Sequence[Finding]:
        """One finding. Where the registry has no RDAP, or must not be asked now, it is quiet: not told in the note."""
        domain = registrable(target.host or "")
        if domain is None:
            return ()
        outcome = self._recall(domain)
        if outcome is None:
            outcome = await self._ask(domain, surroundings)
            self._keep(domain, outcome, surroundings.limits)
        return (judge_registration(domain, outcome, datetime.now(UTC), surroundings.limits["domain_warn_days"]),)

    async def _ask(self, domain: str, surroundings: Surroundings) -> Outcome:
        base = self._bootstrap().server(domain)
        if base is None:
            return Absence.NO_RDAP
        server = urlsplit(base).netloc
        if not self._may_ask(server, surroundings.limits["rdap_per_minute"]):
            return Absence.RATE_LIMITED
        try:
            answer = await fetch(f"{base.rstrip('/')}/domain/{domain}", surroundings, self._context)
            if answer.status == 429:
                self._paused[server] = time.monotonic() + _retry_after(answer)
                return Absence.RATE_LIMITED
            return read_answer(answer)
        except (NoRdapAnswer, Malformed):
            return Absence.FAILED

    def _may_ask(self, server: str, per_minute: float) -> bool:
        now = time.monotonic()
        asked = self._asked.setdefault(server, deque())
        while asked and asked[0] <= now - _MINUTE:
            asked.popleft()
        if len(asked) >= per_minute or self._paused.get(server, 0.0) > now:
            return False
        asked.append(now)
        return True

    def _recall(self, domain: str) -> Outcome | None:
        kept = self._kept.get(domain)
        if kept is None or kept.until <= time.monotonic():
            return None
        self._kept.move_to_end(domain)
        return kept.outcome

    def _keep(self, domain: str, outcome: Outcome, limits: Mapping[str, float]) -> None:
        if outcome is Absence.RATE_LIMITED or outcome is Absence.NO_RDAP:
            return
        seconds = _FAILURE_SECONDS if outcome is Absence.FAILED else limits["rdap_kept_hours"] * 3600
        self._kept[domain] = _Kept(outcome, time.monotonic() + seconds)
        self._kept.move_to_end(domain)
        while len(self._kept) > limits["rdap_kept_names"]:
            self._kept.popitem(last=False)


@functools.cache
def _suffixes(only_icann: bool) -> PublicSuffixList:
    # The list comes with the package: nothing is fetched. A TLD that it does not know has no registry to ask.
    return PublicSuffixList(only_icann=only_icann, accept_unknown=False)


def registrable(host: str) -> str | None:
    """The domain that was registered for this host.

    None for a name that is a public suffix itself, and for one below a private suffix such as github.io: the
    registration behind it is another's.
    """
    domain: str | None = _suffixes(True).privatesuffix(host)
    if domain is None or _suffixes(False).privatesuffix(host) != domain:
        return None
    return domain


def read_answer(answer: RdapAnswer) -> Outcome:
    """What an answer means; a 404 counts only from a server that speaks RDAP. Raises `Malformed`."""
    if answer.status == 200:
        return parse_domain(answer.content)
    if answer.status == 404 and is_error(answer.content):
        return Absence.NOT_REGISTERED
    return Absence.FAILED


def judge_registration(domain: str, outcome: Outcome, now: datetime, warn_days: float) -> Finding:
    """The finding: past its end or in deletion is down, held or ending soon is degraded, unasked is unknown."""
    details: dict[str, Any] = {"domain": domain}
    if isinstance(outcome, Absence):
        word = Word.DOWN if outcome is Absence.NOT_REGISTERED else Word.UNKNOWN
        if outcome in (Absence.NO_RDAP, Absence.RATE_LIMITED):
            details["quiet"] = True
        summary = f"{domain}: {outcome.value.replace('_', ' ')}"
        return Finding("domain", "domain", word, Sign.NOTHING, summary, {**details, "code": outcome.value})
    reasons = list(dict.fromkeys(_GONE[status] for status in outcome.statuses if status in _GONE))
    word = Word.DOWN if reasons else Word.OK
    if any(status in _HELD for status in outcome.statuses):
        reasons.append("hold")
    left = None
    if outcome.expires is not None:
        left = (outcome.expires - now).days
        steps = [step for step in (warn_days, *STEPS_DAYS) if outcome.expires > now and left <= step]
        if outcome.expires <= now:
            reasons.append("expired")
            word = Word.DOWN
        elif steps:
            reasons.append("expires_soon")
            details["within_days"] = min(steps)
    if reasons and word is Word.OK:
        word = Word.DEGRADED
    details |= {
        "code": "problems" if reasons else "registered",
        "reasons": reasons,
        "expires": outcome.expires.isoformat() if outcome.expires else None,
        "days_left": left,
        "statuses": list(outcome.statuses),
        "registrar": outcome.registrar,
    }
    until = f"until {outcome.expires:%Y-%m-%d}" if outcome.expires else "without a published end"
    said = ", ".join(reason.replace("_", " ") for reason in reasons) or "in order"
    return Finding("domain", "domain", word, Sign.NOTHING, f"{domain} is registered {until}: {said}", details)


def _retry_after(answer: RdapAnswer) -> float:
    text = answer.fields.get("retry-after", "")
    return min(float(text), 3600.0) if text.isascii() and text.isdigit() and len(text) < 9 else _MINUTE


class Plugin:
    """Builds the probe over the configured list of registries."""

    name = "domain"

    def build(self, settings: HealthSettings, database: sa.Engine) -> DomainProbe:
        """The probe; the list is read at the first look."""
        return DomainProbe(BootstrapFile(settings.rdap_bootstrap))


probe = Plugin()
