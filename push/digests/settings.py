"""`[digest]`: when a digest is drafted, what may stand in it, and how its candidates are weighed."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from deskside.settings.queue import DAYS
from deskside.settings.schema import SectionSchema, Whole

PARTS = ("votes", "freshness", "relevance", "engagement")


@dataclass(frozen=True, slots=True)
class Schedule:
    """Drafted at `at` of the local day, on `weekday` (0 is Monday), or every day where that is None."""

    at: time
    weekday: int | None = None


@dataclass(frozen=True, slots=True)
class DigestSettings:
    """What `[digest]` says.

    `weights` are those of the parts of the score, by name; they add up to 1. `min_items` make a digest worth sending,
    and so does a single one whose score is at least that of `lead_percentile` of the past leads. `fallback_language`
    is what people may be given who read another language, empty for nothing. `by_rule_minutes` after a draft it is
    sent by itself; None leaves that to a person.
    """

    schedule: Schedule | None
    by_rule_minutes: int | None
    weights: Mapping[str, float]
    min_items: int
    most_items: int
    per_section: int
    diversity: float
    lead_percentile: float
    min_votes: int
    min_age: timedelta
    most_age: timedelta
    again_after: timedelta
    fallback_language: str


def read_schedule(text: str) -> Schedule | None:
    """A schedule from text such as `10:00` or `tue 10:00`; empty is none. Raises ValidationError."""
    words = text.lower().split()
    if not words:
        return None
    try:
        *day, clock = words
        at = time.fromisoformat(clock)
        weekday = DAYS.index(day[0]) if day else None
        if len(day) > 1 or at.tzinfo or at.second or len(clock) != 5:
            raise ValueError
    except ValueError:
        raise ValidationError("must be a time such as 10:00, or a day and a time such as tue 10:00") from None
    return Schedule(at, weekday)


def _schedule(text: str) -> None:
    read_schedule(text)


class DigestSchema(SectionSchema):
    """`[digest]`"""

    schedule = fields.String(load_default="", validate=_schedule)
    by_rule_minutes = Whole(load_default=None, allow_none=True, validate=validate.Range(5, 1440))
    weight_votes = fields.Float(load_default=0.45, validate=validate.Range(0, 1))
    weight_freshness = fields.Float(load_default=0.25, validate=validate.Range(0, 1))
    weight_relevance = fields.Float(load_default=0.20, validate=validate.Range(0, 1))
    weight_engagement = fields.Float(load_default=0.10, validate=validate.Range(0, 1))
    min_items = Whole(load_default=3, validate=validate.Range(1, 20))
    most_items = Whole(load_default=7, validate=validate.Range(1, 20))
    per_section = Whole(load_default=2, validate=validate.Range(1, 20))
    diversity = fields.Float(load_default=0.7, validate=validate.Range(0, 1))
    lead_percentile = fields.Float(load_default=0.8, validate=validate.Range(0, 1))
    min_votes = Whole(load_default=2, validate=validate.Range(0, 20))
    min_age_minutes = Whole(load_default=30, validate=validate.Range(0, 10_080))
    most_age_days = Whole(load_default=30, validate=validate.Range(1, 365))
    again_after_days = Whole(load_default=90, validate=validate.Range(1, 3650))
    fallback_language = fields.String(load_default="", validate=validate.Length(max=16))

    @validates_schema(skip_on_field_errors=True)
    def _sums_up(self, data: Mapping[str, Any], **_: Any) -> None:
        total = sum(data[f"weight_{part}"] for part in PARTS)
        if not math.isclose(total, 1.0, abs_tol=1e-6):
            raise ValidationError(f"the four weights must add up to 1, not {total:g}", "weight_votes")
        if data["min_items"] > data["most_items"]:
            raise ValidationError("must not be more than most_items", "min_items")

    @post_load
    def _settings(self, data: dict[str, Any], **_: Any) -> DigestSettings:
        return DigestSettings(
            schedule=read_schedule(data["schedule"]),
            by_rule_minutes=data["by_rule_minutes"],
            weights={part: data[f"weight_{part}"] for part in PARTS},
            min_items=data["min_items"],
            most_items=data["most_items"],
            per_section=data["per_section"],
            diversity=data["diversity"],
            lead_percentile=data["lead_percentile"],
            min_votes=data["min_votes"],
            min_age=timedelta(minutes=data["min_age_minutes"]),
            most_age=timedelta(days=data["most_age_days"]),
            again_after=timedelta(days=data["again_after_days"]),
            fallback_language=data["fallback_language"].lower(),
        )
