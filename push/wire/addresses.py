"""From the host of a push service to addresses that may be connected to."""

import logging
import socket
from collections.abc import Callable, Sequence

from deskside.errors import AddressForbidden, Transient
from deskside.guard import AddressGuard
from push.wire.endpoints import Endpoint

KEEP_SECONDS = 60.0
_log = logging.getLogger(__name__)
Lookup = Callable[[str], Sequence[str]]


def lookup(host: str) -> list[str]:
    """The addresses of a host by the system's resolver, unchecked. Raises OSError."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Addresses:
    """The checked addresses of hosts, each looked up once in a minute.

    Whatever a name says next is not asked again in that minute: what was checked is what is connected to.
    """

    def __init__(self, guard: AddressGuard, resolve: Lookup = lookup) -> None:
        self._guard = guard
        self._lookup = resolve
        self._known: dict[str, tuple[float, tuple[str, ...] | str]] = {}

    def of(self, endpoint: Endpoint, now: float) -> tuple[str, ...]:
        """The addresses that may be connected to, at `now` (monotonic seconds).

        Waits for the resolver. Raises Transient when there is none: no answer, or only addresses that are refused.
        """
        until, found = self._known.get(endpoint.origin, (0.0, ()))
        if now >= until:
            found = self._find(endpoint)
            self._known[endpoint.origin] = (now + KEEP_SECONDS, found)
            until = now + KEEP_SECONDS
        if isinstance(found, str):
            raise Transient(found, retry_after=until - now)
        return found

    def _find(self, endpoint: Endpoint) -> tuple[str, ...] | str:
        try:
            found = self._lookup(endpoint.host)
        except (OSError, UnicodeError):
            return f"{endpoint.host} has no address"
        if endpoint.exempt:
            return tuple(found)
        refused = ""
        allowed = []
        for address in found:
            try:
                self._guard.check(address)
                allowed.append(address)
            except AddressForbidden as error:
                refused = f"{endpoint.host}: {error}"
        if refused:
            _log.warning("%s", refused)
        return tuple(allowed) or refused or f"{endpoint.host} has no address"
