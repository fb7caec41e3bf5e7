"""The chains: all of them, one with what came of its steps, and what can be done with it."""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from deskside.errors import Permanent
from deskside.store.database import Row, reading, utc_now
from push.analytics import chains as figures
from push.analytics.counts import Counts
from push.campaigns import listing
from push.chains import by_hand, control, store
from webhooks.context import current
from webhooks.limits import limiter
from webhooks.pages import charts
from webhooks.pages.access import needs, person
from webhooks.pages.blueprint import pages
from webhooks.pages.push import room
from webhooks.pages.rows import one
from webhooks.pages.words import gettext, ngettext


@pages.get("/chains")
@needs("ops")
def chains_page() -> ResponseReturnValue:
    """All chains by name; with `ended` those that were ended."""
    ended = request.args.get("ended") == "1"
    with reading(current().database) as connection:
        rows = store.every(connection, ended=ended)
        return room.render(
            connection,
            "chains.html",
            rows=rows,
            ended=ended,
            ways={way.id: way for way in figures.ways(connection, [row.id for row in rows])},
            definitions=store.definitions(connection, {(row.id, row.version) for row in rows}),
            none_counts=Counts(),
        )


@pages.get("/chains/<int:number>")
@needs("ops")
def chain_page(number: int) -> ResponseReturnValue:
    """One chain: its steps, and where its people are."""
    with reading(current().database) as connection:
        row = one(connection, store.get, number)
        definition = store.definition(connection, number, row.version)
        (way,) = figures.ways(connection, [number])
        became = dict(way.steps)
        # Steps of earlier versions are told of at the end.
        keys = [*definition.steps, *(key for key in became if key not in definition.steps)]
        counts = [became.get(key, Counts()) for key in keys]
        series = [[getattr(each, name) for each in counts] for name in ("accepted", "shown", "clicked")]
        return room.render(
            connection,
            "chain.html",
            row=row,
            definition=definition,
            way=way,
            waiting=figures.waiting(connection, number),
            keys=keys,
            counts=counts,
            chart=charts.columns(series, charts.top_count(series[0])),
            width=charts.WIDTH,
            height=charts.HEIGHT,
            labels=keys,
            exits=figures.exits(connection, number),
            versions=store.versions(connection, number),
            reachable=by_hand.reachable(connection),
            topics=listing.topics(connection),
            weekdays=room.weekdays(),
        )


@pages.post("/chains/<int:number>/<any(activate, pause, resume, end, enter):what>")
@limiter.limit("60 per minute", key_func=lambda: f"person:{person().id}")
@needs("ops")
def change_chain(number: int, what: str) -> ResponseReturnValue:
    """Do something with a chain; who was too late is told what it is by now."""
    try:
        with current().database.begin() as connection:
            said = _DO[what](connection, one(connection, store.get, number), utc_now())
            current().actions.push_soon(connection)
    except Permanent as error:
        flash(gettext("Nothing was done: %(why)s.", why=str(error)), "error")
    else:
        flash(said)
    return redirect(url_for("pages.chain_page", number=number), 303)


def _activate(connection: sa.Connection, row: Row, _now: datetime) -> str:
    if row.state != store.DRAFT:
        raise Permanent(gettext("it was active before: let it go on instead"))
    control.activate(connection, row.id)
    return gettext("It lets people in from now on.")


def _pause(connection: sa.Connection, row: Row, now: datetime) -> str:
    freezes = request.form.get("freezes", "1") == "1"
    control.pause(connection, row.id, now, freezes=freezes)
    return gettext("Paused: their time stands still.") if freezes else gettext("Paused: their time goes on.")


def _resume(connection: sa.Connection, row: Row, now: datetime) -> str:
    if row.state != store.PAUSED:
        raise Permanent(gettext("it is not paused"))
    control.resume(connection, row.id, now)
    return gettext("It goes on.")


def _end(connection: sa.Connection, row: Row, now: datetime) -> str:
    control.archive(connection, row.id, now)
    return gettext("It has ended for everybody.")


def _enter(connection: sa.Connection, row: Row, now: datetime) -> str:
    if row.state != store.ACTIVE:
        raise Permanent(gettext("only an active chain lets people in"))
    topic = request.form.get("topic", "")
    if topic and topic not in {found.name for found in listing.topics(connection)}:
        raise Permanent(gettext("there is no such topic"))
    entered = by_hand.enter(connection, row, topic, room.manners(), now)
    return ngettext("%(num)s person came in.", "%(num)s people came in.", entered)


_DO: dict[str, Callable[[sa.Connection, Row, datetime], str]] = {
    "activate": _activate,
    "pause": _pause,
    "resume": _resume,
    "end": _end,
    "enter": _enter,
}
