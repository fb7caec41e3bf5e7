"""A client's services, and which of them a ticket is about."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Service:
    """One thing a client has with us: a server, a site, a product.

    `domains` are lower-case ASCII (punycode) names, `addresses` canonical IP texts, `ports` the TCP ports that are
    expected to answer. `client` is an alias as in `Client.aliases`;
    `status` is `active`, `suspended`, `unpaid`, `terminated` or `pending`.
    """

    id: int
    client: str
    name: str
    domains: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    product: str = ""
    status: str = "active"


@dataclass(frozen=True, slots=True)
class Target:
    """What to probe for one service, and how it was found (words for the note).

    `host` is a domain to resolve, or None when only `address` is known; a probe never resolves by itself.
    `addresses` are all that the inventory knows of the service, to compare an answer of DNS with; `status` is the
    service's, as in `Service`; `service_id` is its id, None for a target that is not of the inventory.
    """

    service: str
    host: str | None
    address: str | None
    ports: tuple[int, ...]
    found_by: str
    addresses: tuple[str, ...] = ()
    status: str = "active"
    service_id: int | None = None
