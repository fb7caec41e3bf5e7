"""Writing a chain: its door and its steps; and, once people are inside, what an edit means for them beforehand."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from deskside.errors import Conflict, Malformed
from deskside.store.database import Row, reading, utc_now
from push.campaigns import listing
from push.chains import edit, store
from push.chains.definition import EXITS, MOST_STEPS
from push.chains.edit import Effect, Those
from webhooks.context import current
from webhooks.limits import limiter
from webhooks.pages.access import needs, person
from webhooks.pages.blueprint import pages
from webhooks.pages.push import chain_form as form
from webhooks.pages.push import faults, room
from webhooks.pages.push.chain_form import Typed
from webhooks.pages.rows import one
from webhooks.pages.words import gettext

WITHIN_DAYS = 7
MOST_WITHIN_DAYS = 365


@pages.get("/chains/new")
@needs("ops")
def new_chain() -> ResponseReturnValue:
    """An empty form."""
    with reading(current().database) as connection:
        return _page(connection, form.blank(room.settings().language))


@pages.get("/chains/<int:number>/edit")
@needs("ops")
def edit_chain(number: int) -> ResponseReturnValue:
    """The form of a chain; what has ended is shown instead."""
    with reading(current().database) as connection:
        row = one(connection, store.get, number)
        if row.state == store.ARCHIVED:
            return redirect(url_for("pages.chain_page", number=number), 303)
        return _page(connection, form.of_chain(row, store.raw_definition(connection, number, row.version)), row)


@pages.post("/chains/new")
@limiter.limit("120 per minute", key_func=lambda: f"person:{person().id}")
@needs("ops")
def make_chain() -> ResponseReturnValue:
    """Change the form, or make the chain, as a draft."""
    do = request.form.get("do", "")
    typed = form.read(request.form, do)
    if do != "save":
        with reading(current().database) as connection:
            return _page(connection, typed)
    try:
        with current().database.begin() as connection:
            made = store.create(
                connection, **_door(typed), definition=form.definition_of(typed), by=person().name, now=utc_now()
            )
    except (Malformed, ValidationError) as error:
        return _refused(typed, None, error)
    flash(gettext("The chain is kept, as a draft: nobody is let in yet."))
    return redirect(url_for("pages.chain_page", number=made.id), 303)


@pages.post("/chains/<int:number>/edit")
@limiter.limit("120 per minute", key_func=lambda: f"person:{person().id}")
@needs("ops")
def save_chain(number: int) -> ResponseReturnValue:
    """Change the form, count what an edit would touch, or make it."""
    do = request.form.get("do", "")
    typed = form.read(request.form, do)
    if do not in ("save", "review"):
        with reading(current().database) as connection:
            return _page(connection, typed, one(connection, store.get, number))
    now = utc_now()
    try:
        with current().database.begin() as connection:
            row = one(connection, lambda there, which: store.get(there, which, lock=True), number)
            if request.form.get("seen") != str(row.version) or row.state == store.ARCHIVED:
                raise Conflict(gettext("Somebody else changed this chain meanwhile. What you typed is below."))
            new = form.definition_of(typed, store.raw_definition(connection, number, row.version))
            if row.state != store.DRAFT and (do == "review" or request.form.get("reviewed") != _mark(new)):
                return _page(connection, typed, row, review=_review(connection, row, new, now), mark=_mark(new))
            _keep(connection, row, typed, new, now)
    except (Malformed, ValidationError, Conflict) as error:
        return _refused(typed, number, error)
    flash(gettext("It is kept."))
    return redirect(url_for("pages.chain_page", number=number), 303)


def _keep(connection: sa.Connection, row: Row, typed: Typed, new: Mapping[str, Any], now: datetime) -> None:
    if row.state == store.DRAFT:
        store.change(connection, row, **_door(typed))
        those = Those.STAY
    else:
        chosen = request.form.get("those", "")
        if chosen not in set(Those):
            raise Malformed(gettext("say what becomes of those who are inside"))
        those = Those(chosen)
    edit.edit(connection, row, new, those, within=_within(), by=person().name, now=now, manners=room.manners())
    current().actions.push_soon(connection)


def _review(connection: sa.Connection, row: Row, new: Mapping[str, Any], now: datetime) -> Effect:
    return edit.preview(connection, row, new, _within(), now)


def _within() -> timedelta:
    text = request.form.get("within", "").strip() or str(WITHIN_DAYS)
    if not (text.isascii() and text.isdecimal() and len(text) < 4 and 1 <= int(text) <= MOST_WITHIN_DAYS):
        raise Malformed(gettext("the days to catch up within must be 1 to %(most)s", most=MOST_WITHIN_DAYS))
    return timedelta(days=int(text))


def _door(typed: Typed) -> dict[str, Any]:
    return {
        "name": form.name_of(typed),
        "entry": typed.text["entry"],
        "topic": typed.text["topic"] or None,
        "again_days": form.again_days(typed),
    }


def _mark(new: Mapping[str, Any]) -> str:
    """Names a definition and the span: what was counted must be what is kept."""
    told = json.dumps([new, _within().days], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def _refused(typed: Typed, number: int | None, error: Exception) -> ResponseReturnValue:
    said = faults.told(error) if isinstance(error, ValidationError) else str(error)
    with reading(current().database) as connection:
        row = one(connection, store.get, number) if number is not None else None
        return _page(connection, typed, row, said=said, status=409 if isinstance(error, Conflict) else 422)


def _page(
    connection: sa.Connection,
    typed: Typed,
    row: Row | None = None,
    *,
    review: Effect | None = None,
    mark: str = "",
    said: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    html = room.render(
        connection,
        "chain_editor.html",
        row=row,
        typed=typed,
        review=review,
        mark=mark,
        said=said,
        those=tuple(Those),
        chosen_those=request.form.get("those", Those.STAY.value),
        within=request.form.get("within", str(WITHIN_DAYS)),
        exits=EXITS,
        entries=store.ENTRIES,
        topics=listing.topics(connection),
        most_steps=MOST_STEPS,
        longest=form.LONGEST,
        weekdays=room.weekdays(),
    )
    return make_response(html, status)
