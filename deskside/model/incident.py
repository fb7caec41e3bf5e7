"""A trouble or a maintenance that the operator already knows of."""

import contextlib
import ipaddress
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Incident:
    """What is known, since when, and what it concerns.

    `scope` lists IP addresses, networks (192.0.2.0/24) and names of services or hosts.
    """

    id: int
    title: str
    scope: tuple[str, ...]
    opened_at: datetime
    closed_at: datetime | None = None

    def concerns(self, names: Collection[str], addresses: Collection[str]) -> bool:
        """Whether the scope holds any of these names (case does not matter) or addresses."""
        folded = {name.casefold() for name in names}
        return any(item.casefold() in folded or _holds(item, addresses) for item in self.scope)


def _holds(item: str, addresses: Collection[str]) -> bool:
    with contextlib.suppress(ValueError):
        network = ipaddress.ip_network(item)
        return any(ipaddress.ip_address(address) in network for address in addresses)
    return False
