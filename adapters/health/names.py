"""Host names as DNS has them."""

import re

import idna

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")


def ascii_name(host: str) -> str | None:
    """The DNS name as lower-case ASCII (punycode) without the last dot, or None when it is not a host name."""
    text = host.strip().rstrip(".").lower()
    if not text.isascii():
        try:
            text = idna.encode(text, uts46=True, transitional=False).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return None
    labels = text.split(".")
    if not text or len(text) > 253 or not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        return None
    return text


def unicode_name(name: str) -> str:
    """A punycode name as people write it; a name that cannot be decoded stays as it is."""
    try:
        return idna.decode(name)
    except (idna.IDNAError, UnicodeError):
        return name


def within(name: str, parent: str) -> bool:
    """Whether `name` is `parent` or a name below it."""
    return name == parent or name.endswith("." + parent)
