"""Which addresses may be connected to: deny by default.

`ipaddress.is_global` differs between Python releases and calls multicast, NAT64 and 6to4 addresses global, so the
networks are written out here, from the IANA special-purpose registries (RFC 6890 and its updates).
"""

import ipaddress
from collections.abc import Iterable

from deskside.errors import AddressForbidden

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

_RESERVED_V4 = {
    ipaddress.IPv4Network("0.0.0.0/8"): "this network (RFC 791)",
    ipaddress.IPv4Network("10.0.0.0/8"): "private (RFC 1918)",
    ipaddress.IPv4Network("100.64.0.0/10"): "carrier-grade NAT (RFC 6598)",
    ipaddress.IPv4Network("127.0.0.0/8"): "loopback",
    ipaddress.IPv4Network("169.254.0.0/16"): "link-local, cloud metadata (RFC 3927)",
    ipaddress.IPv4Network("172.16.0.0/12"): "private (RFC 1918)",
    ipaddress.IPv4Network("192.0.0.0/24"): "protocol assignments (RFC 6890)",
    ipaddress.IPv4Network("192.0.2.0/24"): "documentation (RFC 5737)",
    ipaddress.IPv4Network("192.88.99.0/24"): "6to4 relay (RFC 7526)",
    ipaddress.IPv4Network("192.168.0.0/16"): "private (RFC 1918)",
    ipaddress.IPv4Network("198.18.0.0/15"): "benchmarking (RFC 2544)",
    ipaddress.IPv4Network("198.51.100.0/24"): "documentation (RFC 5737)",
    ipaddress.IPv4Network("203.0.113.0/24"): "documentation (RFC 5737)",
    ipaddress.IPv4Network("224.0.0.0/4"): "multicast",
    ipaddress.IPv4Network("240.0.0.0/4"): "reserved (RFC 1112)",
}
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
_RESERVED_V6 = {
    ipaddress.IPv6Network("2001::/23"): "protocol assignments, Teredo (RFC 2928)",
    ipaddress.IPv6Network("2001:db8::/32"): "documentation (RFC 3849)",
    ipaddress.IPv6Network("2002::/16"): "6to4 (RFC 7526)",
    ipaddress.IPv6Network("3fff::/20"): "documentation (RFC 9637)",
}
# Not the address of one host, whatever an operator allows.
_NEVER_A_HOST = (
    ipaddress.ip_network("0.0.0.0/8"),
    ipaddress.ip_network("224.0.0.0/4"),
    ipaddress.ip_network("255.255.255.255/32"),
    ipaddress.ip_network("::/128"),
    ipaddress.ip_network("ff00::/8"),
)
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
# Prefixes whose last 32 bits are an IPv4 address that a gateway may connect to.
_EMBEDDING = (
    ipaddress.IPv6Network("::/96"),
    ipaddress.IPv6Network("::ffff:0:0:0/96"),
    ipaddress.IPv6Network("64:ff9b::/96"),
    ipaddress.IPv6Network("64:ff9b:1::/48"),
)


class AddressGuard:
    """A guard with an operator's own lists.

    `allow` opens networks that are closed by default (private clouds, tests). `deny` always wins, also over `allow`
    and also for an IPv4 address inside a NAT64, 6to4 or v4-mapped one.
    """

    def __init__(self, allow: Iterable[str] = (), deny: Iterable[str] = ()) -> None:
        self._allow = tuple(parse_network(text) for text in allow)
        self._deny = tuple(parse_network(text) for text in deny)

    def check(self, address: str) -> None:
        """Raise `AddressForbidden`, naming the reason, unless `address` may be connected to."""
        reason = self._reason(address)
        if reason is not None:
            raise AddressForbidden(address, reason)

    def _reason(self, text: str) -> str | None:
        ip = _read(text)
        if isinstance(ip, str):
            return ip
        for candidate in (ip, *_embedded(ip)):
            for network in self._deny:
                if candidate in network:
                    return f"inside the never-probe network {network}"
        if any(ip in network for network in _NEVER_A_HOST):
            return "not the address of a host"
        if any(ip in network for network in self._allow):
            return None
        return _reserved(ip)


def _reserved(ip: IPAddress) -> str | None:
    if isinstance(ip, ipaddress.IPv4Address):
        return next((why for network, why in _RESERVED_V4.items() if ip in network), None)
    if ip not in _GLOBAL_V6:
        return "not a global unicast address"
    return next((why for network, why in _RESERVED_V6.items() if ip in network), None)


def plain(address: str) -> str:
    """The canonical text of an IP address, v4-mapped IPv6 unwrapped to IPv4. Raises `ValueError`."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address) and ip.scope_id is None and ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(ip)


def parse_network(text: str) -> IPNetwork:
    """Read a network or a single address; a v4-mapped one becomes IPv4. Raises `ValueError`."""
    network = ipaddress.ip_network(text.strip())
    if isinstance(network, ipaddress.IPv6Network) and network.subnet_of(_MAPPED):
        low = int(network.network_address) & 0xFFFFFFFF
        return ipaddress.IPv4Network((low, network.prefixlen - 96))
    return network


def _read(text: str) -> IPAddress | str:
    """The address meant by `text`, or the reason why the text itself is refused."""
    try:
        ip = ipaddress.ip_address(text)
    except ValueError:
        return "not an IP address"
    if isinstance(ip, ipaddress.IPv4Address):
        return ip if text == str(ip) else "not the canonical spelling"
    if ip.scope_id is not None:
        return "an address with a scope"
    if ip.ipv4_mapped is not None:
        # Python prints mapped addresses differently from release to release, so both usual spellings are taken.
        low = int(ip.ipv4_mapped)
        spellings = (f"::ffff:{ip.ipv4_mapped}", f"::ffff:{low >> 16:x}:{low & 0xFFFF:x}")
        return ip.ipv4_mapped if text in spellings else "not the canonical spelling"
    return ip if text == str(ip) else "not the canonical spelling"


def _embedded(ip: IPAddress) -> tuple[ipaddress.IPv4Address, ...]:
    if isinstance(ip, ipaddress.IPv4Address):
        return ()
    found = []
    if any(ip in network for network in _EMBEDDING):
        found.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
    if ip.sixtofour is not None:
        found.append(ip.sixtofour)
    if ip.teredo is not None:
        found.extend(ip.teredo)
    return tuple(found)
