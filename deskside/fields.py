"""What the sections of desks share: a text that does not show itself, and which hosts are this machine."""

import ipaddress
from typing import Any

from marshmallow import fields


class Secret(str):
    """A text that does not show itself in a representation, so that no log of settings holds it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


class SecretField(fields.String):
    """A text that becomes a `Secret`; empty counts as not given."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Secret | None:  # type: ignore[override]
        text = super()._deserialize(value, attr, data, **kwargs).strip()
        return Secret(text) if text else None


def is_loopback(host: str) -> bool:
    """True for this machine's own names and addresses."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
