"""First replies: how long they took and how many came in time, as charts, as a table, and as CSV."""

from datetime import date, timedelta

from babel.dates import format_date
from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from deskside.model.place import Band
from deskside.store import sla, turns
from deskside.store.database import reading, utc_now
from webhooks.context import current
from webhooks.pages import charts, tables
from webhooks.pages.blueprint import pages

LAYOUTS = {"day": "d MMM", "month": "LLL yyyy", "year": "yyyy"}
BANDS = tuple(band.value for band in Band)
# No desk is older.
FIRST_DAY = date(2000, 1, 1)


@pages.get("/sla")
def sla_page() -> ResponseReturnValue:
    """The figures of the last days, months or years, of all or of one pool and class."""
    question, found, known = _found()
    minutes = [[_minutes(period.figures.median), _minutes(period.figures.p90)] for period in found.periods]
    shares = [period.figures.share for period in found.periods]
    top = charts.top_minutes([value for pair in minutes for value in pair if value is not None])
    first, last = question.starts[0], question.after
    return render_template(
        "sla.html",
        question=question,
        report=found,
        steps=tuple(sla.PERIODS),
        known=known,
        bands=BANDS,
        labels=[_label(question.step, period.start) for period in found.periods],
        took=charts.columns([[pair[0] for pair in minutes], [pair[1] for pair in minutes]], top),
        kept=charts.columns([shares], 1.0),
        width=charts.WIDTH,
        height=charts.HEIGHT,
        zone=current().settings.working_time.zone.key,
        earlier=first - timedelta(days=1) if first > FIRST_DAY else None,
        later=_later(question) if last <= _today() else None,
    )


@pages.get("/sla.csv")
def sla_file() -> Response:
    """The table of the page for a spreadsheet; times are working seconds, an empty field is no value."""
    question, found, _ = _found()
    names = ("replies", "promised", "met")
    rows = [
        [
            period.start.isoformat(),
            question.pool or "",
            question.band or "",
            *(getattr(period.figures, name) for name in names),
            tables.share(period.figures.share),
            period.figures.median,
            period.figures.p90,
        ]
        for period in found.periods
    ]
    head = ["period", "pool", "class", *names, "share_met", "median_seconds", "p90_seconds"]
    return tables.csv_file(f"first-replies-by-{question.step}-until-{question.end.isoformat()}.csv", head, rows)


def _found() -> tuple[sla.Question, sla.Report, list[str]]:
    question = _question()
    settings = current().settings
    with reading(current().database) as connection:
        found = sla.report(connection, question, settings.working_time.zone, settings.calendars)
        known = set(turns.pool_names(connection))
    return question, found, sorted(known | ({question.pool} if question.pool else set()))


def _question() -> sla.Question:
    step = request.args.get("by", "")
    band = request.args.get("class", "")
    return sla.Question(
        step=step if step in sla.PERIODS else "day",
        end=_day(request.args.get("end", "")),
        pool=request.args.get("pool", "")[:120] or None,
        band=band if band in BANDS else None,
    )


def _day(text: str) -> date:
    today = _today()
    try:
        return min(today, max(FIRST_DAY, date.fromisoformat(text)))
    except ValueError:
        return today


def _today() -> date:
    return utc_now().astimezone(current().settings.working_time.zone).date()


def _later(question: sla.Question) -> date:
    """The end of the stretch of periods that follows the one in question."""
    end = question.end
    for _ in range(sla.PERIODS[question.step]):
        end = sla.Question(question.step, end).after
    return min(end, _today())


def _label(step: str, day: date) -> str:
    return format_date(day, LAYOUTS[step], locale=get_locale())


def _minutes(seconds: int | None) -> float | None:
    return None if seconds is None else seconds / 60
