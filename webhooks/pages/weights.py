"""The weights editor: the minutes of the factors, what others would do, trying them beside, and switching."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from deskside.model.weights import Apply, Change, Seen, Superseded, Unfair
from deskside.order import weights
from deskside.store import trial
from deskside.store import weights as store
from deskside.store.database import Row, reading, utc_now
from webhooks.context import current
from webhooks.limits import limiter
from webhooks.pages.access import allowed, needs, person
from webhooks.pages.blueprint import pages
from webhooks.pages.words import gettext
from webhooks.weights import preview

LONGEST_NOTE = 500
LABELS = {
    "vip_minutes": (lazy_gettext("VIP"), lazy_gettext("a ticket or a client with a VIP tag")),
    "spend_minutes": (
        lazy_gettext("Monthly spend, at most"),
        lazy_gettext("all of it from 10,000 a month, a third for each power of ten from 100 on"),
    ),
    "tenure_minutes": (
        lazy_gettext("Years as a client, at most"),
        lazy_gettext("a fifth for each whole year, all of it after five"),
    ),
    "seldom_minutes": (
        lazy_gettext("Seldom asks, at most"),
        lazy_gettext("all of it for the first ticket in 30 days, about a third after three"),
    ),
    "contact_minutes": (lazy_gettext("Authorised contact"), lazy_gettext("somebody who may decide for the client")),
    "complaint_minutes": (lazy_gettext("Complaint"), lazy_gettext("a ticket marked as a complaint")),
    "incident_minutes": (lazy_gettext("Known incident"), lazy_gettext("about an incident that is open and known")),
    "reopened_minutes": (lazy_gettext("Reopened"), lazy_gettext("was solved and came back")),
    "carried_minutes": (
        lazy_gettext("Earlier wait, at most"),
        lazy_gettext("what a ticket that came back had waited before"),
    ),
}
GROUPS = (
    (
        lazy_gettext("Who asks"),
        ("vip_minutes", "spend_minutes", "tenure_minutes", "seldom_minutes", "contact_minutes"),
    ),
    (
        lazy_gettext("What it is about"),
        ("complaint_minutes", "incident_minutes", "reopened_minutes", "carried_minutes"),
    ),
)
DONE = {
    Apply.TRY: lazy_gettext("These minutes are tried beside those in force. Nothing changes for anybody."),
    Apply.NEW: lazy_gettext("In force for every ticket that comes from now on. Whoever waits keeps the place."),
    Apply.ALL: lazy_gettext("In force, and everybody who waits was put in the new order."),
    Apply.END: lazy_gettext("The trial has ended."),
}


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed: the text of each field, the numbers of those that can be used, and the wrong ones."""

    text: Mapping[str, str]
    minutes: Mapping[str, int]
    wrong: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A version in the history: what it changed against the one in force when it was made."""

    row: Row
    changed: tuple[tuple[str, int, int], ...]
    reordered: int
    reverted: bool
    reordered_at_end: int


@pages.get("/settings/weights")
def weights_page() -> ResponseReturnValue:
    """The minutes in force, or those of a `version`, and what they would do."""
    with reading(current().database) as connection:
        chosen = request.args.get("version", type=int)
        minutes = None if chosen is None else store.by_version(connection, _own()).get(chosen, _own())
        return _page(connection, _typed(minutes or store.in_force(connection, _own())))


@pages.post("/settings/weights")
@limiter.limit("120 per minute", key_func=lambda: f"person:{person().id}")
@needs("ops")
def weights_submit() -> ResponseReturnValue:
    """Look at what typed minutes would do, or apply them."""
    wanted = request.form.get("do", "")
    typed = _read(request.form)
    database = current().database
    if wanted not in set(Apply):
        with reading(database) as connection:
            return _page(connection, typed, fragment=bool(request.headers.get("HX-Request")))
    apply = Apply(wanted)
    said, status = None, 422
    if typed.wrong and apply is not Apply.END:
        said = gettext("Some minutes cannot be used: see below.")
    else:
        try:
            current().actions.change_weights(_change(apply, typed))
        except Superseded:
            said, status = _meanwhile(), 409
        except Unfair as error:
            said = _unfair(error)
        else:
            flash(str(DONE[apply]))
            return redirect(url_for("pages.weights_page"), 303)
    with reading(database) as connection:
        if apply is Apply.END:
            typed = _typed(store.in_force(connection, _own()))
        return _page(connection, typed, said), status


def _own() -> dict[str, int]:
    return weights.configured(current().settings.queue)


def _typed(minutes: Mapping[str, int]) -> Typed:
    return Typed({name: str(value) for name, value in minutes.items()}, minutes, ())


def _read(form: Mapping[str, str]) -> Typed:
    most = weights.highest(_own(), current().settings.caps)
    text = {name: form.get(name, "").strip()[:10] for name in most}
    minutes = {name: int(value) for name, value in text.items() if value.isascii() and value.isdecimal()}
    return Typed(text, minutes, weights.wrong(minutes, most))


def _change(apply: Apply, typed: Typed) -> Change:
    # The configuration's own minutes need no version of their own, and the end of a trial none at all.
    unversioned = apply is Apply.END or (typed.minutes == _own() and apply is not Apply.TRY)
    return Change(
        apply=apply,
        minutes=None if unversioned else typed.minutes,
        by=person().name,
        seen=Seen(*(request.form.get(name, -1, type=int) for name in ("active", "shadow"))),
        note=request.form.get("note", "").strip()[:LONGEST_NOTE],
    )


def _page(connection: sa.Connection, typed: Typed, said: str | None = None, *, fragment: bool = False) -> str:
    settings, now = current().settings, utc_now()
    own = _own()
    usable = not typed.wrong
    active, tried = store.active(connection), store.shadow(connection)
    versions = store.by_version(connection, own)
    values = {
        "typed": typed,
        "found": preview(connection, settings, typed.minutes, now) if usable else None,
        "active": active,
        "tried": tried,
        "in_force": versions[active.version if active else 0],
        "same_as_tried": tried is not None and versions[tried.version] == typed.minutes,
        "most": weights.highest(own, settings.caps),
        "caps": settings.caps,
        "labels": LABELS,
        "groups": GROUPS,
        "may": allowed("ops"),
    }
    if fragment:
        return render_template("weights_preview.html", **values)
    return render_template(
        "weights.html",
        **values,
        said=said,
        own=own,
        note=request.form.get("note", "")[:LONGEST_NOTE],
        longest_note=LONGEST_NOTE,
        report=trial.report(connection, tried.made_at) if tried else None,
        trial_changed=_changed(versions[active.version if active else 0], versions[tried.version]) if tried else (),
        history=_history(connection, versions),
        now=now,
    )


def _changed(before: Mapping[str, int], after: Mapping[str, int]) -> tuple[tuple[str, int, int], ...]:
    return tuple((name, before[name], after[name]) for name in LABELS if before[name] != after[name])


def _history(connection: sa.Connection, versions: Mapping[int, Mapping[str, int]]) -> list[Entry]:
    rows = store.history(connection)
    reordered = store.reordered(connection)
    starts = {row.started_at for row in rows if row.started_at}
    return [
        Entry(
            row=row,
            changed=_changed(versions[_in_force(rows, row.made_at)], versions[row.version]),
            reordered=reordered.get(row.started_at, 0),
            reverted=row.state == store.PAST and row.started_at is not None and row.ended_at not in starts,
            reordered_at_end=reordered.get(row.ended_at, 0),
        )
        for row in rows
    ]


def _in_force(rows: Sequence[Row], at: datetime) -> int:
    """The version that was in force just before this moment."""
    for row in rows:
        if row.started_at and row.started_at < at and (row.ended_at is None or row.ended_at >= at):
            return int(row.version)
    return 0


def _meanwhile() -> str:
    with reading(current().database) as connection:
        newest = store.history(connection, 1)
    if not newest:
        return gettext("Somebody else changed the weights meanwhile. What you typed is kept: look at it again.")
    row = newest[0]
    return gettext(
        "%(who)s changed the weights meanwhile. What you typed is kept: look at it again, then decide.",
        who=row.ended_by if row.state == store.PAST else row.made_by,
    )


def _unfair(error: Unfair) -> str:
    return gettext(
        "Not saved: tickets without a head start could lose %(found)s min in the mean, and the limit is %(limit)s min.",
        found=f"{error.found:.0f}",
        limit=f"{error.limit:.0f}",
    )
