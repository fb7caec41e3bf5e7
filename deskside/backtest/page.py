"""The report as one HTML file: nothing is loaded, nothing runs, everything foreign is escaped."""

from collections.abc import Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined

from deskside.backtest import charts, wording
from deskside.backtest.comparison import Scope
from deskside.backtest.history import History
from deskside.backtest.study import Study, Verdict

_templates = Environment(
    loader=PackageLoader("deskside.backtest"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals.update(span=wording.span, signed=wording.signed, name_of=wording.name_of, Scope=Scope)


def page(study: Study, history: History, title: str, remarks: Sequence[str] = ()) -> str:
    """The report of a back-test. `title` names the history, `remarks` are added to what is said about it."""
    return _templates.get_template("report.html").render(
        title=title,
        study=study,
        history=history,
        answered=sum(len(line.jobs) for line in study.desk.lines),
        good=study.fit.verdict is Verdict.REPRODUCED,
        verdict=wording.verdict(study),
        outcome=wording.outcome(study.groups),
        audit_words=wording.audit_words(study.audit),
        cannot_know=wording.cannot_know(study, history),
        remarks=[*history.remarks, *remarks],
        changes=charts.changes(study.groups) if study.groups else None,
        waiting=charts.still_waiting(study.outcomes),
        checks=charts.checks(study.fit.checks),
        credits=[curve for finding in study.audit.findings if (curve := charts.obedience(finding))],
    )
