"""One campaign: before it goes out whom it reaches and when, then what came of it, and what can be done with it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from deskside.errors import Conflict, Malformed
from deskside.store.database import Row, reading, utc_now
from push.analytics import counts, hours, reasons
from push.analytics.counts import Counts
from push.campaigns import ab, control, drafts, listing, messages
from push.campaigns.ab import Judgement, Leg
from push.campaigns.definition import Draft, When
from push.campaigns.legs import legs
from push.sending import recovery
from webhooks.context import current
from webhooks.limits import limiter
from webhooks.pages import charts, tables
from webhooks.pages.access import needs, person
from webhooks.pages.blueprint import pages
from webhooks.pages.push import estimate as estimates
from webhooks.pages.push import form, room
from webhooks.pages.push.campaigns import figures
from webhooks.pages.push.composer import tell_tests
from webhooks.pages.push.guard import found
from webhooks.pages.words import gettext, ngettext

UNKNOWN_SHOWN = 100
SETTLED_AS = ("accepted", "failed", "again")


@dataclass(frozen=True, slots=True)
class Compared:
    """A variant with what came of it."""

    leg: Leg
    counts: Counts


@pages.get("/campaigns/<int:number>")
@needs("ops")
def campaign_page(number: int) -> ResponseReturnValue:
    """The campaign; with `fragment` only what a poll replaces."""
    now = utc_now()
    with reading(current().database) as connection:
        row = found(connection, number)
        draft = drafts.read(row)
        begun = row.started_at is not None
        day = _day(hours.of_campaign(connection, number, room.zone())) if begun else []
        estimate = None if begun or row.state == "cancelled" else estimates.estimate(connection, draft, row.seed, now)
        return room.render(
            connection,
            "campaign_state.html" if request.args.get("fragment") else "campaign.html",
            row=row,
            draft=draft,
            estimate=estimate,
            counts=counts.of_campaigns(connection, [number])[number],
            compared=_compared(connection, row, draft) if begun else (),
            judgement=_judgement(connection, row) if begun else None,
            day=day,
            labels=[f"{hour}:00" for hour in range(24)],
            by_hour=charts.columns(
                [[one.shown for one in day], [one.clicked for one in day]], charts.top_count([one.shown for one in day])
            ),
            width=charts.WIDTH,
            height=charts.HEIGHT,
            most=UNKNOWN_SHOWN,
            reasons=reasons.of_campaign(connection, number) if begun else (),
            waiting=listing.waiting(connection, number),
            unknown=recovery.unknown(connection, UNKNOWN_SHOWN, number),
            testers=listing.testers(connection),
            shown=estimates.shown(draft.variants, estimates.sample(connection, None), room.settings().language),
        )


@pages.post("/campaigns/<int:number>/<any(start, unschedule, pause, resume, confirm, cancel, test):what>")
@limiter.limit("60 per minute", key_func=lambda: f"person:{person().id}")
@needs("ops")
def change_campaign(number: int, what: str) -> ResponseReturnValue:
    """Do something with a campaign; who was too late is told what it is by now."""
    try:
        with current().database.begin() as connection:
            row = found(connection, number)
            said = _DO[what](connection, row, person().name, utc_now())
            current().actions.push_soon(connection)
    except Conflict as error:
        flash(gettext("Nothing was done: %(why)s.", why=str(error)), "error")
    except Malformed as error:
        flash(gettext("This cannot be sent yet: %(why)s.", why=str(error)), "error")
    else:
        if said:
            flash(said)
    return redirect(url_for("pages.campaign_page", number=number), 303)


@pages.get("/campaigns/<int:number>.csv")
@needs("ops")
def campaign_file(number: int) -> ResponseReturnValue:
    """What came of the campaign, a row for each variant."""
    head = ["campaign", "variant", *counts.NAMES]
    head += ["clicked_of_accepted", "clicked_of_shown", "left_of_accepted", "left_of_shown"]
    with reading(current().database) as connection:
        row = found(connection, number)
        draft = drafts.read(row)
        became = counts.of_variants(connection, number, len(draft.variants))
    lines = [[row.name, variant.name, *figures(one)] for variant, one in zip(draft.variants, became, strict=True)]
    return tables.csv_file(f"campaign-{number}.csv", head, lines)


@pages.get("/campaigns/unknown")
@needs("ops")
def unknown_pushes() -> ResponseReturnValue:
    """The pushes of which nobody knows whether they arrived, of all messages."""
    with reading(current().database) as connection:
        rows = recovery.unknown(connection, UNKNOWN_SHOWN)
        return room.render(connection, "unknown.html", unknown=rows, most=UNKNOWN_SHOWN)


@pages.post("/campaigns/unknown")
@needs("ops")
def settle_unknown() -> ResponseReturnValue:
    """Settle those that were ticked as a person says."""
    as_ = request.form.get("as", "")
    copies = [int(text) for text in request.form.getlist("push") if text.isascii() and text.isdecimal()]
    if as_ not in SETTLED_AS:
        abort(400)
    with current().database.begin() as connection:
        settled = recovery.settle_unknown(
            connection, [one for one in copies if one < 2**63], as_, person().name, utc_now()
        )
        current().actions.push_soon(connection)
    flash(ngettext("%(num)s push is settled.", "%(num)s pushes are settled.", settled))
    back = request.form.get("campaign", type=int)
    target = url_for("pages.campaign_page", number=back) if back else url_for("pages.unknown_pushes")
    return redirect(target, 303)


def _start(connection: sa.Connection, row: Row, _by: str, now: datetime) -> str:
    if request.form.get("seen") != row.updated_at.isoformat():
        raise Conflict(gettext("somebody changed the draft meanwhile: look at it again"))
    drafts.schedule_it(connection, row.id, room.manners(), now)
    return gettext("It is planned. You can still take it back until it begins.")


def _unschedule(connection: sa.Connection, row: Row, _by: str, now: datetime) -> str:
    drafts.unschedule(connection, row.id, now)
    return gettext("It is a draft again.")


def _pause(connection: sa.Connection, row: Row, by: str, _now: datetime) -> str:
    held = control.pause(connection, row.id, by)
    return ngettext("Paused: %(num)s person waits.", "Paused: %(num)s people wait.", held)


def _resume(connection: sa.Connection, row: Row, by: str, now: datetime) -> str:
    released = control.resume(connection, row.id, by, now)
    return ngettext("It goes on: %(num)s person is left.", "It goes on: %(num)s people are left.", released)


def _confirm(connection: sa.Connection, row: Row, by: str, now: datetime) -> str:
    draft = drafts.read(row)
    anew = None
    if request.form.get("day"):
        moment = {name: request.form.get(name, "") for name in ("day", "time")}
        anew = form.schedule_of({**moment, "when": When.AT.value, "hours": str(draft.schedule.hours)}, room.zone())
    drafts.confirm(connection, row.id, by, room.manners(), now, anew)
    return gettext("Confirmed: it goes out.")


def _cancel(connection: sa.Connection, row: Row, by: str, now: datetime) -> str:
    dropped = control.cancel(connection, row.id, by, now)
    return ngettext("Cancelled: %(num)s person does not get it.", "Cancelled: %(num)s people do not get it.", dropped)


def _test(connection: sa.Connection, row: Row, _by: str, now: datetime) -> str:
    tell_tests(messages.send_test(connection, row.id, now))
    return ""


_DO: dict[str, Callable[[sa.Connection, Row, str, datetime], str]] = {
    "start": _start,
    "unschedule": _unschedule,
    "pause": _pause,
    "resume": _resume,
    "confirm": _confirm,
    "cancel": _cancel,
    "test": _test,
}


def _compared(connection: sa.Connection, row: Row, draft: Draft) -> Sequence[Compared]:
    if len(draft.variants) < 2:
        return ()
    became = counts.of_variants(connection, row.id, len(draft.variants))
    return [Compared(leg, one) for leg, one in zip(legs(connection, row.id), became, strict=True)]


def _day(week: Sequence[Sequence[Counts]]) -> list[Counts]:
    """The hours of all weekdays together."""
    return [counts.add(line[hour] for line in week) for hour in range(24)]


def _judgement(connection: sa.Connection, row: Row) -> Judgement | None:
    return ab.judge(legs(connection, row.id), ended=row.state in ("done", "cancelled"))
