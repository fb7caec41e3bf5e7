"""What a back-test and an audit found, in plain sentences."""

import math
from collections.abc import Sequence
from itertools import pairwise

from deskside.backtest.audit import FEWEST, Audit, Evidence, Finding, Rule
from deskside.backtest.comparison import Group, Scope
from deskside.backtest.history import History
from deskside.backtest.lines import Source
from deskside.backtest.study import Study, Verdict

_PICKED_BY_HAND = 0.9


def span(seconds: float) -> str:
    """A length of time for people: 45 s, 12 min, 3 h 20 min; days are not named, because a working day is no day."""
    if math.isinf(seconds):
        return "any time"
    seconds = abs(seconds)
    if seconds < 600:
        return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.1f} min".replace(".0 ", " ")
    hours, minutes = divmod(round(seconds / 60), 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes} min" if minutes and hours < 100 else f"{hours} h"


def name_of(kind: str, scope: Scope = Scope.KIND) -> str:
    """A class or pool; one without a name is called so."""
    if scope is Scope.ALL:
        return "everybody"
    return kind or f"(no {scope.value})"


def rule(evidence: Evidence, kind: str) -> str:
    """What the choices say about a class, as one sentence."""
    named = name_of(kind)
    within = f"{evidence.obedience:.0%} of {evidence.choices:,} choices"
    match evidence.rule:
        case Rule.TOO_FEW:
            return f"{named}: cannot tell; only {evidence.choices} choices between it and others, {FEWEST} are needed."
        case Rule.UNCLEAR:
            return (
                f"{named}: cannot tell; no credit explains more than {evidence.obedience:.0%} of {evidence.choices:,} "
                "choices. Agents seem to pick by something that is not in the history."
            )
        case Rule.FCFS:
            return f"{named}: first come, first served, as {within} show."
        case Rule.FIRST:
            least = f", by {span(evidence.low)} or more" if 0 < evidence.low < math.inf else ""
            return f"{named}: always first{least}; {within} obey."
        case Rule.LAST:
            return f"{named}: always last; {within} obey."
        case Rule.CREDIT:
            order = "earlier" if evidence.credit > 0 else "later"
            low, high = sorted((abs(evidence.low), abs(evidence.high)))
            if evidence.low * evidence.high <= 0 or span(low) == span(high):
                about = ""
            else:
                about = f" ({span(low)} to {span(high)} fit about as well)"
            return (
                f"{named}: served as if it had come {span(evidence.credit)} {order}{about}; {within} obey, "
                f"{evidence.fcfs:.0%} would be first come, first served."
            )


def changes(finding: Finding) -> str | None:
    """How the rule for a class changed from month to month; None where it did not, or nothing can be said."""
    clear = [(month, found) for month, found in finding.months if found.rule not in (Rule.TOO_FEW, Rule.UNCLEAR)]
    for (_, before), (month, after) in pairwise(clear):
        if before.rule is not after.rule:
            return f"{name_of(finding.kind)}: from {month} on {_brief(after)}, before {_brief(before)}."
    return None


def audit_words(audit: Audit) -> list[str]:
    """The audit as a whole."""
    if not audit.findings:
        return ["All tickets are of one class: there is no rule between classes to find (--class-column)."]
    said = [rule(finding.overall, finding.kind) for finding in audit.findings]
    said += [words for finding in audit.findings if (words := changes(finding))]
    if audit.head_first < _PICKED_BY_HAND:
        said.append(
            f"In {1 - audit.head_first:.0%} of all choices not even the oldest ticket of its own class was taken: "
            "agents pick by hand, or by something that is not in the history."
        )
    return said


def verdict(study: Study) -> str:
    """Whether the replay may be believed, and how far off it is."""
    fit = study.fit
    if fit.verdict is Verdict.NOT_CALIBRATED:
        return (
            f"The replay cannot be made to wait as long as the desk did: {span(fit.actual * 60)} in the mean before "
            f"{fit.split}, at best {span(fit.replayed * 60)} in the replay. Something else than a lack of agents made "
            "tickets wait: agents who are there but do other things, waiting for a client, wrong working hours."
        )
    everybody = fit.checks[0]
    if fit.verdict is Verdict.REPRODUCED:
        return (
            f"From {fit.split} on, days that took no part in the calibration, the replay gives a mean wait of "
            f"{span(everybody.replayed * 60)} where it was {span(everybody.actual * 60)} ({everybody.off:+.0%}), "
            "and the waits of every class come out within a quarter."
        )
    wrong = [
        f"{'everybody' if check.kind is None else name_of(check.kind)} {span(check.replayed * 60)} in the mean "
        f"instead of {span(check.actual * 60)} ({check.off:+.0%}), nine in ten within "
        f"{span(check.replayed_p90 * 60)} instead of {span(check.actual_p90 * 60)} ({check.off_p90:+.0%})"
        for check in fit.checks
        if check.holds is False
    ]
    return (
        f"From {fit.split} on the replay does not give the waits that were: {'; '.join(wrong)}. What it says about "
        "other weights is not to be acted on."
    )


def outcome(groups: Sequence[Group]) -> list[str]:
    """What the new weights change, class by class, as sentences; the wait is that of nine in ten (p90)."""
    said = []
    for group in groups:
        if group.scope is Scope.POOL:
            continue
        change = group.p90
        named = name_of(group.name, group.scope)
        words = f"{named}: nine in ten wait at most {span(group.after.p90 * 60)}, before {span(group.before.p90 * 60)}"
        if change.low is None:
            words += "; there are too few days to say how sure that is."
        elif change.sure:
            words += f" ({signed(change.value)}; 95 % between {signed(change.low)} and {signed(change.high or 0)})."
        else:
            words += f" (may be chance: 95 % between {signed(change.low)} and {signed(change.high or 0)})."
        said.append(words)
    return said


def signed(minutes: float) -> str:
    """A difference in minutes, with its sign."""
    if abs(minutes) * 60 < 0.5:
        return "±0"
    return f"{'+' if minutes > 0 else '−'}{span(minutes * 60)}"


def cannot_know(study: Study, history: History) -> list[str]:
    """What the figures leave out, with what this history shows of it."""
    sources, total = study.desk.sources, sum(study.desk.sources.values())
    never = next((item.count for item in history.unusable if item.reason == "never answered"), 0)
    said = [
        (
            f"Who was never answered is not in it ({never:,} of the rows here): clients who gave up, and tickets still "
            "open when the history was exported. Real waits are longer than those of the answered."
        ),
        (
            "Waiting that has nothing to do with the queue (for the client, a supplier, a part) looks like waiting for "
            "an agent. The calibration spreads it over all tickets alike."
        ),
        (
            "Clients react: to a shown place, to a price, to being served later. They write again, call, or leave. No "
            "history shows what they would do under an order that did not exist yet."
        ),
        (
            "Agents are replayed as taking the head of the line. "
            f"Here the oldest of its own class was taken in {study.audit.head_first:.0%} of the choices; whoever picks "
            "by hand under the new weights too gets less of a difference than shown."
        ),
        (
            "Agents' hours are those of the history, from the first ticket of a day to the last. Who would come "
            "earlier or stay longer under another order is not known, nor who may take which ticket inside a pool."
        ),
        (
            f"One number, the pace {study.fit.pace:.2f}, stands for breaks, meetings and parallel work: every handling "
            "time is multiplied by it."
        ),
    ]
    if sources.get(Source.MEDIAN, 0) or sources.get(Source.NEXT, 0):
        guessed = sources.get(Source.MEDIAN, 0)
        read = sources.get(Source.NEXT, 0)
        said.append(
            f"Handling times are partly inferred: {read / total:.0%} from the agent's next ticket, "
            f"{guessed / total:.0%} unknown and set to the median."
        )
    if sources.get(Source.FINISHED, 0):
        said.append(
            f"{sources[Source.FINISHED] / total:.0%} of the handling times are the time from taken to finished. If an "
            "agent works on several tickets at once, or a rule closes them, that is not work."
        )
    if not study.rule_given:
        said.append(
            "The order of the past is the audit's best explanation, not a document; a difference is counted from there "
            "(--past takes the weights you really had)."
        )
    said.append("A comparison of classes before and after a real switch misleads too: classes come at different hours.")
    return said


def _brief(evidence: Evidence) -> str:
    if evidence.rule is not Rule.CREDIT:
        return evidence.rule.value
    return f"{'a head start of' if evidence.credit > 0 else 'behind by'} {span(evidence.credit)}"
