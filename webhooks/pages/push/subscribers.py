"""The subscribers: how the list grows and what it is made of, who is on it, and all about one of them."""

from collections.abc import Mapping, Sequence
from datetime import date

from babel.dates import format_date
from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from deskside.errors import Gone
from deskside.store.database import Row, reading, utc_now
from push.analytics import growth, people, why
from push.analytics.why import Why
from webhooks.context import current
from webhooks.pages import charts
from webhooks.pages.access import needs
from webhooks.pages.blueprint import pages
from webhooks.pages.push import room
from webhooks.pages.push.figures import last_day
from webhooks.pages.rows import row_id
from webhooks.pages.words import gettext

SHOWN = 40
MESSAGES = 50
LAYOUTS = {"day": "d MMM", "week": "d MMM", "month": "LLL yyyy"}
ONLY = ("", "testers", "left", "unreachable")


@pages.get("/subscribers")
@needs("ops")
def subscribers_page() -> ResponseReturnValue:
    """Growth, what the list is made of, and the people on it."""
    step = request.args.get("by", "")
    step = step if step in growth.PERIODS else "day"
    chosen = {name: request.args.get(name, "").strip()[:120] for name in ("q", "topic", "only")}
    before = request.args.get("before", type=int)
    with reading(current().database) as connection:
        periods = growth.growth(connection, step, last_day(), room.zone())
        rows = people.listed(
            connection,
            search=chosen["q"],
            topic=chosen["topic"],
            only=chosen["only"],
            before=before if before is not None and row_id(before) else None,
            limit=SHOWN + 1,
        )
        shown = rows[:SHOWN]
        ids = [row.id for row in shown]
        top = charts.top_count([*(one.new for one in periods), *(one.lost for one in periods)])
        return room.render(
            connection,
            "subscribers.html",
            overview=people.overview(connection),
            step=step,
            steps=tuple(growth.PERIODS),
            periods=periods,
            labels=[_label(step, one.start) for one in periods],
            grown=charts.columns([[one.new for one in periods], [one.lost for one in periods]], top),
            width=charts.WIDTH,
            height=charts.HEIGHT,
            people=shown,
            browsers=_kinds_of(people.browsers(connection, ids)),
            topics=people.topics(connection, ids),
            older=shown[-1].id if len(rows) > SHOWN else None,
            chosen=chosen,
            only=ONLY,
        )


@pages.get("/subscribers/<int:number>")
@needs("ops")
def subscriber_page(number: int) -> ResponseReturnValue:
    """One person; with `campaign` also why they get it, or not."""
    asked = request.args.get("campaign", type=int)
    with reading(current().database) as connection:
        row = people.find(connection, number) if row_id(number) else None
        if row is None:
            abort(404)
        answer: Why | None = None
        if asked is not None and row_id(asked):
            try:
                answer = why.why(connection, number, asked, room.manners(), utc_now())
            except Gone:
                abort(404)
        return room.render(
            connection,
            "subscriber.html",
            row=row,
            browsers=people.browsers(connection, [number]).get(number, ()),
            topics=people.topics(connection, [number]).get(number, ()),
            consents=people.consents(connection, number),
            messages=people.messages(connection, [number], MESSAGES),
            campaigns=why.recent(connection),
            asked=asked,
            answer=answer,
            per_week=room.settings().per_week,
        )


@pages.post("/subscribers/<int:number>/tester")
@needs("ops")
def mark_tester(number: int) -> ResponseReturnValue:
    """Whether tests of messages go to this person."""
    tester = request.form.get("tester") == "1"
    with current().database.begin() as connection:
        if not row_id(number) or not people.mark_tester(connection, number, tester):
            abort(404)
    flash(gettext("Tests go to them from now on.") if tester else gettext("Tests do not go to them any more."))
    return redirect(url_for("pages.subscriber_page", number=number), 303)


def _kinds_of(browsers: Mapping[int, Sequence[Row]]) -> dict[int, list[Row]]:
    """The living ones."""
    return {number: [one for one in rows if one.state == "alive"] for number, rows in browsers.items()}


def _label(step: str, day: date) -> str:
    return format_date(day, LAYOUTS[step], locale=get_locale())
