"""A stored delivery made readable."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

MOST = 100_000
_SECRET = ("authorization", "cookie", "token", "secret", "api-key", "password")


@dataclass(frozen=True, slots=True)
class Body:
    """The text to show; `cut` when the rest was left out, `readable` when it was JSON."""

    text: str
    cut: bool
    readable: bool


def pretty(body: bytes) -> Body:
    """JSON indented, anything else as the text it most likely is."""
    readable = True
    try:
        text = json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        text, readable = body.decode("utf-8", "replace"), False
    return Body(text[:MOST], len(text) > MOST, readable)


def safe_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers by name, without the values that open doors."""
    return {
        name: "•••" if any(word in name.lower() for word in _SECRET) else str(value)
        for name, value in sorted(headers.items())
    }
