"""Configuration: `deskside.toml`, overlaid by the environment, checked by marshmallow.

Every key `[section] key` can come from `DESKSIDE_<SECTION>__<KEY>`, a key inside a table of a section from one part
more (`DESKSIDE_QUEUE__CALENDAR__MON`), a key outside any section from `DESKSIDE_<KEY>`; a list is one text with
commas. The environment wins. A plug-in's section is checked by the schema the plug-in brings; a section that nobody
claims is an error.
"""

import os
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import sqlalchemy as sa
from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate, validates, validates_schema

from deskside.errors import ConfigurationError
from deskside.order.calendar import WorkingTime
from deskside.order.key import Caps
from deskside.order.pools import PoolRule

PREFIX = "DESKSIDE_"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_UNKNOWN = "is no key Deskside knows; there are "
_SECRET_WORDS = ("secret", "password", "token", "key", "vantages")


class Several(fields.List[Any]):
    """A list; from the environment one text with commas."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        return super()._deserialize(_parts(value) if isinstance(value, str) else value, attr, data, **kwargs)


class Whole(fields.Integer):
    """A whole number, or text that is one: 1.5 is refused, not cut."""

    def _validated(self, value: Any) -> int:
        if isinstance(value, float) and not value.is_integer():
            raise self.make_error("invalid", input=value)
        return int(super()._validated(value))


def _price() -> fields.Decimal:
    return fields.Decimal(places=2, validate=validate.Range(Decimal("0.01"), Decimal(1_000_000)))


class SectionSchema(Schema):
    """Base of every section: an unknown key is an error, because it is most likely a misspelt one."""

    class Meta:
        unknown = RAISE


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


class CalendarSchema(SectionSchema):
    """`[queue.calendar]`: without a weekday the desk is open around the clock."""

    timezone = fields.String(load_default="UTC")
    holidays = Several(fields.Date(), load_default=list)
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


class PoolSchema(SectionSchema):
    """`[[queue.pools]]`: a pool, and what the tickets in it are like; see `deskside.order.pools`."""

    name = fields.String(required=True, validate=validate.Length(1, 120))
    groups = Several(fields.String(), load_default=list)
    tags = Several(fields.String(), load_default=list)
    languages = Several(fields.String(), load_default=list)
    where = fields.Dict(keys=fields.String(), values=Several(fields.String()), load_default=dict)
    calendar = fields.String(load_default="")


class BoostsSchema(SectionSchema):
    """`[queue.boosts]`: what a client pays for a better place, by the currency of the client's invoices.

    A move without a price is not sold. An invoice that nobody paid for `open_hours` is cancelled.
    """

    front = fields.Dict(keys=fields.String(), values=_price(), load_default=dict)
    second = fields.Dict(keys=fields.String(), values=_price(), load_default=dict)
    taxed = fields.Boolean(load_default=False)
    open_hours = Whole(load_default=24, validate=validate.Range(1, 24 * 30))

    @post_load
    def _currencies(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        # From the environment the names come in lower case.
        for kind in ("front", "second"):
            data[kind] = {currency.strip().upper(): price for currency, price in data[kind].items()}
        return data


class QueueSchema(SectionSchema):
    """`[queue]`"""

    commercial_minutes = Whole(load_default=240, validate=validate.Range(0, 100_000))
    contract_minutes = Whole(load_default=480, validate=validate.Range(0, 100_000))
    emergency_minutes = Whole(load_default=4320, validate=validate.Range(0, 1_000_000))
    max_overtaken = Whole(load_default=150, validate=validate.Range(0))
    vip_tags = Several(fields.String(), load_default=lambda: ["vip"])
    vip_minutes = Whole(load_default=60, validate=validate.Range(0))
    complaint_tags = Several(fields.String(), load_default=lambda: ["complaint"])
    complaint_minutes = Whole(load_default=60, validate=validate.Range(0))
    contact_tags = Several(fields.String(), load_default=lambda: ["authorised_contact"])
    contact_minutes = Whole(load_default=15, validate=validate.Range(0))
    reopened_minutes = Whole(load_default=45, validate=validate.Range(0))
    carried_minutes = Whole(load_default=120, validate=validate.Range(0))
    since_field = fields.String(load_default="client_since")
    tenure_minutes = Whole(load_default=30, validate=validate.Range(0))
    spend_field = fields.String(load_default="monthly_spend")
    spend_minutes = Whole(load_default=45, validate=validate.Range(0))
    seldom_minutes = Whole(load_default=30, validate=validate.Range(0))
    incident_minutes = Whole(load_default=30, validate=validate.Range(0))
    claim_minutes = Whole(load_default=15, validate=validate.Range(1, 1440))
    unfairness_minutes = Whole(load_default=120, validate=validate.Range(0))
    plan_field = fields.String(load_default="plan")
    plan_minutes = fields.Dict(keys=fields.String(), values=Whole(validate=validate.Range(0)), load_default=dict)
    calendar = fields.Nested(CalendarSchema, load_default=lambda: CalendarSchema().load({}))
    calendars = fields.Dict(keys=fields.String(), values=fields.Nested(CalendarSchema), load_default=dict)
    boosts = fields.Nested(BoostsSchema, load_default=lambda: BoostsSchema().load({}))
    pools = fields.List(fields.Nested(PoolSchema), load_default=list)

    @validates_schema
    def _check_pools(self, data: dict[str, Any], **_: Any) -> None:
        calendars: dict[str, str] = {}
        for pool in data["pools"]:
            if pool["calendar"] and pool["calendar"] not in data["calendars"]:
                there = ", ".join(sorted(data["calendars"])) or "none"
                raise ValidationError(
                    f"the pool {pool['name']} has the calendar {pool['calendar']}; there are {there}", "pools"
                )
            if calendars.setdefault(pool["name"], pool["calendar"]) != pool["calendar"]:
                raise ValidationError(f"the pool {pool['name']} has two calendars: a pool has one clock", "pools")

    @validates_schema
    def _check(self, data: dict[str, Any], **_: Any) -> None:
        if not data["commercial_minutes"] <= data["contract_minutes"] <= data["emergency_minutes"]:
            raise ValidationError(
                f"{data['contract_minutes']} must not be less than commercial_minutes ({data['commercial_minutes']}), "
                f"nor more than emergency_minutes ({data['emergency_minutes']})",
                "contract_minutes",
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
            raise ConfigurationError(
                f"[{unknown[0]}] (or {PREFIX}{unknown[0].upper()}__…) is no section Deskside knows; there are {known}"
            )

    @property
    def working_time(self) -> WorkingTime:
        """The common calendar of the queue."""
        return _working_time(self.queue["calendar"])

    @property
    def calendars(self) -> Mapping[str, WorkingTime]:
        """All calendars of the queue by name; the common one is ""."""
        named = {name: _working_time(calendar) for name, calendar in self.queue["calendars"].items()}
        return {"": self.working_time, **named}

    @property
    def pool_rules(self) -> tuple[PoolRule, ...]:
        """Which tickets are in which pool."""
        return tuple(
            PoolRule(
                name=pool["name"],
                groups=_lower(pool["groups"]),
                tags=_lower(pool["tags"]),
                languages=_lower(pool["languages"]),
                fields={name: _lower(values) for name, values in pool["where"].items()},
                calendar=pool["calendar"],
            )
            for pool in self.queue["pools"]
        )

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
    _name_keys(schema)
    try:
        return schema.load(values)
    except ValidationError as error:
        raise ConfigurationError(_explain(section, error, values)) from None


def _name_keys(schema: Schema) -> None:
    schema.error_messages = {**schema.error_messages, "unknown": f"{_UNKNOWN}{', '.join(sorted(schema.fields))}"}
    for field in schema.fields.values():
        if isinstance(field, fields.Nested):
            _name_keys(field.schema)


def _explain(section: str, error: ValidationError, values: Mapping[str, Any]) -> str:
    lines = []
    for keys, found, message in _flat(error.messages_dict, values):
        key = ".".join(keys)
        name = f"[{section}] {key}" if section else key
        if message.startswith(_UNKNOWN):
            # A misspelt key may be that of a secret.
            lines.append(f"{name} {message}")
            continue
        shown = "" if found is None or _secret(key, found) else f" (found {found!r})"
        variable = PREFIX + "__".join([section, *keys] if section else keys).upper()
        lines.append(f"{name}{shown}: {message} [or {variable}]")
    return "; ".join(lines)


def _flat(
    messages: Mapping[Any, Any], values: Any, above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any, str]]:
    for key, value in messages.items():
        if isinstance(key, int) and isinstance(value, Mapping):
            # One table of a list of tables: what was found there may be a secret, and is not shown.
            for keys, _, message in _flat(value, None):
                yield above, None, f"number {key + 1}, {'.'.join(keys)}: {message}"
            continue
        if isinstance(key, int):
            # One item of a list: the list is what is named, the item what was found.
            yield above, _parts(values)[key], _sentence(value)
            continue
        inner = values.get(key) if isinstance(values, Mapping) else None
        keys = (*above, str(key))
        if isinstance(value, Mapping) and not isinstance(inner, Mapping) and set(value) <= {"value", "_schema"}:
            # So marshmallow names what is wrong with a value of a dictionary, and with a table that is none.
            yield keys, inner, _sentence(next(iter(value.values())))
        elif isinstance(value, Mapping):
            yield from _flat(value, inner, keys)
        else:
            yield keys, inner, _sentence(value)


def _sentence(messages: Any) -> str:
    return " ".join(str(part) for part in messages)


def _parts(value: Any) -> list[Any]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return list(value)


def _secret(key: str, found: Any) -> bool:
    if "url" in key.lower():
        # An address is shown unless it may carry a password.
        return any(mark in str(found) for mark in "@?")
    return any(word in key.lower() for word in _SECRET_WORDS)


def _lower(texts: Sequence[str]) -> frozenset[str]:
    return frozenset(text.strip().lower() for text in texts)


def _working_time(calendar: Mapping[str, Any]) -> WorkingTime:
    windows = {index: _window(calendar[day], day) for index, day in enumerate(DAYS) if day in calendar}
    return WorkingTime(ZoneInfo(calendar["timezone"]), windows, tuple(sorted(calendar["holidays"])))


def _window(text: str, day: str) -> tuple[time, time]:
    try:
        start, end = (part.strip() for part in text.split("-"))
        opening = time.fromisoformat(start)
        closing = time.max if end == "24:00" else time.fromisoformat(end)
    except ValueError:
        raise ValidationError("must look like 09:00-18:00", day) from None
    if opening.tzinfo or closing.tzinfo:
        raise ValidationError("must look like 09:00-18:00; its zone is `timezone`", day)
    if opening >= closing:
        raise ValidationError("must open before it closes", day)
    return opening, closing
