"""The section `[zendesk]`: its schema, and the checked values."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate, validates_schema

from deskside.fields import SecretField, is_loopback

TEST_SECRET = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="  # noqa: S105 - public: Zendesk prints it in its manual


def check_url(value: str) -> None:
    parts = urlsplit(value)
    try:
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        port_is_fine = False
    if not parts.hostname or not port_is_fine or parts.username or parts.query or parts.fragment:
        raise ValidationError("is not the address of an account; allowed is https://<subdomain>.zendesk.com")
    if parts.path not in ("", "/"):
        raise ValidationError(f"must not have a path, found {parts.path!r}; allowed is https://<subdomain>.zendesk.com")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
        raise ValidationError(f"must start with https://, found {parts.scheme!r}; http is for this machine alone")


def _check_webhook_secret(value: str | None) -> None:
    if value == TEST_SECRET:
        raise ValidationError("is Zendesk's public test secret, which anybody can sign with; use the webhook's own")


class ZendeskSchema(Schema):
    """`[zendesk]`

    `client_id` and `client_secret` of an OAuth client are the way in. `email` with `api_token` is legacy: Zendesk
    lets nobody make API tokens since 27 October 2026 and stops them all on 30 April 2027.
    Time-outs are in seconds. `service_field` asks `connect` for a field in which agents can name the service.
    """

    class Meta:
        unknown = RAISE

    url = fields.String(required=True, validate=check_url)
    client_id = fields.String(load_default=None, allow_none=True)
    client_secret = SecretField(load_default=None, allow_none=True)
    scope = fields.String(load_default="read write", validate=validate.Length(min=1))
    email = fields.String(load_default=None, allow_none=True)
    api_token = SecretField(load_default=None, allow_none=True)
    webhook_secret = SecretField(load_default=None, allow_none=True, validate=_check_webhook_secret)
    webhook_secret_previous = SecretField(load_default=None, allow_none=True, validate=_check_webhook_secret)
    connect_timeout = fields.Float(load_default=3.05, validate=validate.Range(0.1, 10))
    read_timeout = fields.Float(load_default=15.0, validate=validate.Range(0.1, 60))
    service_field = fields.Boolean(load_default=False)

    @validates_schema(skip_on_field_errors=True)
    def _one_way_in(self, data: Mapping[str, Any], **_: Any) -> None:
        if bool(data.get("client_id")) != bool(data.get("client_secret")):
            missing = "client_secret" if data.get("client_id") else "client_id"
            raise ValidationError("is missing: client_id and client_secret go together", missing)
        if bool(data.get("email")) != bool(data.get("api_token")):
            missing = "api_token" if data.get("email") else "email"
            raise ValidationError("is missing: email and api_token go together", missing)
        if not data.get("client_id") and not data.get("api_token"):
            raise ValidationError("is missing: client_id and client_secret of an OAuth client are needed", "client_id")

    @post_load
    def _normalise(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        data["url"] = data["url"].rstrip("/")
        data["scope"] = " ".join(data["scope"].replace(",", " ").split())
        return data


@dataclass(frozen=True, slots=True)
class Settings:
    """The checked section. `url` has no slash at its end; time-outs are in seconds; secrets do not show."""

    url: str
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    scope: str = "read write"
    email: str | None = None
    api_token: str | None = field(default=None, repr=False)
    webhook_secret: str | None = field(default=None, repr=False)
    webhook_secret_previous: str | None = field(default=None, repr=False)
    connect_timeout: float = 3.05
    read_timeout: float = 15.0
    service_field: bool = False

    def hide(self, text: str) -> str:
        """`text` with every secret of this section replaced by stars."""
        secrets = [self.client_secret, self.api_token, self.webhook_secret, self.webhook_secret_previous]
        if self.api_token:
            secrets.append(base64.b64encode(f"{self.email}/token:{self.api_token}".encode()).decode())
        for secret in filter(None, secrets):
            text = text.replace(secret, "***")
        return text
