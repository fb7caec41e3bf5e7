"""The section `[prober]` of `deskside.toml`, on the machine that runs `deskside prober`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import marshmallow as ma
from marshmallow import validate

from adapters.health.settings import LEAST_SECRET


@dataclass(frozen=True, slots=True)
class ProberSettings:
    """Where the prober listens and what it accepts: at most `per_minute` targets, from whoever knows the secret.

    With `certificate` and `key` (PEM files) it speaks TLS itself; without, a proxy before it should.
    """

    secret: str = field(default="", repr=False)
    host: str = "127.0.0.1"
    port: int = 8643
    per_minute: int = 120
    certificate: str | None = None
    key: str | None = None


class ProberSchema(ma.Schema):
    """Checks the section and loads it as `ProberSettings`."""

    secret = ma.fields.String(validate=validate.Length(LEAST_SECRET, 200))
    host = ma.fields.String(validate=validate.Length(1, 255))
    port = ma.fields.Integer(validate=validate.Range(1, 65_535))
    per_minute = ma.fields.Integer(validate=validate.Range(1, 100_000))
    certificate = ma.fields.String(allow_none=True)
    key = ma.fields.String(allow_none=True)

    @ma.validates_schema
    def _both(self, data: Mapping[str, Any], **_: Any) -> None:
        if bool(data.get("certificate")) != bool(data.get("key")):
            raise ma.ValidationError("certificate and key go together", "certificate")

    @ma.post_load
    def _build(self, data: dict[str, Any], **_: Any) -> ProberSettings:
        return ProberSettings(**data)
