"""One word over all findings. `down` needs two kinds of evidence, and no sign of life."""

from collections.abc import Sequence

from deskside.model.health import Finding, Sign, Word

# Probes that begin with a TCP connection: when it does not come about, all of them saw the same silence.
_SAME_EVIDENCE = {"http": "tcp", "tls": "tcp"}
# What the operator's own records say: told first, in this order, and also where nothing may be probed.
LEADING = ("status", "incident")


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
