"""Configuration: `deskside.toml`, overlaid by the environment, checked by marshmallow.

Every key `[section] key` can come from `DESKSIDE_<SECTION>__<KEY>`, a key inside a table of a section from one part
more (`DESKSIDE_QUEUE__CALENDAR__MON`), a key outside any section from `DESKSIDE_<KEY>`; a list is one text with
commas. The environment wins. A plug-in's section is checked by the schema the plug-in brings; a section that nobody
claims is an error.
"""

import os
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from marshmallow import Schema, ValidationError, fields, validate, validates

from deskside.errors import ConfigurationError
from deskside.order.calendar import WorkingTime
from deskside.order.key import Caps
from deskside.order.pools import PoolRule
from deskside.settings.queue import QueueSchema, pool_rule, working_time
from deskside.settings.schema import SectionSchema, Whole
from deskside.settings.wrong import PREFIX, explain, name_keys


class DatabaseSchema(SectionSchema):
    """`[database]`"""

    url = fields.String(load_default="sqlite:///deskside.db")

    @validates("url")
    def _check(self, value: str, data_key: str) -> None:
        try:
            url = sa.make_url(value)
            named = url.drivername == "postgresql+psycopg" or (
                url.drivername == "sqlite" and url.database not in (None, "", ":memory:")
            )
        except (sa.exc.ArgumentError, ValueError):
            named = False
        if not named:
            raise ValidationError(
                "must be a SQLite file (sqlite:////var/lib/deskside/deskside.db) or a PostgreSQL database "
                "(postgresql+psycopg://user:password@host/name)"
            )


class WebSchema(SectionSchema):
    """`[web]`"""

    host = fields.String(load_default="127.0.0.1")
    port = Whole(load_default=8642, validate=validate.Range(1, 65535))
    base_url = fields.Url(
        load_default=None,
        allow_none=True,
        require_tld=False,
        schemes={"http", "https"},
        error_messages={"invalid": "must be an address such as https://deskside.example.com"},
    )
    secret_key = fields.String(load_default="", validate=validate.Length(max=200))
    threads = Whole(load_default=16, validate=validate.Range(2, 64))
    workers = Whole(load_default=2, validate=validate.Range(1, 16))
    trusted_proxies = Whole(load_default=0, validate=validate.Range(0, 5))


class JobsSchema(SectionSchema):
    """`[jobs]`"""

    threads = Whole(load_default=8, validate=validate.Range(1, 64))
    reconcile_seconds = Whole(load_default=60, validate=validate.Range(1, 3600))
    stalled_seconds = fields.Float(load_default=30.0, validate=validate.Range(1, 3600))
    quiet_seconds = fields.Float(load_default=20.0, validate=validate.Range(0, 600))
    keep_days = Whole(load_default=30, validate=validate.Range(1, 3650))


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

    def subsection(self, name: str, values: Mapping[str, Any], schema: type[Schema]) -> Any:
        """A table inside a section, `name` with its dots, checked by a plug-in's schema. Raises ConfigurationError."""
        return _load(name, schema(), dict(values))

    def claim(self, names: Collection[str]) -> None:
        """Raise ConfigurationError when there is a section that neither the core nor any of `names` knows."""
        unknown = sorted(set(self.raw) - set(names))
        if unknown:
            known = ", ".join(sorted({*CORE, *names}))
            raise ConfigurationError(
                f"[{unknown[0]}] (or {PREFIX}{unknown[0].upper()}__…) is no section Deskside knows; there are {known}"
            )

    @property
    def working_time(self) -> WorkingTime:
        """The common calendar of the queue."""
        return working_time(self.queue["calendar"])

    @property
    def calendars(self) -> Mapping[str, WorkingTime]:
        """All calendars of the queue by name; the common one is ""."""
        named = {name: working_time(calendar) for name, calendar in self.queue["calendars"].items()}
        return {"": self.working_time, **named}

    @property
    def pool_rules(self) -> tuple[PoolRule, ...]:
        """Which tickets are in which pool."""
        return tuple(pool_rule(pool) for pool in self.queue["pools"])

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
    _overlay(document, environment)
    top = {key: value for key, value in document.items() if not isinstance(value, dict)}
    for name in CORE:
        if name in top:
            raise ConfigurationError(f"{name} must be a section: write [{name}] on a line of its own")
    sections = {key: value for key, value in document.items() if isinstance(value, dict)}
    loaded = {name: _load(name, schema(), sections.pop(name, {})) for name, schema in CORE.items()}
    return Settings(**loaded, language=_load("", TopSchema(), top)["language"], raw=sections)


def _overlay(document: dict[str, Any], environment: Mapping[str, str]) -> None:
    for name in sorted(environment):
        keys = name.removeprefix(PREFIX).lower().split("__")
        if not name.startswith(PREFIX) or not all(keys):
            continue
        if len(keys) == 1 and keys[0] not in TopSchema().fields:
            # DESKSIDE_CONFIG, and whatever else of that name is no key.
            continue
        table = document
        for depth, key in enumerate(keys[:-1], start=1):
            table = table.setdefault(key, {})
            if not isinstance(table, dict):
                raise ConfigurationError(
                    f"{name}: {'.'.join(keys[:depth])} is no table, so it has no key {keys[depth]}"
                )
        table[keys[-1]] = environment[name]


def _read(path: Path | None, environment: Mapping[str, str]) -> dict[str, Any]:
    named = path or (Path(environment[f"{PREFIX}CONFIG"]) if f"{PREFIX}CONFIG" in environment else None)
    path = named or Path("deskside.toml")
    if named is None and not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise ConfigurationError(f"cannot read the configuration {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is not valid TOML: {error}") from error


def _load(section: str, schema: Schema, values: Mapping[str, Any]) -> Any:
    name_keys(schema)
    try:
        return schema.load(values)
    except ValidationError as error:
        raise ConfigurationError(explain(section, error, values)) from None
