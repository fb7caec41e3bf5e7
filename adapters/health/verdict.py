"""One word over all findings. `down` needs two kinds of evidence, and no sign of life from anywhere."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from deskside.model.health import Finding, HealthReport, Sign, Word

# Probes that begin with a TCP connection: when it does not come about, all of them saw the same silence.
_SAME_EVIDENCE = {"http": "tcp", "tls": "tcp"}
# What the operator's own records say: told first, in this order, and also where nothing may be probed.
LEADING = ("status", "incident")
# What makes our own look worth nothing, while another vantage may see.
_OUR_SIDE = frozenset({"our_side", "no_route"})
_BLOCKING = frozenset({"forbidden", "busy"})
_ALARM = (Word.DOWN, Word.DEGRADED, Word.UNKNOWN, Word.OK)


@dataclass(frozen=True, slots=True)
class Look:
    """How the target looks from another vantage; without a `report` it did not answer, `reason` says why (a code)."""

    vantage: str
    report: HealthReport | None
    reason: str = ""


def judge(findings: Sequence[Finding]) -> tuple[Word, str]:
    """The word, and why in one English sentence without a full stop.

    - `down`: no proof of life, and at least two independent kinds of evidence are silent;
    - `degraded`: the host lives, and something that is expected to work does not;
    - `ok`: the host lives, something expected works, and nothing expected fails;
    - `unknown`: everything else.
    """
    alive = [finding for finding in findings if finding.sign is Sign.ALIVE]
    silent = silent_kinds(findings)
    failing = [finding for finding in findings if finding.word in (Word.DOWN, Word.DEGRADED)]
    if not alive:
        if len(silent) >= 2:
            said = "; ".join(finding.summary for finding in findings if finding.sign is Sign.SILENT)
            return Word.DOWN, f"no sign of life: {said}"
        return Word.UNKNOWN, _because(findings, "nothing was measured that tells")
    if failing:
        return Word.DEGRADED, "the host lives, but " + "; ".join(finding.summary for finding in failing)
    # A lookup that is in order (a name, a registration, a list) says nothing about whether the host offers anything.
    if any(finding.word is Word.OK and finding.sign is Sign.ALIVE for finding in findings):
        return Word.OK, "everything looked at works"
    return Word.UNKNOWN, "the host lives, but nothing expected could be judged"


def silent_kinds(findings: Sequence[Finding]) -> frozenset[str]:
    """The independent kinds of evidence that are silent."""
    return frozenset(_SAME_EVIDENCE.get(f.kind, f.kind) for f in findings if f.sign is Sign.SILENT)


def _because(findings: Sequence[Finding], otherwise: str) -> str:
    telling = [
        f.summary for f in findings if (f.word is not Word.OK or f.sign is Sign.SILENT) and not f.details.get("quiet")
    ]
    return "; ".join(telling) if telling else otherwise


def lives(findings: Sequence[Finding]) -> bool:
    """Whether any of these findings is a proof of life."""
    return any(finding.sign is Sign.ALIVE for finding in findings)


def doubtful(findings: Sequence[Finding]) -> bool:
    """Whether our own side, not the target, explains what was seen."""
    return not lives(findings) and any(finding.details.get("code") in _OUR_SIDE for finding in findings)


def needs_others(report: HealthReport) -> bool:
    """Whether another vantage could tell more: the target is silent from here, or the network between fails.

    Never for a healthy target, nor for a failure that the target itself answers with, nor for a forbidden address.
    """
    findings = report.findings
    if any(finding.details.get("code") in _BLOCKING for finding in findings):
        return False
    if not lives(findings):
        return bool(silent_kinds(findings)) or doubtful(findings)
    return report.word is Word.DEGRADED and any(_of_the_network(finding) for finding in findings)


def merge(local: HealthReport, others: Sequence[Look]) -> HealthReport:
    """The verdict over all vantages, with the others' findings added; each names its vantage in its details.

    - `down` only if some vantage by itself finds the target down, and none sees life;
    - no life from here and life from there: `degraded`, unless our own side is in doubt, then what they see;
    - a vantage that did not answer is named, and changes nothing.
    """
    word, headline = _merged(local, [(look.vantage, look.report) for look in others if look.report is not None])
    found = [finding for look in others for finding in _from_there(look)]
    return replace(local, word=word, headline=headline, findings=(*local.findings, *found))


def _merged(local: HealthReport, others: Sequence[tuple[str, HealthReport]]) -> tuple[Word, str]:
    up = [(name, report) for name, report in others if lives(report.findings)]
    down = [name for name, report in others if report.word is Word.DOWN]
    if lives(local.findings):
        well = [name for name, report in up if report.word is Word.OK]
        told = f"; from {', '.join(well)} everything works" if local.word is Word.DEGRADED and well else ""
        told += f"; no sign of life from {', '.join(down)}" if down else ""
        return local.word, local.headline + told
    if up:
        places = ", ".join(name for name, _ in up)
        if doubtful(local.findings):
            name, seen = min(up, key=lambda look: _ALARM.index(look[1].word))
            return seen.word, f"our side is in doubt, but up from {places}; from {name}: {seen.headline}"
        return Word.DEGRADED, f"{'down' if local.word is Word.DOWN else 'silent'} from here, up from {places}"
    if local.word is Word.DOWN:
        return Word.DOWN, local.headline + (f"; down from {', '.join(down)} too" if down else "")
    if down:
        return Word.DOWN, f"down from {', '.join(down)}, and no sign of life from here"
    return local.word, local.headline


def _from_there(look: Look) -> tuple[Finding, ...]:
    if look.report is None:
        details: dict[str, object] = {"code": "no_answer", "vantage": look.vantage, "reason": look.reason}
        summary = f"{look.vantage} was asked and did not answer ({look.reason})"
        return (Finding("vantage", "vantage", Word.UNKNOWN, Sign.NOTHING, summary, details),)
    report = look.report
    details = {"code": "looked", "vantage": look.vantage, "checked_at": report.checked_at.isoformat()}
    summary = f"from {look.vantage}: {report.word.value}, {report.headline}"
    own = Finding("vantage", "vantage", report.word, Sign.NOTHING, summary, details, report.took_ms)
    return (own, *(_named(finding, look.vantage) for finding in report.findings))


def _named(finding: Finding, vantage: str) -> Finding:
    details = {**finding.details, "vantage": vantage}
    return replace(finding, summary=f"from {vantage}: {finding.summary}", details=details)


def _of_the_network(finding: Finding) -> bool:
    """Whether a finding on a living host is the way to it rather than the host: time-outs and loss, not refusals."""
    if finding.probe == "icmp":
        return finding.details.get("code") == "lost"
    if finding.probe == "tcp":
        ports = finding.details.get("ports")
        states = [entry.get("state") for entry in ports] if isinstance(ports, list | tuple) else []
        return any(state in ("timeout", "unreachable") for state in states)
    return finding.sign is Sign.SILENT and finding.word in (Word.DOWN, Word.DEGRADED)
