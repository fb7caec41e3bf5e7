"""What came of all messages of the last weeks: by kind, hour, text, reason, and step of a chain; each as CSV too."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from flask import Response, request
from flask.typing import ResponseReturnValue

from deskside.store.database import reading, utc_now
from push.analytics import chains, counts, features, growth, hours, reasons
from push.analytics.counts import Counts
from push.sending import windows
from webhooks.context import current
from webhooks.pages import tables
from webhooks.pages.access import needs
from webhooks.pages.blueprint import pages
from webhooks.pages.push import room
from webhooks.pages.push.campaigns import figures as counted

DAYS = (7, 30, 90, 365)
_HEAD = [*counts.NAMES, "clicked_of_accepted", "clicked_of_shown", "left_of_accepted", "left_of_shown"]


@pages.get("/campaigns/figures")
@needs("ops")
def push_figures() -> ResponseReturnValue:
    """The figures of the last `days`."""
    days, since, until = _span()
    with reading(current().database) as connection:
        by_kind = counts.by_kind(connection, since, until)
        return room.render(
            connection,
            "figures.html",
            days=days,
            choices=DAYS,
            whole=counts.add(by_kind.values()),
            by_kind=by_kind,
            heat=hours.by_hour(connection, since, until, room.zone()),
            features=features.by_feature(connection, since, until, room.settings().language),
            reasons=reasons.lately(connection, since),
            chains=chains.ways(connection),
            least=counts.LEAST_SHOWN,
            weekdays=room.weekdays(),
        )


@pages.get("/campaigns/figures/<any(kinds, hours, features, reasons, chains, growth):what>.csv")
@needs("ops")
def push_figures_file(what: str) -> ResponseReturnValue:
    """One table of the figures for a spreadsheet."""
    with reading(current().database) as connection:
        return _FILES[what](connection)


def last_day() -> date:
    """Today, where the portal is."""
    return utc_now().astimezone(room.zone()).date()


def _span() -> tuple[int, datetime, datetime]:
    days = request.args.get("days", 30, type=int)
    days = days if days in DAYS else 30
    today = last_day()
    bounds = (today - timedelta(days=days - 1), today + timedelta(days=1))
    since, until = (windows.instant(day, time(), room.zone()) for day in bounds)
    return days, since, until


def _kinds(connection: sa.Connection) -> Response:
    days, since, until = _span()
    found = counts.by_kind(connection, since, until)
    return _file(f"pushes-by-kind-{days}-days", ["kind"], [([kind], one) for kind, one in found.items()])


def _hours(connection: sa.Connection) -> Response:
    days, since, until = _span()
    week = hours.by_hour(connection, since, until, room.zone())
    lines = [([day + 1, hour], one) for day, line in enumerate(week) for hour, one in enumerate(line)]
    return _file(f"pushes-by-hour-{days}-days", ["iso_weekday", "hour"], lines)


def _features(connection: sa.Connection) -> Response:
    days, since, until = _span()
    found = features.by_feature(connection, since, until, room.settings().language)
    lines = [([feature.name, value], one) for feature in found for value, one in feature.values]
    return _file(f"pushes-by-feature-{days}-days", ["feature", "value"], lines)


def _reasons(connection: sa.Connection) -> Response:
    days, since, _ = _span()
    lines = [[one.state, one.word, one.number, one.example] for one in reasons.lately(connection, since)]
    return tables.csv_file(f"push-reasons-{days}-days.csv", ["state", "reason", "messages", "example"], lines)


def _chains(connection: sa.Connection) -> Response:
    lines = [([way.name, key], one) for way in chains.ways(connection) for key, one in way.steps]
    return _file("chains", ["chain", "step"], lines)


def _growth(connection: sa.Connection) -> Response:
    step = request.args.get("by", "")
    step = step if step in growth.PERIODS else "day"
    periods = growth.growth(connection, step, last_day(), room.zone())
    lines = [[one.start.isoformat(), one.new, one.lost, one.net, one.gone] for one in periods]
    return tables.csv_file(f"subscribers-by-{step}.csv", [step, "new", "lost", "net", "browsers_gone"], lines)


_FILES: dict[str, Callable[[sa.Connection], Response]] = {
    "kinds": _kinds,
    "hours": _hours,
    "features": _features,
    "reasons": _reasons,
    "chains": _chains,
    "growth": _growth,
}


def _file(name: str, head: Sequence[str], lines: Sequence[tuple[Sequence[object], Counts]]) -> Response:
    return tables.csv_file(f"{name}.csv", [*head, *_HEAD], [[*keys, *counted(one)] for keys, one in lines])
