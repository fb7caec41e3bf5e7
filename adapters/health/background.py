"""What was known around a report before it was made, and the lines a note says about it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.health.language import Language
from deskside.model.health import HealthReport, Word

# Fewer neighbours tell nothing about a network.
_LEAST_NEIGHBOURS = 3
_MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Background:
    """The sweep's confirmed word of the report's address since `since`, its last sign of life, and its neighbours.

    `neighbours` counts the other hosts of `network` that the sweep has a word for, `neighbours_up` those that live.
    """

    word: Word
    since: datetime
    alive_at: datetime | None = None
    flapping: bool = False
    network: str = ""
    neighbours_up: int = 0
    neighbours: int = 0


def lines(found: Background, report: HealthReport, words: Language) -> tuple[str, ...]:
    """Since when the server is so, and for a server in trouble whether its neighbours are too."""
    said = [_since(found, report, words)]
    if found.flapping:
        said.append(words.say("background.flapping"))
    if report.word is not Word.OK and found.neighbours >= _LEAST_NEIGHBOURS:
        said.append(_neighbours(found, words))
    return tuple(line for line in said if line)


def _since(found: Background, report: HealthReport, words: Language) -> str:
    at = report.checked_at
    alive = _moment(found.alive_at, at) if found.alive_at else ""
    if report.word is found.word:
        values = {"word": words.phrases[f"word.{found.word.value}"], "since": _moment(found.since, at)}
        values["span"] = _span(at - found.since, words)
        if report.word is Word.DOWN and alive:
            return words.say("background.since_alive", **values, alive=alive)
        return words.say("background.since", **values)
    if report.word is Word.DOWN and alive:
        return words.say("background.new", alive=alive)
    before = words.phrases[f"word.{found.word.value}"]
    return words.say("background.before", word=before, since=_moment(found.since, at))


def _neighbours(found: Background, words: Language) -> str:
    if found.neighbours_up == found.neighbours:
        key = "background.server"
    elif 2 * found.neighbours_up < found.neighbours:
        key = "background.network"
    else:
        key = "background.neighbours"
    return words.say(key, network=found.network, up=found.neighbours_up, total=found.neighbours)


def _moment(time: datetime, now: datetime) -> str:
    return f"{time:%H:%M}" if time.date() == now.date() else f"{time:%Y-%m-%d %H:%M}"


def _span(span: timedelta, words: Language) -> str:
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes >= _MINUTES_A_DAY:
        return words.days(minutes // _MINUTES_A_DAY)
    if minutes >= 60:
        return words.say("span.hours", hours=minutes // 60, minutes=minutes % 60)
    return words.say("span.minutes", minutes=minutes)
