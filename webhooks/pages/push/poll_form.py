"""The form of a poll: what was typed, kept as text, and the question it makes.

The question is `q-<language>`, an option `o<place>-<language>`, the first option being 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from deskside.errors import Malformed
from push.contents import is_language
from push.polls.polls import MOST_OPTIONS, Option, Question
from push.sending import windows

LEAST_OPTIONS = 2
MOST_LANGUAGES = 12
_LONGEST_FIELD = 400


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed: the text of each field, for so many options in each of `tongues`."""

    text: Mapping[str, str]
    options: int = LEAST_OPTIONS
    tongues: tuple[str, ...] = ("en",)

    def get(self, name: str) -> str:
        """A field."""
        return self.text.get(name, "")


def blank(language: str) -> Typed:
    """A new poll."""
    return Typed({}, LEAST_OPTIONS, (language,))


def read(form: Mapping[str, str], do: str = "") -> Typed:
    """What a form says, changed as the button `do` asks: an option or a language more or less."""
    tongues = tuple(name for name in form.get("tongues", "").split(",") if is_language(name))[:MOST_LANGUAGES]
    wanted = form.get("options", "")
    options = int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 4 else LEAST_OPTIONS
    typed = Typed({}, min(MOST_OPTIONS, max(LEAST_OPTIONS, options)), tongues or ("en",))
    names = ["name", "remarks", "day", "time", *(f"q-{tongue}" for tongue in typed.tongues)]
    names += [f"o{place}-{tongue}" for place in range(typed.options) for tongue in typed.tongues]
    return _changed(
        replace(typed, text={name: form.get(name, "")[:_LONGEST_FIELD] for name in names}),
        do,
        form.get("new_tongue", "").strip(),
    )


def question_of(typed: Typed) -> Question:
    """The question that was typed, not yet checked; an option in which nothing is written is left out."""
    options = [
        {tongue: typed.get(f"o{place}-{tongue}").strip() for tongue in typed.tongues} for place in range(typed.options)
    ]
    return Question(
        {tongue: typed.get(f"q-{tongue}").strip() for tongue in typed.tongues},
        [Option(titles) for titles in options if any(titles.values())],
        remarks=bool(typed.get("remarks")),
    )


def closes_at(typed: Typed, zone: ZoneInfo) -> datetime | None:
    """When it closes by itself, a moment of this zone; None is never. Raises Malformed."""
    day, at = typed.get("day").strip(), typed.get("time").strip()
    if not day:
        return None
    try:
        found = date.fromisoformat(day), time.fromisoformat(at or "12:00")
        if found[1].tzinfo is not None or not 1970 <= found[0].year <= 2200:
            raise ValueError
    except ValueError:
        raise Malformed("the day it closes must be such as 2026-11-30, the time such as 18:00") from None
    return windows.instant(*found, zone)


def _changed(typed: Typed, do: str, tongue: str) -> Typed:
    if do == "more-options" and typed.options < MOST_OPTIONS:
        return replace(typed, options=typed.options + 1)
    if do == "fewer-options" and typed.options > LEAST_OPTIONS:
        return replace(typed, options=typed.options - 1)
    if do == "more-languages" and is_language(tongue) and len(typed.tongues) < MOST_LANGUAGES:
        return replace(typed, tongues=tuple(dict.fromkeys((*typed.tongues, tongue))))
    if do == "fewer-languages" and len(typed.tongues) > 1:
        return replace(typed, tongues=typed.tongues[:-1])
    return typed
