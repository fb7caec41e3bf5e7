"""What runs in browsers: the service worker, the script of the portal, the script and style of our own page."""

import hashlib
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent
# What a portal loads is one file: what our own page does too, and what only a portal needs.
_MADE_OF = {"deskside.js": ("core.js", "portal.js")}
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".png": "image/png"}


@cache
def read(name: str) -> bytes | None:
    """The file a browser gets by this name; None when there is none."""
    parts = _MADE_OF.get(name, (name,))
    paths = [_FOLDER / part for part in parts]
    # A name comes from outside: only what lies in this very folder.
    if not all(path.parent == _FOLDER and path.suffix in TYPES and path.is_file() for path in paths):
        return None
    return b"\n".join(path.read_bytes() for path in paths)


@cache
def fingerprint(name: str) -> str:
    """Twelve hex characters that change when the file does."""
    return hashlib.sha256(read(name) or b"").hexdigest()[:12]
