"""Who may be posted to. An endpoint is what a stranger's browser said, so it could be any address inside our network.

Asked when somebody subscribes and again at every send: rows may be older than the rules.
"""

import hashlib
import re
from dataclasses import dataclass

from deskside.errors import Malformed
from push.settings import PushSettings

LONGEST = 2048
# The push services of the browsers there are; Chromium builds without Google's branding use jmt17.google.com.
_HOSTS = frozenset({"fcm.googleapis.com", "android.googleapis.com", "jmt17.google.com"})
_BELOW = (".push.services.mozilla.com", ".notify.windows.com", ".push.apple.com")
_URL = re.compile(
    r"https://(?P<host>[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d{1,5}))?"
    r"(?P<path>/[!-\"$-\[\]-~]*)"
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a push service listens. `exempt` when the operator named it, so that its address may be any."""

    origin: str
    host: str
    port: int
    exempt: bool = False


def check(endpoint: str, settings: PushSettings) -> Endpoint:
    """The push service of an endpoint. Raises Malformed, naming why not, without the endpoint itself."""
    if len(endpoint) > LONGEST:
        raise Malformed(f"the endpoint is longer than {LONGEST} characters")
    found = _URL.fullmatch(endpoint)
    if found is None:
        raise Malformed(_why(endpoint))
    host = found["host"].lower()
    port = int(found["port"] or 443)
    exempt = f"{host}:{port}" in settings.endpoints
    if not exempt:
        if port != 443:
            raise Malformed(f"the endpoint has the port {port}; push services have 443")
        if host not in _HOSTS and not host.endswith(_BELOW):
            raise Malformed(f"{host[:100]} is no push service we know")
    return Endpoint(f"https://{host}" if port == 443 else f"https://{host}:{port}", host.strip("[]"), port, exempt)


def shown(endpoint: str) -> str:
    """What of an endpoint may be logged: the host, and a hash to recognise it by. Whoever has the rest can send."""
    host = endpoint.partition("://")[2].partition("/")[0].rpartition("@")[2]
    host = re.sub(r"[^A-Za-z0-9.:\[\]-]", "?", host)[:100]
    return f"{host}#{hashlib.sha256(endpoint.encode(errors='replace')).hexdigest()[:12]}"


def _why(endpoint: str) -> str:
    if not endpoint.startswith("https://"):
        return "the endpoint is no https address"
    if "@" in re.split(r"[/?#\\]", endpoint.removeprefix("https://"), maxsplit=1)[0]:
        return "the endpoint has a user name in it"
    if not re.fullmatch(r"[!-~]*", endpoint):
        return "the endpoint has characters that an address cannot have"
    return "the endpoint is no address of a push service"
