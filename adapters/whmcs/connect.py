"""The addon, packed with this Deskside's address and a secret of its own, to be unpacked into WHMCS.

WHMCS has no webhooks and no API to install anything: what Deskside can make is the file, the rest is the admin's hand.
"""

import io
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from adapters.whmcs import bindings as names
from adapters.whmcs.settings import Settings
from adapters.whmcs.signature import new_secret
from deskside.errors import Permanent
from deskside.fields import is_loopback
from deskside.ports import Step
from deskside.store.bindings import Bindings

ADDON = Path(__file__).parent / "addon"
FILE = "deskside-whmcs-addon.zip"
URL_PLACE, SECRET_PLACE = "{{DESKSIDE_URL}}", "{{DESKSIDE_SECRET}}"
UNPACK = (
    "in the folder WHMCS is in (it has configuration.php), so that modules/addons/deskside is there; then activate "
    "Deskside in Configuration > System Settings > Addon Modules, and delete the file: it holds the secret"
)
# A zip tells the time of each file; always the same one makes the same file of the same content.
_TIME = (1980, 1, 1, 0, 0, 0)


def connect(
    bindings: Bindings, settings: Settings, base_url: str, folder: Path, dry_run: bool, addon: Path = ADDON
) -> tuple[Step, ...]:
    """Write the zip into `folder` and keep its secret; with `dry_run` only say so.

    The secret is `webhook_secret` where that is set, else the one packed before, else a fresh one: packing again locks
    no addon out. `base_url` is where WHMCS reaches this Deskside. Raises `Permanent` for one it cannot post to, and
    when the file cannot be written.
    """
    address = _address(base_url, settings.url)
    known = bindings.get(names.WEBHOOK_SECRET)
    secret = settings.webhook_secret or known or new_secret()
    target = folder / FILE
    packed = pack(addon, {URL_PLACE: address, SECRET_PLACE: str(secret)})
    action = ("keep" if target.read_bytes() == packed else "update") if target.is_file() else "create"
    steps = (
        Step(
            "keep" if known == secret else ("update" if known else "create"),
            "the addon's signing secret",
            "stored and packed, never shown",
        ),
        Step(action, f"addon {target}", f"for {settings.url}, posting to {address}"),
        Step("keep" if action == "keep" else "update", "WHMCS, by your hand: unpack the addon", UNPACK),
    )
    if dry_run:
        return steps
    if known != secret:
        # First, so that no addon is about whose deliveries are refused.
        bindings.put(names.WEBHOOK_SECRET, str(secret))
    if action != "keep":
        _write(target, packed)
    return steps


def pack(addon: Path, filled: Mapping[str, str]) -> bytes:
    """The files below `addon` as a zip, with the places in them filled. Raises `Permanent` when there are none."""
    files = sorted(path for path in addon.rglob("*") if path.is_file() and _belongs(path.relative_to(addon)))
    if not files:
        raise Permanent("the addon is not part of this installation of Deskside: install the whole package")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in files:
            entry = zipfile.ZipInfo(path.relative_to(addon).as_posix(), _TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, _filled(path.read_bytes(), filled))
    return buffer.getvalue()


def _filled(content: bytes, filled: Mapping[str, str]) -> bytes:
    for place, value in filled.items():
        # The places stand between single quotes of PHP.
        literal = value.replace("\\", "\\\\").replace("'", "\\'")
        content = content.replace(place.encode(), literal.encode())
    return content


def _belongs(path: Path) -> bool:
    return not any(part.startswith((".", "__pycache__")) for part in path.parts) and path.suffix != ".pyc"


def _write(target: Path, content: bytes) -> None:
    """Put the file in place at once, readable for its owner only."""
    beside = target.with_name(target.name + ".new")
    try:
        beside.unlink(missing_ok=True)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        beside.replace(target)
    except OSError as error:
        raise Permanent(f"cannot write {target}: {error.strerror}") from None


def _address(base_url: str, desk_url: str) -> str:
    """Where the addon posts to. Only a WHMCS on this machine can reach an address of this machine."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    here = is_loopback(host)
    desk_is_here = is_loopback(urlsplit(desk_url).hostname or "")
    if not host or (here and not desk_is_here) or (parts.scheme != "https" and not (parts.scheme == "http" and here)):
        raise Permanent(f"WHMCS cannot post to {base_url!r}: set web.base_url to this Deskside's public https address")
    return base_url.rstrip("/")
