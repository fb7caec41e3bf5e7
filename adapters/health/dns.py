"""DNS: what the name answers, what each of the zone's own servers says about it, and where the parent points.

A name says nothing about whether the host lives, so every finding here has the sign `NOTHING`.
"""

import asyncio
import ipaddress
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from adapters.health.authority import Authority, Referral
from adapters.health.errors import NoSuchName, ResolverFailure, ResolverTimeout
from adapters.health.survey import Survey, is_elsewhere, look_around
from deskside.errors import DesksideError
from deskside.model.health import Finding, Sign, Word
from deskside.model.service import Target
from deskside.ports import Surroundings

# https://www.cloudflare.com/ips/: the one proxy so common that it is named.
_CLOUDFLARE = tuple(
    ipaddress.ip_network(text)
    for text in (
        "103.21.244.0/22",
        "103.22.200.0/22",
        "103.31.4.0/22",
        "104.16.0.0/13",
        "104.24.0.0/14",
        "108.162.192.0/18",
        "131.0.72.0/22",
        "141.101.64.0/18",
        "162.158.0.0/15",
        "172.64.0.0/13",
        "173.245.48.0/20",
        "188.114.96.0/20",
        "190.93.240.0/20",
        "197.234.240.0/22",
        "198.41.128.0/17",
        "2400:cb00::/32",
        "2405:8100::/32",
        "2405:b500::/32",
        "2606:4700::/32",
        "2803:f800::/32",
        "2a06:98c0::/29",
        "2c0f:f248::/32",
    )
)


class DnsProbe:
    """Compares the answer with the inventory, and asks the authoritative servers and the parent's directly."""

    name = "dns"
    kind = "dns"

    def applies(self, target: Target) -> bool:
        """When the target has a name."""
        return target.host is not None

    async def look(self, target: Target, surroundings: Surroundings) -> Sequence[Finding]:
        """One finding; details `reasons` lists what is wrong, `notes` what is worth knowing."""
        if target.host is None:
            return ()
        answers: tuple[str, ...] | None = None
        try:
            answers = await surroundings.resolver.addresses(target.host)
        except (NoSuchName, ResolverTimeout) as error:
            return (resolution_failed(target.host, error),)
        except ResolverFailure:
            # The servers themselves may tell why.
            pass
        survey = Survey()
        try:
            async with asyncio.timeout(surroundings.limits["dns_seconds"]):
                await look_around(survey, target, answers, surroundings)
        except (TimeoutError, ResolverTimeout):
            pass
        return (judge_answers(target, answers, survey, long_ttl=surroundings.limits["dns_long_ttl_seconds"]),)


def resolution_failed(host: str, error: DesksideError) -> Finding:
    """The finding when a name gives no addresses: only NXDOMAIN is a known fault of the name itself."""
    if isinstance(error, NoSuchName):
        return _finding(Word.DOWN, f"{host} does not exist in DNS", {"code": "nxdomain", "host": host})
    if isinstance(error, ResolverTimeout):
        summary = f"the resolver did not answer for {host}, so nothing is known about the name"
        return _finding(Word.UNKNOWN, summary, {"code": "timeout", "host": host})
    return _finding(Word.DEGRADED, f"{host} fails to resolve", {"code": "failure", "host": host})


def judge_answers(target: Target, answers: tuple[str, ...] | None, survey: Survey, *, long_ttl: float) -> Finding:
    """The finding over the resolver's answer (None: it failed) and the servers' own words.

    Reasons (they degrade): failure, no_address, server_silent, all_servers_silent, lame, serials_differ, ns_differ.
    A name that fails because none of its servers answers is down.
    Notes (they do not): cdn, elsewhere (the usual cause is another proxy in front), wildcard, answers_differ (so do
    answers by place), long_ttl, no_direct (nobody answers us directly, so the fault is most likely ours).
    """
    known = target.addresses or ((target.address,) if target.address else ())
    zone, referral = survey.zone, survey.referral
    answered = [authority for authority in survey.authorities if authority.answered]
    silent = sorted({a.server for a in survey.authorities if not a.answered} - {a.server for a in answered})
    lame = sorted({a.server for a in answered if not a.authoritative or a.rcode not in ("NOERROR", "NXDOMAIN")})
    sound = [a for a in answered if a.server not in lame]
    serials = sorted({a.serial for a in sound if a.serial is not None})
    only_parent, only_child = _difference(referral, sound)
    reached = bool(answered) or (referral is not None and referral.answered)
    all_silent = bool(survey.authorities) and not answered and reached
    ttl = max((a.ttl for a in sound if a.ttl is not None), default=None)
    reasons = [
        reason
        for reason, holds in (
            ("failure", answers is None),
            ("no_address", answers == ()),
            ("all_servers_silent", all_silent),
            ("server_silent", bool(silent) and bool(answered)),
            ("lame", bool(lame)),
            ("serials_differ", len(serials) > 1),
            ("ns_differ", bool(only_parent or only_child)),
        )
        if holds
    ]
    elsewhere = is_elsewhere(answers, known)
    proxied = elsewhere and all(_at_cloudflare(address) for address in answers or ())
    notes = [
        note
        for note, holds in (
            ("cdn", proxied),
            ("elsewhere", elsewhere and not proxied),
            ("wildcard", elsewhere and not proxied and survey.wildcard),
            ("answers_differ", len({(a.rcode, a.addresses, a.mail) for a in sound if a.complete}) > 1),
            ("long_ttl", ttl is not None and ttl > long_ttl),
            ("no_direct", bool(survey.authorities) and not reached),
        )
        if holds
    ]
    details: dict[str, Any] = {
        "code": "problems" if reasons else "answered",
        "host": target.host,
        "answers": list(answers or ()),
        "known": list(known),
        "reasons": reasons,
        "notes": notes,
        "zone": survey.zone_name,
        "nameservers": list(zone.nameservers) if zone else [],
        "parent": zone.parent if zone else "",
        "parent_nameservers": list(referral.nameservers) if referral else [],
        "only_parent": only_parent,
        "only_child": only_child,
        "silent": silent,
        "lame": lame,
        "unasked": list(survey.unasked),
        "serials": serials,
        "ttl": ttl,
        "authorities": [asdict(authority) for authority in survey.authorities],
    }
    said = ", ".join(text.replace("_", " ") for text in (*reasons, *notes)) or "as expected"
    word = Word.OK
    if reasons:
        word = Word.DOWN if answers is None and all_silent else Word.DEGRADED
    return _finding(word, f"{target.host} has {', '.join(answers or ()) or 'no address'}: {said}", details)


def _difference(referral: Referral | None, sound: Sequence[Authority]) -> tuple[list[str], list[str]]:
    """The name servers that only the parent names, and those that only the zone itself names."""
    own = {name for authority in sound for name in authority.nameservers}
    if referral is None or not referral.nameservers or not own:
        return [], []
    return sorted(set(referral.nameservers) - own), sorted(own - set(referral.nameservers))


def _at_cloudflare(address: str) -> bool:
    return any(ipaddress.ip_address(address) in network for network in _CLOUDFLARE)


def _finding(word: Word, summary: str, details: dict[str, Any]) -> Finding:
    return Finding("dns", "dns", word, Sign.NOTHING, summary, details)


probe = DnsProbe()
