"""The section `[smtp]`: its schema, and the checked values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates, validates_schema

from deskside.fields import SecretField, is_loopback

NAME = "smtp"


class SmtpSchema(Schema):
    """`[smtp]`

    `security` is `starttls` (a plain connection that becomes TLS before anything is said), `tls` (TLS from the first
    byte, usually port 465) or `none`, which only a server on this machine may have. `ca_file` is who may vouch for the
    server, where that is nobody the system knows.
    """

    class Meta:
        unknown = RAISE

    host = fields.String(required=True, validate=validate.Length(1, 253))
    port = fields.Integer(load_default=587, validate=validate.Range(1, 65535))
    security = fields.String(load_default="starttls", validate=validate.OneOf(["starttls", "tls", "none"]))
    username = fields.String(load_default="")
    password = SecretField(load_default=None, allow_none=True)
    sender = fields.String(required=True)
    ca_file = fields.String(load_default=None, allow_none=True)
    timeout = fields.Float(load_default=15.0, validate=validate.Range(0.1, 60))

    @validates("sender")
    def _sender(self, value: str, data_key: str) -> None:
        if "@" not in parseaddr(value)[1] or any(ord(character) < 0x20 for character in value):
            raise ValidationError("must be an address such as Support <support@example.com>")

    @validates_schema(skip_on_field_errors=True)
    def _check(self, data: Mapping[str, Any], **_: Any) -> None:
        if data["security"] == "none" and not is_loopback(data["host"]):
            raise ValidationError("may be none only for a server on this machine", "security")
        if bool(data["username"]) != bool(data["password"]):
            missing = "password" if data["username"] else "username"
            raise ValidationError("is missing: username and password go together", missing)


@dataclass(frozen=True, slots=True)
class Settings:
    """The checked section; `timeout` is in seconds, the password does not show."""

    host: str
    sender: str
    port: int = 587
    security: str = "starttls"
    username: str = ""
    password: str | None = field(default=None, repr=False)
    ca_file: str | None = None
    timeout: float = 15.0
