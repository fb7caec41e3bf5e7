"""RDAP as data: which server knows a domain (RFC 9224), and what its answer says (RFC 9083)."""

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from deskside.errors import Malformed

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """IANA's list: the base URLs of the server for each suffix, and when the list was published."""

    publication: str
    services: Mapping[str, tuple[str, ...]]

    def server(self, domain: str) -> str | None:
        """The base URL for a domain, by the longest suffix that is known; https before http."""
        labels = domain.split(".")
        for start in range(1, len(labels)):
            urls = self.services.get(".".join(labels[start:]))
            if urls:
                return min(urls, key=lambda url: not url.startswith("https:"))
        return None


@dataclass(frozen=True, slots=True)
class Registration:
    """What a registry says of a domain. `statuses` as in `clienthold`: lower case, letters only."""

    expires: datetime | None
    statuses: tuple[str, ...]
    registrar: str = ""


class BootstrapFile:
    """The list in use: the operator's file, read again when it changed, or the one that comes with Deskside."""

    def __init__(self, path: str = "") -> None:
        self._path = Path(path) if path else None
        self._changed_at: int | None = None
        self._read: Bootstrap | None = None

    def __call__(self) -> Bootstrap:
        """The list. A file that cannot be used is logged, and the bundled one serves."""
        changed_at = self._stat()
        if self._read is None or changed_at != self._changed_at:
            self._read, self._changed_at = self._load(changed_at), changed_at
        return self._read

    def _stat(self) -> int | None:
        try:
            return self._path.stat().st_mtime_ns if self._path else None
        except OSError:
            return None

    def _load(self, changed_at: int | None) -> Bootstrap:
        if self._path is not None and changed_at is not None:
            try:
                return parse_bootstrap(self._path.read_bytes())
            except (OSError, Malformed) as error:
                _log.warning("%s cannot be used as the list of RDAP servers (%s)", self._path, error)
        return parse_bootstrap(resources.files("adapters.health").joinpath("rdap_dns.json").read_bytes())


def parse_bootstrap(content: bytes) -> Bootstrap:
    """Read a file in the format of https://data.iana.org/rdap/dns.json. Raises `Malformed`."""
    document = _object(content, "the list of RDAP servers")
    entries = document.get("services")
    if not isinstance(entries, list) or not entries:
        raise Malformed("the list of RDAP servers has no services")
    services: dict[str, tuple[str, ...]] = {}
    for entry in entries:
        if not (isinstance(entry, list) and len(entry) == 2 and all(_texts(part) for part in entry)):
            raise Malformed("an entry of the list of RDAP servers is not [[suffixes], [URLs]]")
        suffixes, urls = entry
        for url in urls:
            if not _is_web(url):
                raise Malformed(f"{url[:80]!r} in the list of RDAP servers is no URL")
        services |= {suffix.lower().strip("."): tuple(urls) for suffix in suffixes}
    return Bootstrap(str(document.get("publication", "")), services)


def parse_domain(content: bytes) -> Registration:
    """Read a server's answer about a domain (RFC 9083 section 5.3). Raises `Malformed`."""
    document = _object(content, "the answer")
    if document.get("objectClassName") != "domain":
        raise Malformed("the answer is not about a domain")
    expires = None
    for event in _objects(document.get("events")):
        if event.get("eventAction") == "expiration":
            expires = _time(event.get("eventDate"))
    statuses = document.get("status")
    texts = [str(status) for status in statuses] if isinstance(statuses, list) else []
    # Servers write both RDAP's own spelling ("client hold", RFC 8056) and EPP's ("clientHold").
    plain = tuple(re.sub(r"[^a-z]", "", text.lower()) for text in texts)
    return Registration(expires, plain, _registrar(document))


def is_error(content: bytes) -> bool:
    """Whether an answer is an RDAP server's own error (RFC 9083 section 6), not just any web page."""
    try:
        document = _object(content, "the answer")
    except Malformed:
        return False
    return "errorCode" in document or "rdapConformance" in document


def _registrar(document: Mapping[str, Any]) -> str:
    for entity in _objects(document.get("entities")):
        roles, card = entity.get("roles"), entity.get("vcardArray")
        if not isinstance(roles, list) or "registrar" not in roles or not isinstance(card, list) or len(card) != 2:
            continue
        for item in card[1] if isinstance(card[1], list) else ():
            if isinstance(item, list) and len(item) >= 4 and item[0] == "fn":
                return str(item[3])[:120]
    return ""


def _time(text: object) -> datetime | None:
    try:
        time = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def _object(content: bytes, what: str) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise Malformed(f"{what} is not valid JSON") from None
    if not isinstance(document, dict):
        raise Malformed(f"{what} is no JSON object")
    return document


def _objects(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("https", "http") and bool(parts.hostname)


def _texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value)
