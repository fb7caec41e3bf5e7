"""The section `[knowledge.targets.NAME]` of kind `whmcs`, and the target made of it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from marshmallow import Schema, ValidationError, fields, validate

from adapters.whmcs.desk import NAME, WhmcsDesk
from adapters.whmcs.knowledge.endpoint import Endpoint
from adapters.whmcs.knowledge.target import WhmcsKnowledge
from adapters.whmcs.languages import Languages
from deskside.errors import ConfigurationError
from deskside.ports import Surface
from deskside.settings.schema import SectionSchema


def _check_url(value: str) -> None:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ValidationError("is not the address of a WHMCS; allowed is https://billing.example.com/whmcs")


class Options(SectionSchema):
    """`[knowledge.targets.NAME]` with `kind = "whmcs"`

    The WHMCS is that of the section `[whmcs]`, and its addon must be there. `url` is where readers open it, when that
    is another address than `whmcs.url`. `languages` says what WHMCS calls a language, by its tag, where that is not
    plain: `{ "zh-tw" = "chinese" }`.
    """

    url = fields.String(load_default="", validate=_check_url)
    languages = fields.Dict(
        keys=fields.String(validate=validate.Regexp(r"[a-z]{2,3}(-[a-z0-9]+)*\Z")),
        values=fields.String(validate=validate.Regexp(r"[a-z][a-z-]{1,38}\Z")),
        load_default=dict,
    )


class KnowledgePlugin:
    """Entry point `deskside.knowledge_targets: whmcs`."""

    name = NAME
    schema: type[Schema] = Options

    def build(self, name: str, settings: Mapping[str, Any], surface: Surface) -> WhmcsKnowledge:
        """The target called `name`. Raises `ConfigurationError` when there is no WHMCS."""
        desk = surface.desks.get(NAME)
        if not isinstance(desk, WhmcsDesk):
            raise ConfigurationError(f"knowledge.targets.{name}: WHMCS is not configured, there is no section [whmcs]")
        languages = Languages(settings["languages"])
        endpoint = Endpoint(desk.settings, lambda: desk.signing_secrets)
        return WhmcsKnowledge(name, endpoint, languages, (settings["url"] or desk.url).rstrip("/"))
