"""The sections `[knowledge.targets.NAME]` and `[knowledge.sources.NAME]` of the kind `zendesk`, and what they reach."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from marshmallow import ValidationError, fields, validate, validates_schema

from adapters.zendesk.client import Clients
from adapters.zendesk.desk import NAME, ZendeskDesk
from adapters.zendesk.guide.api import HelpCenter
from adapters.zendesk.settings import Settings, check_url
from deskside.errors import ConfigurationError
from deskside.fields import SecretField, is_loopback
from deskside.ports import Surface
from deskside.settings.schema import SectionSchema, Several

_SUBDOMAIN = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"


def _check_brand(value: str) -> None:
    if "://" in value:
        check_url(value)
    else:
        validate.Regexp(f"^({_SUBDOMAIN})?$", error="is not a subdomain, such as 'shop' of shop.zendesk.com")(value)


def _check_public_url(value: str) -> None:
    if value:
        check_url(value)


class AccountSchema(SectionSchema):
    """Which help centre: of the account in `[zendesk]`, or of another one with an OAuth client of its own.

    `brand` is the subdomain of a brand of that account (or its whole address); `public_url` is the help centre's own
    address where readers do not see the subdomain.
    """

    url = fields.String(load_default=None, allow_none=True, validate=check_url)
    client_id = fields.String(load_default=None, allow_none=True)
    client_secret = SecretField(load_default=None, allow_none=True)
    brand = fields.String(load_default="", validate=_check_brand)
    public_url = fields.String(load_default="", validate=_check_public_url)

    @validates_schema(skip_on_field_errors=True)
    def _whole(self, data: Mapping[str, Any], **_: Any) -> None:
        own = ("url", "client_id", "client_secret")
        missing = [key for key in own if not data.get(key)]
        if missing and len(missing) < len(own):
            raise ValidationError("is missing: url, client_id and client_secret go together", missing[0])


class TargetSchema(AccountSchema):
    """`[knowledge.targets.NAME]` with `kind = "zendesk"`

    `permission_group` may edit what is published (id or name; the first there is). `segment` may read it where no route
    says who (id or name; everybody). `content_tags` are put on every article. An article with the label `hands_off` is
    left alone.
    """

    permission_group = fields.String(load_default="")
    segment = fields.String(load_default="")
    content_tags = Several(fields.String(validate=validate.Length(min=1)), load_default=list)
    hands_off = fields.String(load_default="no-sync")


class SourceSchema(AccountSchema):
    """`[knowledge.sources.NAME]` with `kind = "zendesk"`

    `drafts` takes what is not published too; `restricted` what not everybody may read.
    """

    drafts = fields.Boolean(load_default=False)
    restricted = fields.Boolean(load_default=False)


def reach(section: str, settings: Mapping[str, Any], surface: Surface, scope: str) -> tuple[HelpCenter, HelpCenter]:
    """The help centre a section names, and the one of the account's own host; no I/O.

    Raises ConfigurationError naming the section.
    """
    if settings.get("url"):
        own = Settings(
            url=settings["url"].rstrip("/"),
            client_id=settings["client_id"],
            client_secret=settings["client_secret"],
            scope=scope,
        )
        account = Clients(own)
    else:
        desk = surface.desks.get(NAME)
        if not isinstance(desk, ZendeskDesk):
            raise ConfigurationError(
                f"[{section}] needs a section [zendesk], or a url, client_id and client_secret of its own"
            )
        account = desk.clients.beside()
    home = HelpCenter(account)
    brand = brand_url(section, account.url, settings.get("brand") or "")
    return (home if brand == account.url else HelpCenter(account.beside(brand))), home


def brand_url(section: str, account: str, brand: str) -> str:
    """The address of a brand's help centre, always one of the account's own domain: the token goes there."""
    if not brand:
        return account
    home = urlsplit(account)
    host, domain = home.hostname or "", (home.hostname or "").partition(".")[2]
    url = brand.rstrip("/") if "://" in brand else f"https://{brand}.{domain}"
    there = urlsplit(url).hostname or ""
    if is_loopback(host) and is_loopback(there):
        return url
    if is_loopback(host) or not domain or there.partition(".")[2] != domain:
        raise ConfigurationError(f"[{section}] brand: {brand!r} is no brand of {host}; allowed is its subdomain")
    return url


def public_url(settings: Mapping[str, Any], center: HelpCenter) -> str:
    """The address readers know the help centre by."""
    return str(settings.get("public_url") or center.url).rstrip("/")
