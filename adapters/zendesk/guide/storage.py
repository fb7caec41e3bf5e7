"""Where Zendesk keeps files: signed addresses outside its API, which never see our token."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from deskside.errors import Permanent
from deskside.fetching import Fetcher, Page, host_of
from deskside.fields import is_loopback
from deskside.guard import AddressGuard
from deskside.ports import Guard

_THIS_MACHINE = ["127.0.0.0/8", "::1/128"]


class Storage:
    """The storage behind one account: by https, and only at addresses the guard allows.

    Which hosts those are is Zendesk's to say. An account on this machine (a simulated one) keeps its files here too.
    """

    def __init__(self, account: str, guard: Guard) -> None:
        """`account` is the address of the API."""
        self._simulated = is_loopback(urlsplit(account).hostname or "")
        self._outside = Fetcher(guard)
        self._here = Fetcher(AddressGuard(_THIS_MACHINE))

    def put(self, address: str, headers: Mapping[str, str], content: bytes) -> Page:
        """Send a file. Raises `Permanent` for an address that must not be asked, `Transient` when no answer came."""
        return self._fetcher(address).put(address, headers, content)

    def get(self, address: str, most: int) -> Page:
        """Fetch a file of at most `most` bytes. Raises as `put` does."""
        return self._fetcher(address).get(address, most=most)

    def _fetcher(self, address: str) -> Fetcher:
        if self._simulated and is_loopback(urlsplit(address).hostname or ""):
            return self._here
        if not address.startswith("https://"):
            raise Permanent(f"{host_of(address)}: Zendesk names an address for a file that is not https")
        return self._outside
