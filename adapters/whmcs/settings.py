"""The section `[whmcs]`: its schema, and the checked values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate, validates_schema

from deskside.fields import SecretField, is_loopback
from deskside.model.ticket import Status

API_PATH = "/includes/api.php"

# What each status means that every WHMCS has; their titles cannot be changed (docs.whmcs.com, "Ticket Statuses").
CORE_STATUSES: Mapping[str, Status] = {
    "open": Status.OPEN,
    "customer-reply": Status.OPEN,
    "answered": Status.PENDING,
    "on hold": Status.HOLD,
    "in progress": Status.HOLD,
    "closed": Status.CLOSED,
}
_MEANINGS = sorted(status.value for status in Status if status is not Status.DELETED)
# developer-docs, api/access-control.
_ACCESS_KEY = re.compile(r"[A-Za-z0-9!@#$%.()*\[\]_-]+")


def normalise_url(value: str) -> str:
    """The address of the installation, without a slash at the end and without the path of its API.

    With the API's path in it every call would go to a doubled one, which answers "An admin user is required".
    """
    value = value.strip().rstrip("/")
    while value.lower().endswith(API_PATH):
        value = value[: -len(API_PATH)].rstrip("/")
    return value


def _check_url(value: str) -> None:
    parts = urlsplit(normalise_url(value))
    try:
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        port_is_fine = False
    if not parts.hostname or not port_is_fine or parts.username or parts.query or parts.fragment:
        raise ValidationError("is not the address of a WHMCS; allowed is https://billing.example.com/whmcs")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
        raise ValidationError(f"must start with https://, found {parts.scheme!r}; http is for this machine alone")


def _check_timezone(value: str) -> None:
    if value not in available_timezones():
        raise ValidationError("is no time zone; use the IANA name WHMCS runs with, such as Europe/Berlin")


class WhmcsSchema(Schema):
    """`[whmcs]`

    `identifier` and `secret` are an API credential. `access_key` is `$api_access_key` of configuration.php, where the
    list of addresses cannot be used. `timezone` is what WHMCS (and its PHP) runs with: its times carry none.
    `admin_username` writes the replies; `admin_path` is the folder of the admin area. `statuses` says what custom
    statuses mean, `client_fields` gives names to custom fields of clients by their ids; no others are kept.
    Time-outs are in seconds; at most `at_once` calls are under way at a time.
    """

    class Meta:
        unknown = RAISE

    url = fields.String(required=True, validate=_check_url)
    identifier = fields.String(required=True, validate=validate.Length(min=1))
    secret = SecretField(required=True)
    access_key = SecretField(load_default=None, allow_none=True)
    webhook_secret = SecretField(load_default=None, allow_none=True)
    webhook_secret_previous = SecretField(load_default=None, allow_none=True)
    timezone = fields.String(load_default="UTC", validate=_check_timezone)
    admin_username = fields.String(load_default="")
    admin_path = fields.String(load_default="admin", validate=validate.Regexp(r"[A-Za-z0-9_./-]+\Z"))
    statuses = fields.Dict(
        keys=fields.String(), values=fields.String(validate=validate.OneOf(_MEANINGS)), load_default=dict
    )
    client_fields = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)
    write_priority = fields.Boolean(load_default=False)
    connect_timeout = fields.Float(load_default=3.05, validate=validate.Range(0.1, 10))
    read_timeout = fields.Float(load_default=15.0, validate=validate.Range(0.1, 60))
    at_once = fields.Integer(load_default=4, validate=validate.Range(1, 16))

    @validates_schema(skip_on_field_errors=True)
    def _check(self, data: Mapping[str, Any], **_: Any) -> None:
        if not data["secret"]:
            raise ValidationError("is missing: identifier and secret go together", "secret")
        access_key = data.get("access_key")
        if access_key and not _ACCESS_KEY.fullmatch(access_key):
            raise ValidationError("may hold only letters, digits and ! @ # $ % . ( ) * [ ] - _", "access_key")
        for name in ("webhook_secret", "webhook_secret_previous"):
            if data.get(name) and len(data[name]) < 16:
                raise ValidationError("is too short: anybody could guess it", name)

    @post_load
    def _normalise(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        data["url"] = normalise_url(data["url"])
        data["admin_path"] = data["admin_path"].strip("/")
        data["statuses"] = {title.strip().casefold(): Status(value) for title, value in data["statuses"].items()}
        return data


@dataclass(frozen=True, slots=True)
class Settings:
    """The checked section. `url` has no slash at its end, titles in `statuses` are case-folded; secrets do not show."""

    url: str
    identifier: str
    secret: str = field(repr=False)
    access_key: str | None = field(default=None, repr=False)
    webhook_secret: str | None = field(default=None, repr=False)
    webhook_secret_previous: str | None = field(default=None, repr=False)
    timezone: str = "UTC"
    admin_username: str = ""
    admin_path: str = "admin"
    statuses: Mapping[str, Status] = field(default_factory=dict)
    client_fields: Mapping[str, str] = field(default_factory=dict)
    write_priority: bool = False
    connect_timeout: float = 3.05
    read_timeout: float = 15.0
    at_once: int = 4

    @property
    def zone(self) -> ZoneInfo:
        """The zone of WHMCS's times."""
        return ZoneInfo(self.timezone)

    @property
    def meanings(self) -> Mapping[str, Status]:
        """What the titles (case-folded) of statuses mean, as far as that is configured or the same everywhere."""
        return {**CORE_STATUSES, **self.statuses}

    def hide(self, text: str) -> str:
        """`text` with every secret of this section replaced by stars."""
        for secret in (self.secret, self.access_key, self.webhook_secret, self.webhook_secret_previous):
            if secret:
                text = text.replace(secret, "***")
        return text
