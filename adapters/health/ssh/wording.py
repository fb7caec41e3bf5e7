"""A finding of this probe in the words of a language, made from its details."""

from collections.abc import Mapping
from typing import Any

from adapters.health.language import Language, clean

_UNITS = ("MB", "GB", "TB")
_MOST = 4
_DAY, _HOUR = 86_400, 3_600


def say(details: Mapping[str, Any], language: Language) -> str:
    """One phrase; raises `KeyError` for details that are not this probe's."""
    code = details["code"]
    if code == "problems":
        problems = details["problems"]
        said = [_problem(problem, language) for problem in problems[:_MOST]]
        left = len(problems) - _MOST
        return "; ".join(said) + (language.say("and_more", count=left) if left > 0 else "")
    if code == "well":
        return language.say("ssh.well", parts=", ".join(_well(details, language)))
    if code == "unseen":
        kills = details.get("kills", "")
        parts = [language.say(f"ssh.unseen.{area}.{why}", count=kills) for area, why in details["unseen"].items()]
        return language.say("ssh.unseen", parts=", ".join(parts))
    return language.say(f"ssh.{code}", port=details.get("port", ""), state=details.get("state", ""))


def _problem(problem: Mapping[str, Any], language: Language) -> str:
    what = problem["what"]
    values: dict[str, Any] = dict(problem)
    for name in ("free", "available", "total"):
        if name in values and what != "inodes_full":
            values[name] = size(values[name], language)
    for name in ("names", "units", "failed"):
        if name in values:
            shown = [clean(str(value), 60) for value in values[name]]
            values[name] = ", ".join(shown) + (f" (+{values['more']})" if values.get("more") else "")
    if "counters" in values:
        values["damage"] = ", ".join(
            language.say(f"counter.{name}", count=count) for name, count in values["counters"].items()
        )
    if "hours" in values:
        values["hours"] = f"{values['hours']:g}"
    if "device" in values:
        values["device"] = " ".join(part for part in (values["device"], _model(values)) if part)
    if what == "raid_short" and values.get("percent"):
        what = "raid_rebuilding"
    which = values.get("damage") or values.get("failed")
    return language.say(f"ssh.{what}", **values) + (f" ({which})" if which else "")


def _model(values: Mapping[str, Any]) -> str:
    return f"({clean(str(values['model']), 40)})" if values.get("model") else ""


def _well(details: Mapping[str, Any], language: Language) -> list[str]:
    values: dict[str, Any] = {
        "memory": details.get("memory_percent"),
        "load": float(details["load_per_core"]) if "load_per_core" in details else None,
        "arrays": details.get("arrays"),
        "smart": details.get("smart"),
        "units": details.get("units"),
        "uptime": lasted(details["uptime"], language) if "uptime" in details else None,
    }
    said = [language.say("ssh.well.disk", **details["disk"])] if "disk" in details else []
    return said + [language.say(f"ssh.well.{name}", value=value) for name, value in values.items() if value is not None]


def size(count: float, language: Language) -> str:
    """Bytes in the unit a person would take, 1 GB being 1024³ bytes as df -h has it."""
    count /= 1024**2
    for unit in _UNITS[:-1]:
        if count < 1024:
            return f"{_short(count, language)} {language.phrases[f'unit.{unit}']}"
        count /= 1024
    return f"{_short(count, language)} {language.phrases[f'unit.{_UNITS[-1]}']}"


def lasted(seconds: int, language: Language) -> str:
    """A time since the start, in days, or in hours when it is short."""
    return language.days(seconds // _DAY) if seconds >= _DAY else language.say("hours", count=seconds // _HOUR)


def _short(count: float, language: Language) -> str:
    return f"{count:.0f}" if count >= 10 else f"{count:.1f}".replace(".", language.decimal_mark)
