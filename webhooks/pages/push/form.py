"""The form of the composer: what was typed, kept as text, and the draft it makes.

Fields of a text are called `<variant>-<language>-<what>`, the first variant being 0. An empty link is that of the first
text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from deskside.errors import Malformed
from push.campaigns.definition import MOST_VARIANTS, Audience, Draft, Rule, Schedule, When
from push.contents import MOST_BUTTONS
from push.model import Button, Content, Kind, Variant, Window
from push.sending import windows
from webhooks.pages.push.numbers import read_number, read_whole

LONGEST = {"title": 200, "body": 1000, "name": 120}
_LONGEST_FIELD = 2000
MOST_LANGUAGES = 12
MOST_RULES = 10
VARIANTS = "ABCD"
TEXTS = ("title", "body", "url", "image", "icon", "badge", "b0-title", "b0-url", "b1-title", "b1-url")
# What another language begins with.
_PICTURES = ("image", "icon", "badge")
FIELDS = ("name", "kind", "topic", "languages", "when", "day", "time", "from", "to", "zone", "hours", "late")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
IS, IS_NOT = "is", "is not"


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed: the text of each field; `variants` texts in each of `tongues`, and `rules` rules."""

    text: Mapping[str, str]
    variants: int = 1
    tongues: tuple[str, ...] = ("en",)
    rules: int = 1

    def get(self, variant: int, tongue: str, what: str) -> str:
        """The field `what` of one text."""
        return self.text.get(f"{variant}-{tongue}-{what}", "")


def blank(language: str, zone: ZoneInfo, now: datetime) -> Typed:
    """A new campaign: for tomorrow at noon, when a time is wanted."""
    day = windows.next_day(now, zone).astimezone(zone).date()
    text = dict.fromkeys(FIELDS, "") | {
        "kind": Kind.PROMO.value,
        "when": When.NOW.value,
        "day": day.isoformat(),
        "time": "12:00",
        "from": "11:00",
    }
    return Typed({**text, "to": "14:00", "hours": "24", "late": "60"}, tongues=(language,))


def read(form: Mapping[str, str], do: str = "") -> Typed:
    """What a form says, changed as the button `do` asks: another variant, language or rule, or one less."""
    tongues = tuple(name for name in form.get("tongues", "").split(",") if _LANGUAGE.fullmatch(name))[:MOST_LANGUAGES]
    variants = min(MOST_VARIANTS, max(1, read_number(form.get("variants", ""), 1)))
    rules = min(MOST_RULES, max(1, read_number(form.get("rules", ""), 1)))
    found = Typed({}, variants, tongues or ("en",), rules)
    names = [*FIELDS, *(f"{v}-{tongue}-{what}" for v in range(variants) for tongue in found.tongues for what in TEXTS)]
    names += [f"rule{n}-{what}" for n in range(rules) for what in ("name", "is", "values")]
    text = {name: form.get(name, "").replace("\r\n", "\n")[:_LONGEST_FIELD] for name in names}
    return _grown(replace(found, text=text), do, form.get("new_tongue", "").strip())


def of_draft(draft: Draft, zone: ZoneInfo, now: datetime) -> Typed:
    """A draft as its form shows it."""
    tongues = tuple(dict.fromkeys(tongue for variant in draft.variants for tongue in variant.contents))
    text = dict(blank(tongues[0], zone, now).text)
    text |= {"name": draft.name, "kind": draft.kind.value, "topic": draft.topic or "", "late": str(draft.late_minutes)}
    text["languages"] = ", ".join(draft.audience.languages)
    text |= _of_schedule(draft.schedule, zone)
    first = next(iter(draft.variants[0].contents.values()))
    for number, variant in enumerate(draft.variants):
        for tongue, content in variant.contents.items():
            for what, value in _of_content(content).items():
                same = what == "url" and content is not first and value == first.url
                text[f"{number}-{tongue}-{what}"] = "" if same else value
    for number, rule in enumerate(draft.audience.rules):
        text |= {f"rule{number}-name": rule.name, f"rule{number}-values": ", ".join(rule.values)}
        text[f"rule{number}-is"] = IS_NOT if rule.not_ else IS
    return Typed(text, len(draft.variants), tongues, max(1, len(draft.audience.rules)))


def draft_of(typed: Typed, zone: ZoneInfo, made_from: str = "") -> Draft:
    """The draft that was typed, not yet checked as a whole. Raises Malformed where a field cannot be read."""
    text = typed.text
    kind = text["kind"] if text["kind"] in set(Kind) else Kind.PROMO.value
    return Draft(
        name=text["name"].strip(),
        kind=Kind(kind),
        variants=variants_of(typed),
        topic=text["topic"] or None,
        audience=Audience(_parts(text["languages"]), tuple(_rules(typed))),
        schedule=schedule_of(text, zone),
        late_minutes=read_whole(text["late"], "the late limit"),
        made_from=made_from,
    )


def variants_of(typed: Typed) -> tuple[Variant, ...]:
    """The texts that were typed; a language in which neither title nor text is there is left out."""
    found = []
    for number in range(typed.variants):
        tongues = [
            tongue
            for tongue in typed.tongues
            if any(typed.get(number, tongue, what).strip() for what in ("title", "body"))
        ]
        contents = {tongue: _content(typed, number, tongue) for tongue in tongues or typed.tongues[:1]}
        found.append(Variant(VARIANTS[number], contents))
    return tuple(found)


def _content(typed: Typed, number: int, tongue: str) -> Content:
    texts = {what: typed.get(number, tongue, what).strip() for what in TEXTS}
    texts["url"] = texts["url"] or typed.get(0, typed.tongues[0], "url").strip()
    pairs = [(texts[f"b{place}-title"], texts[f"b{place}-url"]) for place in range(MOST_BUTTONS)]
    return Content(
        title=texts["title"],
        body=texts["body"],
        url=texts["url"],
        icon=texts["icon"],
        image=texts["image"],
        badge=texts["badge"],
        buttons=tuple(Button(title, url) for title, url in pairs if title or url),
    )


def _of_content(content: Content) -> dict[str, str]:
    values = {what: getattr(content, what) for what in ("title", "body", "url", "image", "icon", "badge")}
    for place, button in enumerate(content.buttons):
        values |= {f"b{place}-title": button.title, f"b{place}-url": button.url}
    return values


def _rules(typed: Typed) -> list[Rule]:
    found = []
    for number in range(typed.rules):
        name, values = (typed.text.get(f"rule{number}-{what}", "").strip() for what in ("name", "values"))
        if name or values:
            found.append(Rule(name, _parts(values), typed.text.get(f"rule{number}-is") == IS_NOT))
    return found


def schedule_of(text: Mapping[str, str], zone: ZoneInfo) -> Schedule:
    """When it is to be sent; a moment for all is one of `zone`. Raises Malformed."""
    when = When(text["when"]) if text["when"] in set(When) else When.NOW
    hours = read_whole(text["hours"], "how long it is of use")
    if when is When.NOW:
        return Schedule(hours=hours)
    day = _day(text["day"])
    if when is When.AT:
        return Schedule(when, at=windows.instant(day, _time(text["time"]), zone), hours=hours)
    if when is When.LOCAL:
        return Schedule(when, day=day, time_of_day=_time(text["time"]), hours=hours)
    start, end = _time(text["from"]), _time(text["to"])
    if start == end:
        raise Malformed("a window needs two different times of the day")
    return Schedule(when, day=day, window=Window(start, end), zone=text["zone"].strip(), hours=hours)


def _of_schedule(schedule: Schedule, zone: ZoneInfo) -> dict[str, str]:
    text = {"when": schedule.when.value, "hours": str(schedule.hours), "zone": schedule.zone}
    if schedule.at is not None:
        local = schedule.at.astimezone(zone)
        text |= {"day": local.date().isoformat(), "time": f"{local:%H:%M}"}
    if schedule.day is not None:
        text["day"] = schedule.day.isoformat()
    if schedule.time_of_day is not None:
        text["time"] = f"{schedule.time_of_day:%H:%M}"
    if schedule.window is not None:
        text |= {"from": f"{schedule.window.start:%H:%M}", "to": f"{schedule.window.end:%H:%M}"}
    return text


def _grown(typed: Typed, do: str, tongue: str) -> Typed:
    """With one variant, language or rule more or less."""
    if do == "more-variants" and typed.variants < MOST_VARIANTS:
        # Another variant begins as a copy of the first: what is not changed is no difference.
        new = {
            f"{typed.variants}-{language}-{what}": typed.get(0, language, what)
            for language in typed.tongues
            for what in TEXTS
            if what != "url"
        }
        return replace(typed, variants=typed.variants + 1, text={**typed.text, **new})
    if do == "fewer-variants" and typed.variants > 1:
        return replace(typed, variants=typed.variants - 1)
    if do == "more-languages" and _LANGUAGE.fullmatch(tongue) and len(typed.tongues) < MOST_LANGUAGES:
        if tongue in typed.tongues:
            return typed
        new = {
            f"{number}-{tongue}-{what}": typed.get(number, typed.tongues[0], what)
            for number in range(typed.variants)
            for what in _PICTURES
        }
        return replace(typed, tongues=(*typed.tongues, tongue), text={**typed.text, **new})
    if do == "fewer-languages" and len(typed.tongues) > 1:
        return replace(typed, tongues=typed.tongues[:-1])
    if do == "more-rules" and typed.rules < MOST_RULES:
        return replace(typed, rules=typed.rules + 1)
    return typed


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Malformed("the day must be a date such as 2026-11-30") from None


def _time(text: str) -> time:
    try:
        found = time.fromisoformat(text)
    except ValueError:
        raise Malformed("a time of the day must be such as 11:30") from None
    if found.tzinfo is not None:
        raise Malformed("a time of the day must be such as 11:30")
    return found.replace(second=0, microsecond=0)
