"""What a campaign is made of, checked, and its form in the store (JSON)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from deskside.errors import Malformed
from push.contents import check_content, is_language, read_content
from push.model import Kind, Variant, Window
from push.sending import windows

# What a campaign may be for; steps are of chains, tests of everything.
KINDS = (Kind.PROMO, Kind.DIGEST, Kind.POLL, Kind.SERVICE, Kind.INCIDENT)
MOST_VARIANTS = 4
MOST_HOURS = 24 * 28


class When(StrEnum):
    """At once, at an instant, at a time of each person's own day, or spread over a window of a day."""

    NOW = "now"
    AT = "at"
    LOCAL = "local"
    WINDOW = "window"


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a campaign is sent.

    `at` is the instant of AT. `day` and `time_of_day` are those of LOCAL in each person's own zone; `day` and `window`
    those of WINDOW, in the zone `zone`, in each person's own where that is empty. `hours` is how long a message sent
    NOW or AT is of use.
    """

    when: When = When.NOW
    at: datetime | None = None
    day: date | None = None
    time_of_day: time | None = None
    window: Window | None = None
    zone: str = ""
    hours: int = 24


@dataclass(frozen=True, slots=True)
class Rule:
    """An attribute of the desk that must be one of `values` (case does not matter), or, with `not_`, none of them."""

    name: str
    values: tuple[str, ...]
    not_: bool = False

    def holds(self, attributes: Mapping[str, Any]) -> bool:
        """Whether somebody with these attributes is meant; of a list, one item is enough."""
        found = attributes.get(self.name)
        texts = {str(item).casefold() for item in (found if isinstance(found, list) else [found]) if item is not None}
        return bool(texts & {value.casefold() for value in self.values}) is not self.not_


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a campaign is for, besides its topic: these languages (none: all), and every rule."""

    languages: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A campaign as a person writes it. `made_from` is the digest or poll it tells of."""

    name: str
    kind: Kind
    variants: tuple[Variant, ...]
    topic: str | None = None
    audience: Audience = field(default_factory=Audience)
    schedule: Schedule = field(default_factory=Schedule)
    late_minutes: int = 60
    made_from: str = ""


def check(draft: Draft) -> None:
    """Raise Malformed, naming what is wrong, unless this can be sent."""
    _require(0 < len(draft.name.strip()) <= 120, "the name must have 1 to 120 characters")
    _require(draft.kind in KINDS, f"the kind must be one of {', '.join(KINDS)}")
    _require(0 < len(draft.variants) <= MOST_VARIANTS, f"there must be 1 to {MOST_VARIANTS} variants")
    names = [variant.name for variant in draft.variants]
    _require(len(set(names)) == len(names) and all(names), "each variant needs a name of its own")
    _require(0 <= draft.late_minutes <= 10_080, "the late limit must be 0 to 10080 minutes")
    for variant in draft.variants:
        _require(bool(variant.contents), f"variant {variant.name}: there is no text in any language")
        for language, content in variant.contents.items():
            where = f"variant {variant.name}, {language}"
            _require(is_language(language), f"{where}: this is no language tag such as en or pt-BR")
            check_content(content, where)
    for language in draft.audience.languages:
        _require(is_language(language), f"{language} is no language tag such as en or pt-BR")
    for rule in draft.audience.rules:
        _require(bool(rule.name and rule.values), "a rule needs an attribute and at least one value")
    check_schedule(draft.schedule)


def check_schedule(schedule: Schedule) -> None:
    """Raise Malformed unless everything that this kind of schedule needs is said."""
    needed: dict[When, tuple[str, ...]] = {
        When.NOW: (),
        When.AT: ("at",),
        When.LOCAL: ("day", "time_of_day"),
        When.WINDOW: ("day", "window"),
    }
    for name in needed[schedule.when]:
        _require(getattr(schedule, name) is not None, f"a campaign that is sent '{schedule.when}' needs its {name}")
    _require(schedule.at is None or schedule.at.tzinfo is not None, "the instant needs its time zone")
    _require(0 < schedule.hours <= MOST_HOURS, f"it can be of use for 1 to {MOST_HOURS} hours")
    _require(not schedule.zone or windows.zone(schedule.zone) is not None, f"{schedule.zone} is no time zone")
    if schedule.when is When.WINDOW and schedule.window is not None and schedule.day is not None:
        opens = windows.span(schedule.window, schedule.day, ZoneInfo(schedule.zone or "UTC"))
        _require(opens is not None, "its window does not open on that day")


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Malformed(otherwise)


def variants_as_json(variants: Sequence[Variant]) -> list[dict[str, Any]]:
    """The form of `campaign.variants`."""
    return [
        {"name": variant.name, "contents": {name: asdict(content) for name, content in variant.contents.items()}}
        for variant in variants
    ]


def read_variant(stored: Mapping[str, Any]) -> Variant:
    """One item of `campaign.variants`."""
    return Variant(stored["name"], {name: read_content(content) for name, content in stored["contents"].items()})


def audience_as_json(audience: Audience) -> dict[str, Any]:
    """The form of `campaign.audience`."""
    rules = [{"name": rule.name, "values": list(rule.values), "not": rule.not_} for rule in audience.rules]
    return {"languages": list(audience.languages), "rules": rules}


def read_audience(stored: Mapping[str, Any]) -> Audience:
    """An audience from the store."""
    rules = tuple(Rule(rule["name"], tuple(rule["values"]), rule["not"]) for rule in stored.get("rules", ()))
    return Audience(tuple(stored.get("languages", ())), rules)


def schedule_as_json(schedule: Schedule) -> dict[str, Any]:
    """The form of `campaign.schedule`; only what is said."""
    said: dict[str, Any] = {"when": schedule.when.value, "hours": schedule.hours}
    if schedule.at is not None:
        said["at"] = schedule.at.astimezone(UTC).isoformat()
    if schedule.day is not None:
        said["day"] = schedule.day.isoformat()
    if schedule.time_of_day is not None:
        said["time"] = schedule.time_of_day.isoformat()
    if schedule.window is not None:
        window = schedule.window
        said["window"] = [window.start.isoformat(), window.end.isoformat(), sorted(window.days)]
    if schedule.zone:
        said["zone"] = schedule.zone
    return said


def read_schedule(stored: Mapping[str, Any]) -> Schedule:
    """A schedule from the store."""
    window = stored.get("window")
    return Schedule(
        when=When(stored["when"]),
        at=datetime.fromisoformat(stored["at"]) if "at" in stored else None,
        day=date.fromisoformat(stored["day"]) if "day" in stored else None,
        time_of_day=time.fromisoformat(stored["time"]) if "time" in stored else None,
        window=Window(time.fromisoformat(window[0]), time.fromisoformat(window[1]), frozenset(window[2]))
        if window
        else None,
        zone=stored.get("zone", ""),
        hours=stored["hours"],
    )
