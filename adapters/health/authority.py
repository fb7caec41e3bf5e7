"""Name servers asked directly and without recursion: what the zone's own servers say, and what its parent says.

Only so are the configured TTL and a wrong delegation seen: a recursive server tells what is left of a TTL, and
whichever of the two sets of name servers it happened to learn.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype

from deskside.guard import plain


@dataclass(frozen=True, slots=True)
class Zone:
    """The zone a name lives in and its name servers, and the same of the zone above, as a recursive server says.

    `name` is empty when the recursive server fails below `parent`: then only the parent knows the zone.
    """

    name: str
    nameservers: tuple[str, ...]
    parent: str = ""
    parent_nameservers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Referral:
    """What a server of the parent says about the zone below; `glue` are the addresses it gives with the names.

    `zone` is empty when it answered without a delegation, as a server does that serves both zones.
    """

    server: str
    answered: bool
    zone: str = ""
    nameservers: tuple[str, ...] = ()
    glue: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Authority:
    """What one authoritative server says about a name and its zone.

    `answered` is False when nothing came back in time. `authoritative` is the AA flag. `ttl` is the configured TTL
    in seconds of the address records, None when it has none; `serial` is the zone's SOA serial. `nameservers` and
    `mail` are the zone's NS and MX records. `complete` is False when a question about addresses had no answer.
    """

    server: str
    address: str
    answered: bool
    authoritative: bool = False
    rcode: str = ""
    addresses: tuple[str, ...] = ()
    ttl: int | None = None
    serial: int | None = None
    nameservers: tuple[str, ...] = ()
    mail: tuple[str, ...] = ()
    complete: bool = True


async def ask_authority(server: str, address: str, host: str, zone: str, *, port: int, seconds: float) -> Authority:
    """Ask a server (at an address that the guard has checked) all there is to ask, at once and within `seconds`."""
    questions = {"A": host, "AAAA": host, "SOA": zone, "NS": zone, "MX": zone}
    tasks = {kind: asyncio.create_task(_ask(address, name, kind, port)) for kind, name in questions.items()}
    try:
        await asyncio.wait(tasks.values(), timeout=seconds)
    finally:
        for task in tasks.values():
            task.cancel()
    responses = {kind: task.result() for kind, task in tasks.items() if task.done() and not task.cancelled()}
    given = {kind: response for kind, response in responses.items() if response is not None}
    first = given.get("A") or given.get("AAAA") or given.get("SOA")
    if first is None:
        return Authority(server, address, answered=bool(given), complete=False)
    found = [_records(given[kind], host) for kind in ("A", "AAAA") if kind in given]
    serials = _texts(given.get("SOA"), zone, "SOA")
    return Authority(
        server,
        address,
        answered=True,
        authoritative=bool(first.flags & dns.flags.AA),
        rcode=dns.rcode.to_text(first.rcode()),
        addresses=tuple(sorted({text for texts, _ in found for text in texts})),
        ttl=min((ttl for texts, ttl in found if texts and ttl is not None), default=None),
        serial=int(serials[0].split()[2]) if serials else None,
        nameservers=tuple(sorted(text.rstrip(".").lower() for text in _texts(given.get("NS"), zone, "NS"))),
        mail=tuple(sorted(text.lower() for text in _texts(given.get("MX"), zone, "MX"))),
        complete="A" in given and "AAAA" in given,
    )


async def ask_parent(server: str, address: str, parent: str, name: str, *, port: int, seconds: float) -> Referral:
    """Ask a server of the zone `parent` where `name` is delegated to."""
    response = None
    try:
        async with asyncio.timeout(seconds):
            response = await _ask(address, name, "NS", port)
    except TimeoutError:
        pass
    if response is None:
        return Referral(server, answered=False)
    above, wanted = dns.name.from_text(parent), dns.name.from_text(name)
    for rrset in response.authority:
        below = rrset.name != above and rrset.name.is_subdomain(above)
        if rrset.rdtype == dns.rdatatype.NS and below and wanted.is_subdomain(rrset.name):
            names = tuple(sorted(rdata.target.to_text().rstrip(".").lower() for rdata in rrset))
            glue = {name: _glue(response, name) for name in names}
            return Referral(server, True, rrset.name.to_text().rstrip(".").lower(), names, glue)
    return Referral(server, answered=True)


async def ask_addresses(address: str, name: str, *, port: int, seconds: float) -> tuple[str, ...]:
    """The IPv4 addresses a server gives for a name; empty when it gives none or does not answer."""
    try:
        async with asyncio.timeout(seconds):
            response = await _ask(address, name, "A", port)
    except TimeoutError:
        return ()
    return _records(response, name)[0] if response is not None else ()


async def _ask(address: str, name: str, kind: str, port: int) -> dns.message.Message | None:
    query = dns.message.make_query(dns.name.from_text(name), kind)
    query.flags &= ~dns.flags.RD
    try:
        response, _ = await dns.asyncquery.udp_with_fallback(query, address, port=port, timeout=None)
    except (dns.exception.DNSException, OSError):
        return None
    return response


def _texts(response: dns.message.Message | None, name: str, kind: str) -> list[str]:
    if response is None:
        return []
    wanted, rdtype = dns.name.from_text(name), dns.rdatatype.from_text(kind)
    return [r.to_text() for rrset in response.answer if rrset.rdtype == rdtype and rrset.name == wanted for r in rrset]


def _glue(response: dns.message.Message, name: str) -> tuple[str, ...]:
    wanted, kinds = dns.name.from_text(name), (dns.rdatatype.A, dns.rdatatype.AAAA)
    return tuple(
        plain(r.to_text())
        for rrset in response.additional
        if rrset.name == wanted and rrset.rdtype in kinds
        for r in rrset
    )


def _records(response: dns.message.Message, host: str) -> tuple[tuple[str, ...], int | None]:
    """Addresses for `host` in an answer, its CNAMEs within the answer followed, and the smallest TTL on the way."""
    name, ttl = dns.name.from_text(host), None
    for _ in range(8):
        for rrset in response.answer:
            if rrset.name != name:
                continue
            ttl = rrset.ttl if ttl is None else min(ttl, rrset.ttl)
            if rrset.rdtype in (dns.rdatatype.A, dns.rdatatype.AAAA):
                return tuple(sorted(plain(rdata.to_text()) for rdata in rrset)), ttl
            if rrset.rdtype == dns.rdatatype.CNAME:
                name = rrset[0].target
                break
        else:
            break
    return (), ttl
