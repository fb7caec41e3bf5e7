"""What the name servers themselves say about a name: its zone's own, and those of the zone above."""

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from adapters.health.authority import Authority, Referral, Zone
from adapters.health.connect import has_route
from adapters.health.errors import NoSuchName, ResolverFailure, ResolverTimeout
from deskside.errors import AddressForbidden
from deskside.model.service import Target
from deskside.ports import Surroundings

_PARENT_SERVERS = 2
_WILDCARD_LABEL = "deskside-wildcard-check"


@dataclass(slots=True)
class Survey:
    """What was learnt from the servers themselves, filled as it comes, so that a limit leaves what came before it.

    `unasked` are name servers without an address that we may and can reach.
    """

    zone: Zone | None = None
    referral: Referral | None = None
    authorities: list[Authority] = field(default_factory=list)
    unasked: list[str] = field(default_factory=list)
    wildcard: bool = False

    @property
    def zone_name(self) -> str:
        """The zone as the recursive server knows it, or as the parent delegates it; empty when neither does."""
        if self.zone is not None and self.zone.name:
            return self.zone.name
        return self.referral.zone if self.referral else ""


async def look_around(
    survey: Survey, target: Target, answers: tuple[str, ...] | None, surroundings: Surroundings
) -> None:
    """Fill `survey`: the parent first, then every server of the zone at once, each at an address the guard permits.

    Raises `ResolverTimeout` when not even the zone can be found.
    """
    host = target.host or ""
    survey.zone = zone = await surroundings.resolver.zone(host)
    if zone is None:
        return
    survey.referral = await _ask_parent(zone, host, surroundings)
    name = survey.zone_name
    if not name:
        return
    glue = survey.referral.glue if survey.referral else {}
    delegated = survey.referral.nameservers if survey.referral else ()
    servers = tuple(dict.fromkeys((*delegated, *zone.nameservers)))[: int(surroundings.limits["dns_servers"])]
    await _all(_ask(survey, server, glue.get(server, ()), name, host, surroundings) for server in servers)
    known = target.addresses or ((target.address,) if target.address else ())
    if is_elsewhere(answers, known) and host != name:
        survey.wildcard = await _is_wildcard(survey, host, answers or (), surroundings)


async def _ask_parent(zone: Zone, host: str, surroundings: Surroundings) -> Referral | None:
    """The best that a parent's server says: a delegation, else any answer, else silence; None when none was asked."""
    found: list[Referral] = []

    async def ask(server: str) -> None:
        address = await _address(server, (), surroundings)
        if address:
            seconds = surroundings.limits["dns_server_seconds"]
            name = zone.name or host
            found.append(await surroundings.resolver.ask_parent(server, address, zone.parent, name, seconds))

    await _all(ask(server) for server in zone.parent_nameservers[:_PARENT_SERVERS])
    return max(found, key=lambda referral: (bool(referral.zone), referral.answered), default=None)


async def _ask(
    survey: Survey, server: str, glue: Sequence[str], zone: str, host: str, surroundings: Surroundings
) -> None:
    address = await _address(server, glue, surroundings)
    if address is None:
        survey.unasked.append(server)
    elif not address:
        survey.authorities.append(Authority(server, "", answered=False))
    else:
        seconds = surroundings.limits["dns_server_seconds"]
        survey.authorities.append(await surroundings.resolver.ask_authority(server, address, host, zone, seconds))


async def _address(server: str, glue: Sequence[str], surroundings: Surroundings) -> str | None:
    """An address of a name server that may be asked; None when there is none, empty when the name does not exist."""
    missing = False
    try:
        addresses = await surroundings.resolver.addresses(server)
    except NoSuchName:
        addresses, missing = (), True
    except (ResolverTimeout, ResolverFailure):
        addresses = ()
    # The parent's glue is what the world uses when the name cannot be resolved otherwise.
    for address in addresses or glue:
        try:
            surroundings.guard.check(address)
        except AddressForbidden:
            continue
        if has_route(address):
            return str(address)
    return "" if missing and not glue else None


async def _is_wildcard(survey: Survey, host: str, answers: tuple[str, ...], surroundings: Surroundings) -> bool:
    """Whether a name beside `host` that nobody has set up gets the same answer."""
    asked = next((authority for authority in survey.authorities if authority.authoritative), None)
    if asked is None:
        return False
    beside = f"{_WILDCARD_LABEL}.{host.partition('.')[2]}"
    seconds = surroundings.limits["dns_server_seconds"]
    got = await surroundings.resolver.ask_addresses(asked.address, beside, seconds)
    return bool(set(got) & set(answers))


async def _all(looks: Iterable[Coroutine[Any, Any, None]]) -> None:
    tasks = [asyncio.create_task(look) for look in looks]
    if not tasks:
        return
    try:
        await asyncio.wait(tasks)
        for task in tasks:
            task.result()
    finally:
        for task in tasks:
            task.cancel()


def is_elsewhere(answers: tuple[str, ...] | None, known: Sequence[str]) -> bool:
    """Whether DNS points to none of the addresses that the inventory knows."""
    return bool(known) and bool(answers) and not set(known) & set(answers or ())
