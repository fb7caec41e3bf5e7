"""`[knowledge]`: where documents come from, where articles stand, which goes where, and how careful all this is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from deskside.knowledge.search.settings import SearchSchema
from deskside.settings.schema import SectionSchema, Several, Whole

WARN, RESTORE, PAUSE = "warn", "restore", "pause"
SAFE, NONE = "safe", "none"
# In the place of a number: the order the source has.
SOURCE_ORDER = "source"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_NUMBER = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Route:
    """One rule: documents like this stand there.

    Conditions that are empty hold for every document; `path` is a pattern for "Folder/Sub/Title". `languages` maps the
    language of a document to that of the target; empty keeps it, and where there is a map, other languages are not
    published. `position` None leaves the order alone, "source" is that of the source.
    """

    target: str
    section: tuple[str, ...]
    source: str = ""
    space: str = ""
    path: str = ""
    label: str = ""
    languages: Mapping[str, str] = field(default_factory=dict)
    language: str = ""
    segment: str = ""
    draft: bool = False
    position: int | str | None = None
    labels: tuple[str, ...] = ()
    keep_labels: bool = True


@dataclass(frozen=True, slots=True)
class GuardSettings:
    """What must be true before anything is archived; see `adapters.knowledge.guard`."""

    archive_least: int = 3
    archive_most: int = 20
    archive_percent: float = 5.0
    grace: timedelta = timedelta(hours=24)
    listings: int = 2
    count_drop_percent: float = 20.0


@dataclass(frozen=True, slots=True)
class KnowledgeSettings:
    """What `[knowledge]` says.

    `every_minutes` 0 never looks by itself. `requests` is the most a run asks of one target (0: no limit), `patience`
    how long a run waits in all for a target that is busy or does not answer. `sources` and `targets` are their tables
    with `kind`, checked by the plug-in of that kind.
    """

    sources: Mapping[str, Mapping[str, Any]]
    targets: Mapping[str, Mapping[str, Any]]
    routes: tuple[Route, ...]
    every_minutes: int = 15
    full_listing: timedelta = timedelta(hours=24)
    guard: GuardSettings = field(default_factory=GuardSettings)
    drift: str = WARN
    apply: str = SAFE
    requests: int = 0
    patience: timedelta = timedelta(minutes=5)
    lease: timedelta = timedelta(seconds=60)


def _section(text: str) -> None:
    if not all(part.strip() for part in text.split(" / ")):
        raise ValidationError("must be the names on the way to a section, such as Billing / Invoices")


def _position(value: Any) -> None:
    if value != SOURCE_ORDER and not _NUMBER.fullmatch(str(value)):
        raise ValidationError('must be a number, or "source" for the order of the source')


class RouteSchema(SectionSchema):
    """`[[knowledge.routes]]`"""

    source = fields.String(load_default="")
    space = fields.String(load_default="")
    path = fields.String(load_default="")
    label = fields.String(load_default="")
    target = fields.String(required=True)
    section = fields.String(required=True, validate=_section)
    language = fields.String(load_default="", validate=validate.Length(max=16))
    languages = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 16)),
        values=fields.String(validate=validate.Length(1, 16)),
        load_default=dict,
    )
    segment = fields.String(load_default="", validate=validate.Length(max=120))
    draft = fields.Boolean(load_default=False)
    position = fields.Raw(load_default=None, allow_none=True, validate=_position)
    labels = Several(fields.String(validate=validate.Length(1, 120)), load_default=list)
    keep_labels = fields.Boolean(load_default=True)

    @validates_schema(skip_on_field_errors=True)
    def _one_way(self, data: Mapping[str, Any], **_: Any) -> None:
        if data["language"] and data["languages"]:
            raise ValidationError("is either one language or, with `languages`, a map of them", "language")
        if len(set(data["languages"].values())) < len(data["languages"]):
            raise ValidationError("maps two languages to the same one", "languages")

    @post_load
    def _route(self, data: dict[str, Any], **_: Any) -> Route:
        position = data["position"]
        return Route(
            target=data["target"],
            section=tuple(part.strip() for part in data["section"].split(" / ")),
            source=data["source"],
            space=data["space"],
            path=data["path"],
            label=data["label"],
            languages={name.lower(): language.lower() for name, language in data["languages"].items()},
            language=data["language"].lower(),
            segment=data["segment"],
            draft=data["draft"],
            position=position if position in (None, SOURCE_ORDER) else int(position),
            labels=tuple(data["labels"]),
            keep_labels=data["keep_labels"],
        )


class KnowledgeSchema(SectionSchema):
    """`[knowledge]`"""

    every_minutes = Whole(load_default=15, validate=validate.Range(0, 10_080))
    full_listing_hours = Whole(load_default=24, validate=validate.Range(1, 168))
    archive_least = Whole(load_default=3, validate=validate.Range(0, 1000))
    archive_most = Whole(load_default=20, validate=validate.Range(0, 100_000))
    archive_percent = fields.Float(load_default=5.0, validate=validate.Range(0, 100))
    grace_hours = fields.Float(load_default=24.0, validate=validate.Range(0, 24 * 90))
    listings = Whole(load_default=2, validate=validate.Range(1, 20))
    count_drop_percent = fields.Float(load_default=20.0, validate=validate.Range(0, 100))
    drift = fields.String(load_default=WARN, validate=validate.OneOf([WARN, RESTORE, PAUSE]))
    apply = fields.String(load_default=SAFE, validate=validate.OneOf([SAFE, NONE]))
    requests = Whole(load_default=0, validate=validate.Range(0, 1_000_000))
    patience_seconds = fields.Float(load_default=300.0, validate=validate.Range(0, 7200))
    lease_seconds = fields.Float(load_default=60.0, validate=validate.Range(1, 3600))
    sources = fields.Dict(keys=fields.String(), values=fields.Dict(keys=fields.String()), load_default=dict)
    targets = fields.Dict(keys=fields.String(), values=fields.Dict(keys=fields.String()), load_default=dict)
    routes = fields.List(fields.Nested(RouteSchema), load_default=list)
    # Read by the search itself.
    search = fields.Nested(SearchSchema, load_default=dict)

    @validates_schema(skip_on_field_errors=True)
    def _names(self, data: Mapping[str, Any], **_: Any) -> None:
        for key in ("sources", "targets"):
            for name in data[key]:
                if not _NAME.fullmatch(name):
                    raise ValidationError(
                        f"{name!r} is no name: at most 64 small letters, digits, - and _, a letter or digit first", key
                    )
        for number, route in enumerate(data["routes"], start=1):
            _is_there(number, "target", route.target, data["targets"])
            if route.source:
                _is_there(number, "source", route.source, data["sources"])
        if data["archive_least"] > data["archive_most"]:
            raise ValidationError("must not be more than archive_most", "archive_least")

    @post_load
    def _settings(self, data: dict[str, Any], **_: Any) -> KnowledgeSettings:
        return KnowledgeSettings(
            sources=data["sources"],
            targets=data["targets"],
            routes=tuple(data["routes"]),
            every_minutes=data["every_minutes"],
            full_listing=timedelta(hours=data["full_listing_hours"]),
            guard=GuardSettings(
                archive_least=data["archive_least"],
                archive_most=data["archive_most"],
                archive_percent=data["archive_percent"],
                grace=timedelta(hours=data["grace_hours"]),
                listings=data["listings"],
                count_drop_percent=data["count_drop_percent"],
            ),
            drift=data["drift"],
            apply=data["apply"],
            requests=data["requests"],
            patience=timedelta(seconds=data["patience_seconds"]),
            lease=timedelta(seconds=data["lease_seconds"]),
        )


def _is_there(number: int, key: str, name: str, there: Mapping[str, Any]) -> None:
    if name not in there:
        named = ", ".join(sorted(there)) or "none"
        raise ValidationError(f"number {number} names the {key} '{name}'; there are {named}", "routes")
