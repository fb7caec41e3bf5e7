"""Which change of health is worth a note: news, and not the flapping of our own knowledge."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from deskside.model.health import Word

QUIET = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Seen:
    """One check of a ticket: its word, and when it was measured."""

    word: Word
    at: datetime


def worth_a_note(history: Sequence[Seen], now: Seen) -> bool:
    """Whether `now` tells what the notes of a ticket do not yet tell; `history` is all before it, oldest first.

    - the first check is, and whatever says `down` when the last note did not;
    - life after a note that said `down` is;
    - `unknown` is only once nothing else has been seen for ten minutes, and the end of a noted `unknown` only ten
      minutes after that note: in between the page shows it;
    - every other word that differs from the last note's is.

    Nothing has to be remembered of earlier notes: they follow from the history.
    """
    return _is_news(_last_told(history), history, now)


def told(history: Sequence[Seen]) -> Word | None:
    """The word of the last note that `history` (oldest first) was worth; None before the first."""
    last = _last_told(history)
    return last.word if last else None


def down_span(history: Sequence[Seen], now: Seen) -> tuple[datetime, datetime] | None:
    """When the target was first and last seen down, if `now` is the first sign of life after a noted `down`."""
    if now.word not in (Word.OK, Word.DEGRADED) or told(history) is not Word.DOWN:
        return None
    last = max(index for index, seen in enumerate(history) if seen.word is Word.DOWN)
    first = last
    for index in range(last, -1, -1):
        if history[index].word is Word.DOWN:
            first = index
        elif history[index].word is not Word.UNKNOWN:
            break
    return history[first].at, history[last].at


def _last_told(history: Sequence[Seen]) -> Seen | None:
    last: Seen | None = None
    for index, seen in enumerate(history):
        if _is_news(last, history[:index], seen):
            last = seen
    return last


def _is_news(last: Seen | None, history: Sequence[Seen], now: Seen) -> bool:
    if last is None:
        return True
    if now.word is last.word:
        return False
    if now.word is Word.UNKNOWN:
        known = [seen.at for seen in history if seen.word is not Word.UNKNOWN]
        return not known or now.at - max(known) >= QUIET
    if last.word is Word.UNKNOWN and now.word is not Word.DOWN:
        return now.at - last.at >= QUIET
    return True
