"""The note about a health report: the verdict in one sentence, then a line for each finding, problems first."""

from adapters.health import background as around
from adapters.health import words_en, words_ru
from adapters.health.background import Background
from adapters.health.language import Language, clean
from adapters.health.phrases import phrase
from adapters.health.verdict import silent_kinds
from deskside.model.health import Finding, HealthReport, Sign, Word

LANGUAGES = {language.code: language for language in (words_en.LANGUAGE, words_ru.LANGUAGE)}
_MOST_LINES = 14
_MOST_IN_LINE = 320
_MOST_IN_WHY = 170
# What kept anything from being measured.
_BLOCKING = ("forbidden", "no_route", "our_side", "busy")
_ORDER = (Word.DOWN, Word.DEGRADED, Word.UNKNOWN, Word.OK)


def note_lines(
    report: HealthReport,
    previous: HealthReport | None = None,
    language: str = "en",
    background: Background | None = None,
) -> tuple[str, ...]:
    """The lines of the note, plain text, fewer than 15; an unknown `language` reads English.

    `background` is what the sweep knew before: since when it is so, and how the neighbours are.
    Texts that come from the host (names in certificates, redirects) are cleaned of control characters and cut.
    """
    words = LANGUAGES.get(language, words_en.LANGUAGE)
    why = _why(report, words)
    lines = [_verdict(report, why, words)]
    if previous is not None:
        day = "" if previous.checked_at.date() == report.checked_at.date() else f"{previous.checked_at:%Y-%m-%d} "
        time = f"{day}{previous.checked_at:%H:%M:%S}"
        lines.append(words.say("previous", time=time, word=words.phrases[f"word.{previous.word.value}"]))
    if background is not None:
        lines.extend(around.lines(background, report, words))
    found_by = words.reason_found(report.target.found_by)
    last = [words.say("found_by", found_by=found_by)] if found_by else []
    phrases = [phrase(finding, words) for finding in _sorted(report)]
    told = [] if phrases == [why] else [f"- {_sentence(text)}" for text in phrases]
    room = _MOST_LINES - len(lines) - len(last)
    if len(told) > room:
        told = [*told[: room - 1], words.say("more", count=len(told) - room + 1)]
    return tuple(_cut(line) for line in (*lines, *told, *last))


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


def _why(report: HealthReport, words: Language) -> str:
    """The reason in the first line: what is silent, what fails, what works, or why nothing is known."""
    findings = _sorted(report)
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


def _sorted(report: HealthReport) -> list[Finding]:
    return sorted(report.findings, key=lambda finding: _ORDER.index(finding.word))


def _sentence(text: str) -> str:
    return text if text.startswith("http") else text[:1].upper() + text[1:]


def _cut(line: str) -> str:
    return line if len(line) <= _MOST_IN_LINE else line[: _MOST_IN_LINE - 1] + "…"
