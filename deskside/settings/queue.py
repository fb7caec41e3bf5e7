"""`[queue]`: the weights, the calendars and the pools."""

from collections.abc import Mapping, Sequence
from datetime import time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from deskside.order.calendar import WorkingTime
from deskside.order.pools import PoolRule
from deskside.settings.schema import SectionSchema, Several, Whole

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


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


def _price() -> fields.Decimal:
    return fields.Decimal(places=2, validate=validate.Range(Decimal("0.01"), Decimal(1_000_000)))


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


def working_time(calendar: Mapping[str, Any]) -> WorkingTime:
    """The working time of a loaded `CalendarSchema`."""
    windows = {index: _window(calendar[day], day) for index, day in enumerate(DAYS) if day in calendar}
    return WorkingTime(ZoneInfo(calendar["timezone"]), windows, tuple(sorted(calendar["holidays"])))


def pool_rule(pool: Mapping[str, Any]) -> PoolRule:
    """The rule of a loaded `PoolSchema`."""
    return PoolRule(
        name=pool["name"],
        groups=_lower(pool["groups"]),
        tags=_lower(pool["tags"]),
        languages=_lower(pool["languages"]),
        fields={name: _lower(values) for name, values in pool["where"].items()},
        calendar=pool["calendar"],
    )


def _lower(texts: Sequence[str]) -> frozenset[str]:
    return frozenset(text.strip().lower() for text in texts)


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
