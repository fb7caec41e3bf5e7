"""A client's products as services: what tickets are matched with, and what is probed."""

import ipaddress
import re
from collections.abc import Iterable, Sequence

import idna

from adapters.whmcs.rows import ProductRow
from deskside.model.service import Service

_BETWEEN = re.compile(r"[\s,;]+")
_STATUS = {
    "active": "active",
    "pending": "pending",
    "suspended": "suspended",
    "terminated": "terminated",
    "cancelled": "terminated",
    "fraud": "terminated",
    "completed": "terminated",
}
_LONGEST_NAME, _LONGEST_PRODUCT = 180, 80


def alias(client_id: str) -> str:
    """How a services file, and this inventory, name a client of WHMCS; its bare number may be another desk's too."""
    return f"whmcs:{client_id}"


def read_services(client_id: str, products: Iterable[ProductRow]) -> tuple[Service, ...]:
    """A service for each product, named by its domain, else its address, else the product; each name is unique.

    Its addresses are the product's own (the dedicated one first), and only for one without any those of the machine it
    is on. Of equal names the later ones end with the number by which a ticket names the service.
    """
    names: set[str] = set()
    found = []
    for row in sorted(products, key=lambda row: int(row.id)):
        own = addresses_in(f"{row.dedicated} {row.assigned}")
        if not own and (lone := addresses_in(row.domain)):
            own = lone
        domain = domain_in(row.domain)
        addresses = own or addresses_in(row.server_address)
        domains = [name for name in (domain, None if domain or addresses else domain_in(row.server_host)) if name]
        name = _name(row, domain, own, names)
        names.add(name.casefold())
        found.append(
            Service(
                id=0,
                client=alias(client_id),
                name=name,
                domains=tuple(domains),
                addresses=addresses,
                product=row.product[:_LONGEST_PRODUCT],
                status=_STATUS.get(row.status.casefold(), "active"),
            )
        )
    return tuple(found)


def name_of(service: str, client_id: str, products: Sequence[ProductRow]) -> str | None:
    """The name that `read_services` gives to the product a ticket calls `S<id>`."""
    ordered = sorted(products, key=lambda row: int(row.id))
    named = {row.id: item.name for row, item in zip(ordered, read_services(client_id, ordered), strict=True)}
    return named.get(service.removeprefix("S"))


def addresses_in(text: str) -> tuple[str, ...]:
    """The IP addresses in free text, canonical, in order, each once."""
    found: dict[str, None] = {}
    for part in _BETWEEN.split(text):
        try:
            address = ipaddress.ip_address(part)
        except ValueError:
            continue
        if not address.is_unspecified:
            found[str(address)] = None
    return tuple(found)


def domain_in(text: str) -> str | None:
    """A host name as lower-case ASCII, or None for what is none."""
    name = text.strip().rstrip(".").lower()
    if not name or "." not in name or addresses_in(name):
        return None
    try:
        return idna.encode(name, uts46=True).decode()
    except UnicodeError:
        return None


def _name(row: ProductRow, domain: str | None, own: Sequence[str], taken: set[str]) -> str:
    name = (row.domain if domain else "") or (own[0] if own else "") or row.product or "service"
    name = " ".join(name.split())[:_LONGEST_NAME]
    return f"{name} (S{row.id})" if name.casefold() in taken else name
