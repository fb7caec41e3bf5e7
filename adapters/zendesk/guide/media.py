"""Files by the Guide Media API: one object a file, shown by any number of bodies.

The bytes go to a signed address outside the API, without our token. Source: developer.zendesk.com, "Guide Medias".
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from adapters.zendesk.client import Row
from adapters.zendesk.guide.api import HelpCenter, made, part
from adapters.zendesk.guide.storage import Storage
from deskside.errors import Permanent, Transient, UnknownOutcome
from deskside.fetching import host_of
from deskside.model.article import Upload

MOST_BYTES = 20 * 1024 * 1024
# What the signed address itself decides, and what nobody else may set.
_NEVER_SENT = frozenset({"authorization", "cookie", "host", "content-length", "transfer-encoding", "connection"})
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
)
# A file without a name of its own is named by what it is.
_SUFFIXES = {"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "application/pdf": ".pdf"}


class Media:
    """Uploads to one help centre."""

    def __init__(self, center: HelpCenter, storage: Storage) -> None:
        self._center = center
        self._storage = storage

    def upload(self, filename: str, content_type: str, content: bytes) -> Upload:
        """Take a file. It is called by its content too, so that it is found again after an unknown outcome."""
        if not content:
            raise Permanent(f"{filename}: an empty file is not taken")
        if len(content) > MOST_BYTES:
            raise Permanent(f"{filename}: {len(content)} bytes; Guide takes {MOST_BYTES}")
        kind = _kind(content_type, content)
        name = name_of(filename, kind, content)
        payload = {"content_type": kind, "file_size": len(content)}
        try:
            answer = self._center.ask("POST", "guide/medias/upload_url", json=payload)
        except UnknownOutcome as error:
            # An address that nobody uses is forgotten by Zendesk.
            raise Transient(str(error), error.retry_after) from None
        address, headers, asset = _signed(answer)
        self._send(address, {"Content-Type": kind, **headers}, content)
        try:
            row = self._center.ask("POST", "guide/medias", json={"asset_upload_id": asset, "filename": name})
        except UnknownOutcome:
            # 409 as well: it may be there already.
            found = self._find(name)
            if found is None:
                raise
            return _read(found)
        return _read(made(row, "media")[1])

    def _send(self, address: str, headers: Mapping[str, str], content: bytes) -> None:
        sent = self._storage.put(address, headers, content)
        if 200 <= sent.status < 300:
            return
        # The address is good for an hour, and the next try gets another one.
        raise Transient(f"{host_of(address)}: the file was not taken ({sent.status})")

    def _find(self, name: str) -> Row | None:
        params = {"filter[name_prefix]": name}
        rows = self._center.rows("guide/medias", "records", size=30, **params)
        return next((row for row in rows if row.get("name") == name and row.get("id")), None)


def name_of(filename: str, content_type: str, content: bytes) -> str:
    """A name that says what the file is called and, by 12 digits of its SHA-256, what is in it; ASCII only."""
    path = PurePosixPath(filename.replace("\\", "/"))
    ascii_stem = unicodedata.normalize("NFKD", path.stem).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^A-Za-z0-9]+", "-", ascii_stem).strip("-").lower()[:60] or "file"
    suffix = (
        path.suffix.lower() if re.fullmatch(r"\.[A-Za-z0-9]{1,8}", path.suffix) else _SUFFIXES.get(content_type, "")
    )
    return f"{stem}-{hashlib.sha256(content).hexdigest()[:12]}{suffix}"


def _kind(content_type: str, content: bytes) -> str:
    if content_type and content_type != "application/octet-stream":
        return content_type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _SIGNATURES if content.startswith(start)), "application/octet-stream")


def _signed(answer: Row) -> tuple[str, dict[str, str], str]:
    """Address, headers and upload id; the headers stand beside `upload_url` or, as text, inside it."""
    place = part(answer, "upload_url")
    address, asset = place.get("url"), place.get("asset_upload_id")
    if not isinstance(address, str) or not isinstance(asset, str) or not asset:
        raise Permanent("Zendesk's answer holds no address for the file")
    headers = _headers(answer.get("headers") or place.get("headers"))
    return address, headers, asset


def _headers(given: Any) -> dict[str, str]:
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError:
            given = None
    if not isinstance(given, Mapping):
        return {}
    return {
        name: value
        for name, value in given.items()
        if isinstance(name, str) and isinstance(value, str) and name.lower() not in _NEVER_SENT
    }


def _read(row: Row) -> Upload:
    reference, url = row.get("id"), row.get("url")
    if not isinstance(reference, str) or not isinstance(url, str) or not url.startswith(("/", "https://")):
        raise UnknownOutcome("Zendesk's answer does not tell where the file is")
    return Upload(reference, url)
