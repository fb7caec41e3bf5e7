"""The form of a chain: what was typed, kept as text, and the definition it makes.

Fields of a step are called `s<step>-<what>`, its texts `s<step>-<language>-<what>`, the first step being 0. Which step
follows is said by number, so that a step may get another key: empty is the next one, `end` is none.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from deskside.errors import Malformed
from push.chains.definition import EXITS, MOST_STEPS
from push.contents import is_language
from webhooks.pages.push.numbers import read_number, read_whole

TEXTS = ("title", "body", "url")
SPANS = ("days", "hours", "minutes")
WAYS = ("following", "clicked")
NAMED = ("name", "entry", "topic", "again")
END = "end"
MOST_LANGUAGES = 12
LONGEST = {"name": 120, "key": 40, "title": 200, "body": 1000}
_LONGEST_FIELD = 2000
_PLAIN = (*SPANS, "key", "from", "to", "late", *WAYS)
_WEEK = range(7)


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed: the text of each field; boxes that are ticked have a text."""

    text: Mapping[str, str]
    steps: int = 1
    tongues: tuple[str, ...] = ("en",)

    def get(self, step: int, what: str) -> str:
        """A field of one step."""
        return self.text.get(f"s{step}-{what}", "")

    @property
    def days(self) -> Sequence[Sequence[int]]:
        """The weekdays of each step."""
        return [[day for day in _WEEK if self.get(step, f"day{day}")] for step in range(self.steps)]


def blank(language: str) -> Typed:
    """A new chain of one step, five minutes after the entry."""
    text = {"name": "", "entry": "subscribed", "topic": "", "again": "", "exit-clicked": ""}
    return Typed({**text, **_of_step({"key": "step-1", "after": {"minutes": 5}}, 0, ("step-1",))}, 1, (language,))


def read(form: Mapping[str, str], do: str = "") -> Typed:
    """What a form says, changed as the button `do` asks: a step or a language more or less, or a step further up."""
    tongues = tuple(name for name in form.get("tongues", "").split(",") if is_language(name))[:MOST_LANGUAGES]
    typed = Typed({}, min(MOST_STEPS, max(1, read_number(form.get("steps", ""), 1))), tongues or ("en",))
    names = [*NAMED, *(f"exit-{rule}" for rule in EXITS)]
    names += [name for step in range(typed.steps) for name in _names(typed, step)]
    text = {name: form.get(name, "").replace("\r\n", "\n")[:_LONGEST_FIELD] for name in names}
    return _changed(replace(typed, text=text), do, form.get("new_tongue", "").strip())


def of_chain(row: Any, definition: Mapping[str, Any]) -> Typed:
    """A chain as its form shows it."""
    steps = definition["steps"]
    keys = tuple(step["key"] for step in steps)
    tongues = tuple(dict.fromkeys(tongue for step in steps for tongue in step["contents"]))
    again = "" if row.again_days is None else str(row.again_days)
    text = {"name": row.name, "entry": row.entry, "topic": row.topic or "", "again": again}
    text |= {f"exit-{rule}": "1" for rule in definition.get("exits", ())}
    for number, step in enumerate(steps):
        text |= _of_step(step, number, keys)
    return Typed(text, len(steps), tongues)


def definition_of(typed: Typed, base: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The definition that was typed, not yet checked as a whole. Raises Malformed where a field cannot be read.

    What the form has no field for is kept as it is in `base`: by the key of the step, and the language of the text.
    """
    known = {step["key"]: step for step in base["steps"]} if base else {}
    keys = [typed.get(step, "key").strip() for step in range(typed.steps)]
    steps = [_step(typed, number, keys, known.get(key, {})) for number, key in enumerate(keys)]
    exits = [rule for rule in EXITS if typed.text.get(f"exit-{rule}")]
    return {"steps": steps, "exits": exits}


def again_days(typed: Typed) -> int | None:
    """After how many days a person may come in again; None is never. Raises Malformed."""
    return (
        read_whole(typed.text["again"], "the days until somebody may come in again")
        if typed.text["again"].strip()
        else None
    )


def name_of(typed: Typed) -> str:
    """Its name. Raises Malformed."""
    name = typed.text["name"].strip()
    if not 0 < len(name) <= LONGEST["name"]:
        raise Malformed(f"a chain needs a name of 1 to {LONGEST['name']} characters")
    return name


def _names(typed: Typed, step: int) -> list[str]:
    whats = [
        *_PLAIN,
        *(f"day{day}" for day in _WEEK),
        *(f"{tongue}-{what}" for tongue in typed.tongues for what in TEXTS),
    ]
    return [f"s{step}-{what}" for what in whats]


def _step(typed: Typed, number: int, keys: Sequence[str], known: Mapping[str, Any]) -> dict[str, Any]:
    where = f"step {number + 1}"
    after = {span: read_whole(typed.get(number, span) or "0", f"{where}: {span}") for span in SPANS}
    made: dict[str, Any] = {
        **{name: value for name, value in known.items() if name == "urgency"},
        "key": keys[number],
        "after": {span: value for span, value in after.items() if value},
        "late_minutes": read_whole(typed.get(number, "late"), f"{where}: the late limit"),
        "contents": _contents(typed, number, known.get("contents", {})),
    }
    start, end = typed.get(number, "from").strip(), typed.get(number, "to").strip()
    days = typed.days[number]
    if start or end:
        made["window"] = f"{start}-{end}"
        if days and len(days) < len(_WEEK):
            made["days"] = days
    elif days and len(days) < len(_WEEK):
        raise Malformed(f"{where}: weekdays need a window of the day")
    for way in WAYS:
        chosen = typed.get(number, way)
        if chosen:
            made[way] = "" if chosen == END else _key(chosen, keys, where)
    return made


def _contents(typed: Typed, number: int, known: Mapping[str, Any]) -> dict[str, Any]:
    """Texts in each language in which something is written; a link that is not said is that of the first."""
    texts = {
        tongue: {what: typed.get(number, f"{tongue}-{what}").strip() for what in TEXTS} for tongue in typed.tongues
    }
    first = texts[typed.tongues[0]]
    written = {tongue: text for tongue, text in texts.items() if text is first or text["title"] or text["body"]}
    return {
        tongue: {**known.get(tongue, {}), **text, "url": text["url"] or first["url"]}
        for tongue, text in written.items()
    }


def _of_step(step: Mapping[str, Any], number: int, keys: Sequence[str]) -> dict[str, str]:
    start, _, end = step.get("window", "").partition("-")
    values = {"key": step["key"], "from": start, "to": end, "late": str(step.get("late_minutes", 360))}
    values |= {span: _shown(step["after"].get(span)) for span in SPANS}
    values |= {f"day{day}": "1" for day in step.get("days") or ()}
    for way in WAYS:
        chosen = step.get(way)
        values[way] = "" if chosen is None else END if chosen == "" else str(keys.index(chosen))
    contents = list(step.get("contents", {}).items())
    for tongue, content in contents:
        same = content is not contents[0][1] and content["url"] == contents[0][1]["url"]
        texts = {"title": content["title"], "body": content.get("body", ""), "url": "" if same else content["url"]}
        values |= {f"{tongue}-{what}": value for what, value in texts.items()}
    return {f"s{number}-{what}": value for what, value in values.items()}


def _changed(typed: Typed, do: str, tongue: str) -> Typed:
    what, _, which = do.partition(":")
    number = read_number(which, -1)
    order = list(range(typed.steps))
    if what == "add" and typed.steps < MOST_STEPS:
        return _added(typed)
    if what == "remove" and typed.steps > 1 and number in order:
        return _ordered(typed, [step for step in order if step != number])
    if what == "up" and 0 < number < typed.steps:
        order[number - 1 : number + 1] = [number, number - 1]
        return _ordered(typed, order)
    if what == "more-languages" and is_language(tongue) and len(typed.tongues) < MOST_LANGUAGES:
        return replace(typed, tongues=tuple(dict.fromkeys((*typed.tongues, tongue))))
    if what == "fewer-languages" and len(typed.tongues) > 1:
        return replace(typed, tongues=typed.tongues[:-1])
    return typed


def _added(typed: Typed) -> Typed:
    taken = {typed.get(step, "key") for step in range(typed.steps)}
    key = next(name for number in range(typed.steps + 1, 1000) if (name := f"step-{number}") not in taken)
    new = _of_step({"key": key, "after": {"days": 1}}, typed.steps, (key,))
    return replace(typed, steps=typed.steps + 1, text={**typed.text, **new})


def _ordered(typed: Typed, order: Sequence[int]) -> Typed:
    """The steps in this order; a way to one that is left out, or that comes earlier now, is the usual one again."""
    text = {name: value for name, value in typed.text.items() if not re.match(r"s\d+-", name)}
    places = {old: new for new, old in enumerate(order)}
    for new, old in enumerate(order):
        for name in _names(typed, old):
            what = name.partition("-")[2]
            value = typed.text.get(name, "")
            if what in WAYS and value.isdecimal():
                place = places.get(int(value), -1)
                value = str(place) if place > new else ""
            text[f"s{new}-{what}"] = value
    return replace(typed, text=text, steps=len(order))


def _key(chosen: str, keys: Sequence[str], where: str) -> str:
    number = read_number(chosen, -1)
    if not 0 <= number < len(keys):
        raise Malformed(f"{where}: there is no such step to go on with")
    return keys[number]


def _shown(number: int | None) -> str:
    return str(number) if number else ""
