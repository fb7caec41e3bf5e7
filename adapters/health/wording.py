"""The note about a health report: the verdict in one sentence, then a line for each finding, problems first."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from adapters.health import background as around
from adapters.health import words_en, words_ru
from adapters.health.background import Background
from adapters.health.language import Language, clean
from adapters.health.phrases import phrase
from adapters.health.places import Place, elsewhere, from_here
from adapters.health.verdict import LEADING, doubtful, lives, silent_kinds
from deskside.model.health import Finding, HealthReport, Sign, Word

LANGUAGES = {language.code: language for language in (words_en.LANGUAGE, words_ru.LANGUAGE)}
_MOST_LINES = 14
_MOST_PLACES = 4
_MOST_IN_LINE = 320
_MOST_IN_WHY = 170
_MOST_MENTIONED = 3
# What kept anything from being measured.
_BLOCKING = ("forbidden", "no_route", "our_side", "busy")
_ORDER = (Word.DOWN, Word.DEGRADED, Word.UNKNOWN, Word.OK)


def note_lines(
    report: HealthReport,
    previous: HealthReport | None = None,
    language: str = "en",
    background: Background | None = None,
    *,
    down: tuple[datetime, datetime] | None = None,
    others: Sequence[HealthReport] = (),
    mentioned: Sequence[str] = (),
) -> tuple[str, ...]:
    """The lines of the note, plain text, fewer than 15; an unknown `language` reads English.

    The verdict first, then the service's status and known incidents, then the findings, problems before what works.
    `background` is what the sweep knew before: since when it is so, and how the neighbours are. `down` is when the
    target was first and last seen down, for a note that says it is up again. `others` are the reports on the ticket's
    other services, a line each; `mentioned` is what the text names that is none of the client's. Texts that come from
    outside (certificates, redirects, the ticket) are cleaned of control characters and cut.
    """
    words = LANGUAGES.get(language, words_en.LANGUAGE)
    here, there = from_here(report), elsewhere(report)
    why = _why_from(here, there, report.word, words)
    lines = [_verdict(report, why, words)]
    if down is not None:
        times = {"time": report.checked_at, "first": down[0], "last": down[1]}
        lines.append(words.say("up_again", **{key: _time(at, report.checked_at) for key, at in times.items()}))
    lines += _leading(here, words)
    if previous is not None:
        time = _time(previous.checked_at, report.checked_at)
        lines.append(words.say("previous", time=time, word=words.phrases[f"word.{previous.word.value}"]))
    if background is not None:
        lines.extend(around.lines(background, report, words))
    found_by = words.reason_found(report.target.found_by)
    last = [words.say("mentioned", names=_names(mentioned))] if mentioned else []
    if found_by:
        last.append(words.say("found_by", found_by=found_by))
    for other in others:
        last.append(" ".join([_verdict(other, _why_of(other, words), words), *_leading(other, words)]))
    last = [*(f"- {_from_place(place, words)}" for place in there[:_MOST_PLACES]), *last]
    phrases = [phrase(finding, words) for finding in sorted_findings(here)]
    told = [] if phrases == [why] else [f"- {_sentence(text)}" for text in phrases]
    room = _MOST_LINES - len(lines) - len(last)
    if len(told) > room:
        told = [*told[: room - 1], words.say("more", count=len(told) - room + 1)]
    return tuple(_cut(line) for line in (*lines, *told, *last))


def last_known_line(minutes: int, budget: str, language: str = "en") -> str:
    """That an answer is `minutes` old, because the budget of this code is spent."""
    words = LANGUAGES.get(language, words_en.LANGUAGE)
    return words.say("budget.last_known", minutes=minutes, why=words.phrases[f"budget.{budget}"])


def word_of(word: Word, language: str = "en") -> str:
    """The word as the note writes it."""
    return LANGUAGES.get(language, words_en.LANGUAGE).phrases[f"word.{word.value}"]


def found_phrase(finding: Finding, language: str = "en") -> str:
    """One finding in one sentence without a full stop."""
    return _sentence(phrase(finding, LANGUAGES.get(language, words_en.LANGUAGE)))


def why_phrase(report: HealthReport, language: str = "en") -> str:
    """Why the report has its word, over all vantages."""
    words = LANGUAGES.get(language, words_en.LANGUAGE)
    return _sentence(_why_of(report, words))


def place_line(place: Place, language: str = "en") -> str:
    """What another vantage saw, in one line."""
    return _from_place(place, LANGUAGES.get(language, words_en.LANGUAGE))


def _leading(report: HealthReport, words: Language) -> list[str]:
    return [f"{_sentence(phrase(finding, words))}." for finding in leading_findings(report)]


def _names(mentioned: Sequence[str]) -> str:
    shown = ", ".join(clean(name, 80) for name in mentioned[:_MOST_MENTIONED])
    left = len(mentioned) - _MOST_MENTIONED
    return f"{shown} (+{left})" if left > 0 else shown


def _verdict(report: HealthReport, why: str, words: Language) -> str:
    target = report.target
    name = clean(target.host or target.service, 100)
    if not name:
        what = report.address or target.address or "?"
    else:
        what = f"{name} ({report.address})" if report.address and report.address != name else name
    return words.say(
        "verdict",
        word=words.phrases[f"word.{report.word.value}"],
        what=what,
        why=why if len(why) <= _MOST_IN_WHY else why[: _MOST_IN_WHY - 1] + "…",
        time=f"{report.checked_at:%H:%M:%S}",
        vantage=report.vantage or "?",
        seconds=report.took_ms / 1000,
    )


def _why_of(report: HealthReport, words: Language) -> str:
    return _why_from(from_here(report), elsewhere(report), report.word, words)


def _why_from(here: HealthReport, there: Sequence[Place], word: Word, words: Language) -> str:
    """The reason over all vantages: what is seen from here, and whether the others see the same."""
    why = _why(here, words)
    up = [place for place in there if place.alive]
    down = _place_names(place for place in there if place.word is Word.DOWN)
    well = _place_names(place for place in up if place.word is Word.OK)
    if lives(here.findings):
        if down:
            return words.say("place.silent_there", why=why, places=down)
        return words.say("place.well_there", why=why, places=well) if well and word is Word.DEGRADED else why
    if up and doubtful(here.findings):
        seen = min(up, key=lambda place: _ORDER.index(place.word))
        assert seen.report is not None
        return words.say("place.our_side", place=_place_names([seen]), why=_why(seen.report, words))
    if up:
        key = "place.down_here" if here.word is Word.DOWN else "place.silent_here"
        return words.say(key, places=_place_names(up), why=why)
    if down:
        key = "place.down_too" if here.word is Word.DOWN else "place.down_there"
        return words.say(key, places=down, why=why)
    return why


def _from_place(place: Place, words: Language) -> str:
    name = _place_names([place])
    if place.report is None:
        key = f"vantage.{place.reason}"
        reason = words.phrases.get(key, words.phrases["vantage.bad_answer"])
        return words.say("place.no_answer", place=name, reason=reason)
    why = _why(place.report, words)
    return words.say("place.line", place=name, word=words.phrases[f"word.{place.word.value}"], why=why)


def _place_names(places: Iterable[Place]) -> str:
    return ", ".join(clean(place.name, 60) for place in places)


def _time(at: datetime, now: datetime) -> str:
    return f"{at:%H:%M:%S}" if at.date() == now.date() else f"{at:%Y-%m-%d %H:%M:%S}"


def _why(report: HealthReport, words: Language) -> str:
    """The reason in the first line: what is silent, what fails, what works, or why nothing is known."""
    findings = sorted_findings(report)
    if report.word is Word.DOWN:
        return _joined(_silent(findings), words)
    if report.word is Word.DEGRADED:
        failing = [phrase(f, words) for f in findings if f.word in (Word.DOWN, Word.DEGRADED)]
        # The lines below tell all of it; here the worst part of the worst two is enough.
        brief = ", ".join(text.partition("; ")[0] for text in failing[:2])
        return brief + (words.say("and_more", count=len(failing) - 2) if len(failing) > 2 else "")
    if report.word is Word.OK:
        proofs = [f for f in findings if f.sign is Sign.ALIVE and f.word is Word.OK and f.probe in ("icmp", "tcp")]
        return _joined(proofs, words) or words.say("all_works")
    return _why_unknown(findings, words)


def _why_unknown(findings: list[Finding], words: Language) -> str:
    blocking = [f for f in findings if f.details.get("code") in _BLOCKING and f.kind not in ("icmp", "tcp")]
    if blocking:
        return _joined(blocking, words)
    if any(finding.sign is Sign.ALIVE for finding in findings):
        return words.say("nothing_expected")
    if len(silent_kinds(findings)) == 1:
        return f"{_joined(_silent(findings), words)}; {words.say('one_kind')}"
    return _joined([f for f in findings if f.word is not Word.OK], words) or words.say("nothing")


def _silent(findings: list[Finding]) -> list[Finding]:
    """The silent findings, without those that only repeat the silence of the ports."""
    silent = [finding for finding in findings if finding.sign is Sign.SILENT]
    if any(finding.kind == "tcp" for finding in silent):
        silent = [finding for finding in silent if finding.kind not in ("http", "tls")]
    return sorted(silent, key=lambda finding: finding.kind == "icmp")


def _joined(findings: list[Finding], words: Language) -> str:
    return ", ".join(phrase(finding, words) for finding in findings[:3])


def sorted_findings(report: HealthReport) -> list[Finding]:
    """The findings that have a line of their own, the worst first."""
    told = [f for f in report.findings if f.kind not in LEADING and not f.details.get("quiet")]
    return sorted(told, key=lambda finding: _ORDER.index(finding.word))


def leading_findings(report: HealthReport) -> list[Finding]:
    """What the operator's own records say, in the order in which it is told."""
    return [finding for kind in LEADING for finding in report.findings if finding.kind == kind]


def _sentence(text: str) -> str:
    """A phrase with a capital at its beginning, unless it is an address."""
    return text if text.startswith("http") else text[:1].upper() + text[1:]


def _cut(line: str) -> str:
    return line if len(line) <= _MOST_IN_LINE else line[: _MOST_IN_LINE - 1] + "…"
