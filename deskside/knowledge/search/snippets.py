"""The passage of an article that answers a question best, and where the words of the question stand in it."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from deskside.knowledge.search import tokens

LENGTH = 240
# Far enough into an article: a book of a megabyte would take longer than the search.
_LOOKED_AT = 6_000
_EACH_TERM = 5
# A word that weighs less than this part of the weightiest is in every passage, and not worth showing.
_WORTH = 0.25
_BEFORE = 60
_NO_WORD = re.compile(r"[\W_]")


@dataclass(frozen=True, slots=True)
class Snippet:
    """Plain text, with the spans (from, to) of the words that were asked for."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()


def best(text: str, weights: Mapping[str, float]) -> Snippet:
    """The LENGTH characters of `text` in which terms of the most weight stand, cut between words; else its start."""
    text = text[:_LOOKED_AT]
    folded = _folded(text)
    least = _WORTH * max(weights.values(), default=0.0)
    shown = [term for term, weight in weights.items() if weight >= least]
    found = sorted(place for term in shown for place in _places(folded, term))
    return _cut(text, _heaviest(found, weights), [(start, end) for start, end, _term in found])


def _heaviest(found: Sequence[tuple[int, int, str]], weights: Mapping[str, float]) -> int:
    """Where the passage begins whose different terms weigh most; the first of several."""
    inside: Counter[str] = Counter()
    weight = most = 0.0
    heaviest = first = 0
    for _start, end, term in found:
        weight += 0.0 if inside[term] else weights[term]
        inside[term] += 1
        while end - found[first][0] > LENGTH - _BEFORE and found[first][1] < end:
            left = found[first][2]
            inside[left] -= 1
            weight -= 0.0 if inside[left] else weights[left]
            first += 1
        if weight > most + 1e-9:
            most, heaviest = weight, found[first][0]
    return heaviest


def _places(folded: str, term: str) -> list[tuple[int, int, str]]:
    """Where words of this term stand. A stem is the beginning of its words, but for a last y, which it has as i."""
    unspaced = tokens.is_unspaced(term)
    beginning = term[:-1] if term.endswith("i") and len(term) > 2 and not unspaced else term
    places: list[tuple[int, int, str]] = []
    at = folded.find(beginning)
    while at >= 0 and len(places) < _EACH_TERM:
        end = at + len(beginning)
        if unspaced:
            places.append((at, end, term))
        elif at == 0 or not folded[at - 1].isalnum():
            after = _NO_WORD.search(folded, end)
            end = after.start() if after else len(folded)
            if tokens.stem(folded[at:end]) == term:
                places.append((at, end, term))
        at = folded.find(beginning, end)
    return places


def _folded(text: str) -> str:
    """The text in lower case, each character where it was: a few become two."""
    folded = text.lower().replace("ё", "е")
    if len(folded) == len(text):
        return folded
    return "".join(low if len(low := character.lower()) == 1 else character for character in text)


def _cut(text: str, first: int, found: Sequence[tuple[int, int]]) -> Snippet:
    start = _between_words(text, max(0, first - _BEFORE), first)
    end = len(text) if start + LENGTH >= len(text) else _last_space(text, start + LENGTH)
    before, after = "… " if start else "", " …" if end < len(text) else ""
    shift = len(before) - start
    marks: list[tuple[int, int]] = []
    for mark_start, mark_end in found:
        if start <= mark_start and mark_end <= end:
            last = marks[-1][1] if marks else -1
            if mark_start + shift <= last:
                # Pairs of characters overlap.
                marks[-1] = (marks[-1][0], max(last, mark_end + shift))
            else:
                marks.append((mark_start + shift, mark_end + shift))
    passage = text[start:end].replace("\n", " ").replace("\t", " ")
    return Snippet(f"{before}{passage}{after}", tuple(marks))


def _between_words(text: str, earliest: int, latest: int) -> int:
    """Where a passage begins: at a line's start if there is one, else after a space, no later than `latest`."""
    if earliest == 0:
        return 0
    for divider in ("\n", " "):
        at = text.find(divider, earliest, latest)
        if at >= 0:
            return at + 1
    return earliest if latest - earliest == _BEFORE else latest


def _last_space(text: str, end: int) -> int:
    at = max(text.rfind(" ", end - 40, end), text.rfind("\n", end - 40, end))
    return at if at > 0 else end
