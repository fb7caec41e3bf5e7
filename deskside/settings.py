"""Configuration: `deskside.toml`, overlaid by the environment, checked by marshmallow.

Every key `[section] key` can come from `DESKSIDE_<SECTION>__<KEY>`. A plug-in's section is checked by the schema the
plug-in brings; a section that nobody claims is an error.
"""

import os
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from deskside.errors import ConfigurationError
from deskside.order.calendar import WorkingTime
from deskside.order.key import Caps

PREFIX = "DESKSIDE_"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SECRET_WORDS = ("secret", "password", "token", "key", "url", "vantages")


class TextList(fields.List[str]):
    """A list of texts; from the environment also one text with commas."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(fields.String(), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if isinstance(value, str):
            value = [part.strip() for part in value.split(",") if part.strip()]
        return super()._deserialize(value, attr, data, **kwargs)


class SectionSchema(Schema):
    """Base of every section: an unknown key is an error, because it is most likely a misspelt one."""

    class Meta:
        unknown = RAISE


class DatabaseSchema(SectionSchema):
    """`[database]`"""

    url = fields.String(
        load_default="sqlite:///deskside.db", validate=validate.Regexp(r"^(sqlite|postgresql\+psycopg)://")
    )


class WebSchema(SectionSchema):
    """`[web]`"""

    host = fields.String(load_default="127.0.0.1")
    port = fields.Integer(load_default=8642, validate=validate.Range(1, 65535))
    base_url = fields.Url(load_default=None, allow_none=True, require_tld=False, schemes={"http", "https"})
    secret_key = fields.String(load_default="", validate=validate.Length(max=200))
    threads = fields.Integer(load_default=16, validate=validate.Range(2, 64))
    workers = fields.Integer(load_default=2, validate=validate.Range(1, 16))
    trusted_proxies = fields.Integer(load_default=0, validate=validate.Range(0, 5))


class JobsSchema(SectionSchema):
    """`[jobs]`"""

    threads = fields.Integer(load_default=8, validate=validate.Range(1, 64))
    reconcile_seconds = fields.Integer(load_default=60, validate=validate.Range(1, 3600))
    stalled_seconds = fields.Float(load_default=30.0, validate=validate.Range(1, 3600))
    quiet_seconds = fields.Float(load_default=20.0, validate=validate.Range(0, 600))
    keep_days = fields.Integer(load_default=30, validate=validate.Range(1, 3650))


class CalendarSchema(SectionSchema):
    """`[queue.calendar]`: without a weekday the desk is open around the clock."""

    timezone = fields.String(load_default="UTC")
    holidays = fields.List(fields.Date(), load_default=list)
    mon = fields.String()
    tue = fields.String()
    wed = fields.String()
    thu = fields.String()
    fri = fields.String()
    sat = fields.String()
    sun = fields.String()

    @validates_schema
    def _check(self, data: dict[str, Any], **_: Any) -> None:
        if data["timezone"] not in available_timezones():
            raise ValidationError("is no time zone; use an IANA name such as Europe/Berlin", "timezone")
        for day in DAYS:
            if day in data:
                _window(data[day], day)


class QueueSchema(SectionSchema):
    """`[queue]`"""

    commercial_minutes = fields.Integer(load_default=240, validate=validate.Range(0, 100_000))
    contract_minutes = fields.Integer(load_default=480, validate=validate.Range(0, 100_000))
    emergency_minutes = fields.Integer(load_default=4320, validate=validate.Range(0, 1_000_000))
    max_overtaken = fields.Integer(load_default=150, validate=validate.Range(0))
    vip_tags = TextList(load_default=lambda: ["vip"])
    vip_minutes = fields.Integer(load_default=60, validate=validate.Range(0))
    reopened_minutes = fields.Integer(load_default=45, validate=validate.Range(0))
    carried_minutes = fields.Integer(load_default=120, validate=validate.Range(0))
    plan_field = fields.String(load_default="plan")
    plan_minutes = fields.Dict(
        keys=fields.String(), values=fields.Integer(validate=validate.Range(0)), load_default=dict
    )
    calendar = fields.Nested(CalendarSchema, load_default=lambda: CalendarSchema().load({}))

    @validates_schema
    def _check(self, data: dict[str, Any], **_: Any) -> None:
        if not data["commercial_minutes"] <= data["contract_minutes"] <= data["emergency_minutes"]:
            raise ValidationError(
                "must not be less than commercial_minutes, nor more than emergency_minutes", "contract_minutes"
            )


@dataclass(frozen=True)
class Settings:
    """The checked configuration: core sections loaded, plug-ins' sections as found."""

    database: Mapping[str, Any]
    web: Mapping[str, Any]
    jobs: Mapping[str, Any]
    queue: Mapping[str, Any]
    raw: Mapping[str, Mapping[str, Any]]
    language: str = "en"

    def __repr__(self) -> str:
        return f"Settings(sections={sorted(self.raw)})"

    def section(self, name: str, schema: type[Schema]) -> Any:
        """The section `name`, checked by a plug-in's schema. Raises ConfigurationError."""
        return _load(name, schema(), dict(self.raw.get(name, {})))

    def claim(self, names: Collection[str]) -> None:
        """Raise ConfigurationError when there is a section that neither the core nor any of `names` knows."""
        unknown = sorted(set(self.raw) - set(names))
        if unknown:
            known = ", ".join(sorted({*CORE, *names}))
            raise ConfigurationError(f"[{unknown[0]}] is no section Deskside knows; there are {known}")

    @property
    def working_time(self) -> WorkingTime:
        """The calendar of the queue."""
        calendar = self.queue["calendar"]
        windows = {index: _window(calendar[day], day) for index, day in enumerate(DAYS) if day in calendar}
        return WorkingTime(ZoneInfo(calendar["timezone"]), windows, tuple(sorted(calendar["holidays"])))

    @property
    def caps(self) -> Caps:
        """The most head start there can be."""
        return Caps(
            commercial=self.queue["commercial_minutes"],
            contract=self.queue["contract_minutes"],
            emergency=self.queue["emergency_minutes"],
            overtaken=self.queue["max_overtaken"],
        )

    @property
    def base_url(self) -> str:
        """Where browsers and desks reach this Deskside."""
        given: str | None = self.web["base_url"]
        return (given or f"http://{self.web['host']}:{self.web['port']}").rstrip("/")


class TopSchema(SectionSchema):
    """The keys outside any section."""

    language = fields.String(load_default="en", validate=validate.OneOf(["en", "ru"]))


CORE: Mapping[str, type[Schema]] = {
    "database": DatabaseSchema,
    "web": WebSchema,
    "jobs": JobsSchema,
    "queue": QueueSchema,
}


def load(path: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the configuration.

    `path` None means `DESKSIDE_CONFIG`, else `deskside.toml` in the working directory if it is there. Raises
    ConfigurationError naming the key, what was found and what is allowed; a secret's value is never in it.
    """
    environment = os.environ if environment is None else environment
    document = _read(path, environment)
    for name, value in environment.items():
        *tables, key = name.removeprefix(PREFIX).lower().split("__")
        if name.startswith(PREFIX) and tables and key and all(tables):
            _put(document, tables, key, value)
    for key in TopSchema().fields:
        if f"{PREFIX}{key.upper()}" in environment:
            document[key] = environment[f"{PREFIX}{key.upper()}"]
    top = {key: value for key, value in document.items() if not isinstance(value, dict)}
    sections = {key: value for key, value in document.items() if isinstance(value, dict)}
    loaded = {name: _load(name, schema(), sections.pop(name, {})) for name, schema in CORE.items()}
    return Settings(**loaded, language=_load("", TopSchema(), top)["language"], raw=sections)


def _read(path: Path | None, environment: Mapping[str, str]) -> dict[str, Any]:
    named = path or (Path(environment[f"{PREFIX}CONFIG"]) if f"{PREFIX}CONFIG" in environment else None)
    path = named or Path("deskside.toml")
    if named is None and not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigurationError(f"cannot read the configuration {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is not valid TOML: {error}") from error


def _put(document: dict[str, Any], tables: list[str], key: str, value: str) -> None:
    for name in tables:
        inner = document.setdefault(name, {})
        if not isinstance(inner, dict):
            inner = document[name] = {}
        document = inner
    document[key] = value


def _load(section: str, schema: Schema, values: Mapping[str, Any]) -> Any:
    try:
        return schema.load(values)
    except ValidationError as error:
        raise ConfigurationError(_explain(section, error, values)) from None


def _explain(section: str, error: ValidationError, values: Mapping[str, Any]) -> str:
    lines = []
    for key, found, message in _flat(error.messages_dict, values):
        name = f"[{section}] {key}" if section else key
        variable = f"{PREFIX}{section}__{key}".upper() if section and "." not in key else ""
        shown = "" if found is None or _secret(key) else f" (found {found!r})"
        lines.append(f"{name}{shown}: {message}" + (f" [or {variable}]" if variable and found is not None else ""))
    return "; ".join(lines)


def _flat(messages: Mapping[str, Any], values: Any, prefix: str = "") -> list[tuple[str, Any, str]]:
    rows: list[tuple[str, Any, str]] = []
    for key, value in messages.items():
        inner = values.get(key) if isinstance(values, Mapping) else None
        if isinstance(value, Mapping):
            rows += _flat(value, inner, f"{prefix}{key}.")
        else:
            rows.append((f"{prefix}{key}", inner, " ".join(str(part) for part in value)))
    return rows


def _secret(key: str) -> bool:
    return any(word in key.lower() for word in _SECRET_WORDS)


def _window(text: str, day: str) -> tuple[time, time]:
    try:
        start, end = (part.strip() for part in text.split("-"))
        opening = time.fromisoformat(start)
        closing = time.max if end == "24:00" else time.fromisoformat(end)
    except ValueError:
        raise ValidationError("must look like 09:00-18:00", day) from None
    if opening >= closing:
        raise ValidationError("must open before it closes", day)
    return opening, closing
