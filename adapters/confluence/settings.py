"""A section `[knowledge.sources.NAME]` of kind `confluence`: its schema, and the checked values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from deskside.fields import SecretField, is_loopback
from deskside.settings.schema import SectionSchema, Several

GATEWAY = "https://api.atlassian.com"
CLOUD, DATACENTER = "cloud", "datacenter"
_CLOUD_HOST = ".atlassian.net"
_CLOUD_ID = re.compile(r"[0-9a-zA-Z-]{8,64}\Z")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*\Z")
_SPACE = re.compile(r"~?[A-Za-z0-9:_.-]{1,255}\Z")


def _check_url(value: str) -> None:
    parts = urlsplit(value)
    try:
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        port_is_fine = False
    if not parts.hostname or not port_is_fine or parts.username or parts.query or parts.fragment:
        raise ValidationError("is not the address of a Confluence; allowed is https://team.atlassian.net")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
        raise ValidationError(f"must start with https://, found {parts.scheme!r}; http is for this machine alone")


class ConfluenceSchema(SectionSchema):
    """`kind = "confluence"`

    `url` is what people open: `https://team.atlassian.net`, or a Data Center with its context path. `deployment` is
    known by the host in most cases. `cloud_id` sends calls through Atlassian's gateway, where scoped tokens work;
    `email` with a token is Basic, a token alone is Bearer. Only pages of `spaces` are read, and stand inside others.
    `restricted` also publishes pages that only some people may see. `mention` stands for mentioned people instead of
    their names. `token_expires` lets `deskside check` warn 30 days before. Time-outs are in seconds.
    """

    url = fields.String(required=True, validate=_check_url)
    deployment = fields.String(load_default=None, allow_none=True, validate=validate.OneOf((CLOUD, DATACENTER)))
    cloud_id = fields.String(load_default="", validate=validate.Regexp(_CLOUD_ID))
    gateway = fields.String(load_default=GATEWAY, validate=_check_url)
    email = fields.String(load_default="")
    token = SecretField(required=True)
    token_expires = fields.Date(load_default=None, allow_none=True)
    spaces = Several(fields.String(validate=validate.Regexp(_SPACE)), required=True, validate=validate.Length(min=1))
    language = fields.String(load_default="en-us", validate=validate.Regexp(_LANGUAGE))
    restricted = fields.Boolean(load_default=False)
    mention = fields.String(load_default="")
    connect_timeout = fields.Float(load_default=3.05, validate=validate.Range(0.1, 10))
    read_timeout = fields.Float(load_default=30.0, validate=validate.Range(0.1, 120))

    @validates_schema(skip_on_field_errors=True)
    def _check(self, data: Mapping[str, Any], **_: Any) -> None:
        if not data["token"]:
            raise ValidationError("is missing", "token")
        if _deployment(data) == DATACENTER:
            for name in ("email", "cloud_id"):
                if data[name]:
                    raise ValidationError("is for the Cloud; a Data Center takes a personal access token alone", name)
        elif not data["email"] and not data["cloud_id"]:
            raise ValidationError("is missing: a token goes with an e-mail address, or with cloud_id", "email")

    @post_load
    def _normalise(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        data["deployment"] = _deployment(data)
        data["gateway"] = data["gateway"].rstrip("/")
        url = data["url"].rstrip("/")
        # People copy the address from their browser, and there /wiki is in it.
        data["url"] = url.removesuffix("/wiki") if data["deployment"] == CLOUD else url
        data["language"] = data["language"].lower()
        data["spaces"] = tuple(dict.fromkeys(data["spaces"]))
        return data


def _deployment(data: Mapping[str, Any]) -> str:
    host = urlsplit(data["url"]).hostname or ""
    guessed = CLOUD if host.endswith(_CLOUD_HOST) or data["cloud_id"] else DATACENTER
    return data["deployment"] or guessed


@dataclass(frozen=True, slots=True)
class Settings:
    """The checked section. Addresses have no slash at the end; the token does not show."""

    url: str
    deployment: str
    token: str = field(repr=False)
    spaces: tuple[str, ...]
    cloud_id: str = ""
    gateway: str = GATEWAY
    email: str = ""
    token_expires: date | None = None
    language: str = "en-us"
    restricted: bool = False
    mention: str = ""
    connect_timeout: float = 3.05
    read_timeout: float = 30.0

    @property
    def is_cloud(self) -> bool:
        """Whether this is Confluence Cloud."""
        return self.deployment == CLOUD

    @property
    def api(self) -> str:
        """What all calls begin with."""
        return f"{self.gateway}/ex/confluence/{self.cloud_id}" if self.cloud_id else self.url

    @property
    def wiki(self) -> str:
        """What the addresses of pages begin with, as people open them."""
        return f"{self.url}/wiki" if self.is_cloud else self.url
