"""DNS: what the name answers, and what each of the zone's own servers says about it.

A name says nothing about whether the host lives, so every finding here has the sign `NOTHING`.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from adapters.health.connect import has_route
from adapters.health.errors import AddressForbidden, NoSuchName, ResolverFailure, ResolverTimeout
from adapters.health.resolver import Authority, Zone
from deskside.errors import DesksideError
from deskside.model.health import Finding, Sign, Word
from deskside.model.service import Target
from deskside.ports import Surroundings


class DnsProbe:
    """Compares the answer with the inventory, and asks the authoritative servers directly."""

    name = "dns"
    kind = "dns"

    def applies(self, target: Target) -> bool:
        """When the target has a name."""
        return target.host is not None

    async def look(self, target: Target, surroundings: Surroundings) -> Sequence[Finding]:
        """One finding; details `reasons` lists what is wrong, `notes` what is worth knowing."""
        if target.host is None:
            return ()
        try:
            answers = await surroundings.resolver.addresses(target.host)
        except (NoSuchName, ResolverTimeout, ResolverFailure) as error:
            return (resolution_failed(target.host, error),)
        zone: Zone | None = None
        authorities: tuple[Authority, ...] = ()
        unasked: tuple[str, ...] = ()
        try:
            # Asked last and at leisure: whatever is not there in time is left out, the answer itself is known.
            async with asyncio.timeout(surroundings.limits["dns_seconds"]):
                zone = await surroundings.resolver.zone(target.host)
                if zone is not None:
                    authorities, unasked = await _ask_all(zone, target.host, surroundings)
        except (TimeoutError, ResolverTimeout, ResolverFailure):
            pass
        long_ttl = surroundings.limits["dns_long_ttl_seconds"]
        return (judge_answers(target, answers, zone, authorities, unasked=unasked, long_ttl=long_ttl),)


def resolution_failed(host: str, error: DesksideError) -> Finding:
    """The finding when a name gives no addresses: only NXDOMAIN is a known fault of the name itself."""
    if isinstance(error, NoSuchName):
        return _finding(Word.DOWN, f"{host} does not exist in DNS", {"code": "nxdomain", "host": host})
    if isinstance(error, ResolverTimeout):
        summary = f"the resolver did not answer for {host}, so nothing is known about the name"
        return _finding(Word.UNKNOWN, summary, {"code": "timeout", "host": host})
    return _finding(Word.DEGRADED, f"{host} fails to resolve", {"code": "failure", "host": host})


def judge_answers(
    target: Target,
    answers: tuple[str, ...],
    zone: Zone | None,
    authorities: tuple[Authority, ...] = (),
    *,
    unasked: tuple[str, ...] = (),
    long_ttl: float,
) -> Finding:
    """The finding over the resolver's answer and the authoritative servers' own words.

    Reasons (they degrade): no_address, server_silent, all_servers_silent, lame, serials_differ.
    Notes (they do not): elsewhere (the usual cause is a CDN in front), answers_differ (so do answers by place),
    long_ttl.
    """
    known = target.addresses or ((target.address,) if target.address else ())
    answered = [authority for authority in authorities if authority.answered]
    silent = sorted({a.server for a in authorities if not a.answered} - {a.server for a in answered})
    reasons: list[str] = []
    if not answers:
        reasons.append("no_address")
    if authorities and not answered:
        reasons.append("all_servers_silent")
    elif silent:
        reasons.append("server_silent")
    lame = sorted({a.server for a in answered if not a.authoritative or a.rcode not in ("NOERROR", "NXDOMAIN")})
    if lame:
        reasons.append("lame")
    sound = [a for a in answered if a.server not in lame]
    serials = sorted({a.serial for a in sound if a.serial is not None})
    if len(serials) > 1:
        reasons.append("serials_differ")
    ttl = max((a.ttl for a in sound if a.ttl is not None), default=None)
    notes = []
    if known and answers and not set(known) & set(answers):
        notes.append("elsewhere")
    if len({(a.rcode, a.addresses) for a in sound}) > 1:
        notes.append("answers_differ")
    if ttl is not None and ttl > long_ttl:
        notes.append("long_ttl")
    details: dict[str, Any] = {
        "code": "problems" if reasons else "answered",
        "host": target.host,
        "answers": list(answers),
        "known": list(known),
        "reasons": reasons,
        "notes": notes,
        "zone": zone.name if zone else None,
        "nameservers": list(zone.nameservers) if zone else [],
        "silent": silent,
        "lame": lame,
        "unasked": list(unasked),
        "serials": serials,
        "ttl": ttl,
        "authorities": [asdict(authority) for authority in authorities],
    }
    said = ", ".join(text.replace("_", " ") for text in (*reasons, *notes)) or "as expected"
    word = Word.DEGRADED if reasons else Word.OK
    return _finding(word, f"{target.host} has {', '.join(answers) or 'no address'}: {said}", details)


async def _ask_all(zone: Zone, host: str, surroundings: Surroundings) -> tuple[tuple[Authority, ...], tuple[str, ...]]:
    """Ask each name server at one of its permitted addresses; also the names that could not be asked at all."""
    names = zone.nameservers[: int(surroundings.limits["dns_servers"])]
    tasks = [asyncio.create_task(_ask(name, zone, host, surroundings)) for name in names]
    try:
        await asyncio.wait(tasks)
    finally:
        for task in tasks:
            task.cancel()
    results = dict(zip(names, (task.result() for task in tasks), strict=True))
    asked = tuple(authority for authority in results.values() if authority is not None)
    return asked, tuple(name for name, authority in results.items() if authority is None)


async def _ask(name: str, zone: Zone, host: str, surroundings: Surroundings) -> Authority | None:
    try:
        addresses = await surroundings.resolver.addresses(name)
    except NoSuchName:
        return Authority(name, "", answered=False)
    except (ResolverTimeout, ResolverFailure):
        return None
    for address in addresses:
        try:
            surroundings.guard.check(address)
        except AddressForbidden:
            continue
        if has_route(address):
            seconds = surroundings.limits["dns_server_seconds"]
            answer: Authority = await surroundings.resolver.ask_authority(name, address, host, zone.name, seconds)
            return answer
    return None


def _finding(word: Word, summary: str, details: dict[str, Any]) -> Finding:
    return Finding("dns", "dns", word, Sign.NOTHING, summary, details)


probe = DnsProbe()
