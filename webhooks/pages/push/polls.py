"""The polls: made, asked, and what people answered."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from flask import flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from deskside.errors import Malformed, Permanent
from deskside.store.database import reading, utc_now
from push.campaigns import launch as campaigns
from push.campaigns import listing
from push.chains import by_hand
from push.launching import Wish
from push.links import Links
from push.polls import launch, polls, votes
from push.polls.polls import LONGEST_OPTION, LONGEST_QUESTION, MOST_OPTIONS, in_language
from webhooks.context import current
from webhooks.limits import limiter
from webhooks.pages import charts
from webhooks.pages.access import needs, person
from webhooks.pages.blueprint import pages
from webhooks.pages.push import poll_form as form
from webhooks.pages.push import room
from webhooks.pages.push.poll_form import Typed
from webhooks.pages.rows import one
from webhooks.pages.words import gettext

SHOWN = 100
REMARKS = 200


@pages.get("/polls")
@needs("ops")
def polls_page() -> ResponseReturnValue:
    """The last polls."""
    with reading(current().database) as connection:
        rows = polls.every(connection, SHOWN)
        return room.render(
            connection,
            "polls.html",
            rows=rows,
            totals={row.id: votes.result(connection, row).total for row in rows},
            is_open=polls.is_open,
            say=_say,
        )


@pages.get("/polls/new")
@needs("ops")
def new_poll() -> ResponseReturnValue:
    """An empty form."""
    with reading(current().database) as connection:
        return _form(connection, form.blank(room.settings().language))


@pages.post("/polls/new")
@limiter.limit("120 per minute", key_func=lambda: f"person:{person().id}")
@needs("ops")
def make_poll() -> ResponseReturnValue:
    """Change the form, or make the poll: it is open, and nobody is asked yet."""
    do = request.form.get("do", "")
    typed = form.read(request.form, do)
    if do != "save":
        with reading(current().database) as connection:
            return _form(connection, typed)
    try:
        asked = form.question_of(typed)
        name = typed.get("name").strip() or asked.question[typed.tongues[0]]
        with current().database.begin() as connection:
            made = polls.create(connection, name, asked, person().name, utc_now(), form.closes_at(typed, room.zone()))
    except Malformed as error:
        with reading(current().database) as connection:
            return _form(connection, typed, str(error))
    flash(gettext("The poll is open. Nobody is asked yet."))
    return redirect(url_for("pages.poll_page", number=made), 303)


@pages.get("/polls/<int:number>")
@needs("ops")
def poll_page(number: int) -> ResponseReturnValue:
    """The result as it stands, and what can be done."""
    with reading(current().database) as connection:
        row = one(connection, polls.get, number)
        result = votes.result(connection, row)
        many = [bar.votes for bar in result.bars]
        return room.render(
            connection,
            "poll.html",
            row=row,
            is_open=polls.is_open(row, utc_now()),
            result=result,
            chart=charts.columns([many], charts.top_count(many)),
            width=charts.WIDTH,
            height=charts.HEIGHT,
            labels=[_say(bar.titles) for bar in result.bars],
            remarks=votes.remarks(connection, number, REMARKS),
            asked=listing.made_from(connection, f"poll:{number}"),
            link=_links().poll_page(row.token),
            topics=listing.topics(connection),
            reachable=by_hand.reachable(connection),
            say=_say,
        )


@pages.post("/polls/<int:number>/ask")
@limiter.limit("30 per minute", key_func=lambda: f"person:{person().id}")
@needs("ops")
def ask_poll(number: int) -> ResponseReturnValue:
    """Ask everybody, or those of a topic."""
    topic = request.form.get("topic", "")
    now = utc_now()
    try:
        with current().database.begin() as connection:
            row = one(connection, polls.get, number)
            if topic and topic not in {found.name for found in listing.topics(connection)}:
                raise Permanent(gettext("there is no such topic"))
            launch.launch(connection, row.id, person().name, _campaign, _links(), now, topic or None)
            current().actions.push_soon(connection)
    except (Permanent, Malformed) as error:
        flash(gettext("Nothing was done: %(why)s.", why=str(error)), "error")
    else:
        flash(gettext("It is asked: each person gets their own link."))
    return redirect(url_for("pages.poll_page", number=number), 303)


@pages.post("/polls/<int:number>/close")
@needs("ops")
def close_poll(number: int) -> ResponseReturnValue:
    """End it; the result stands."""
    with current().database.begin() as connection:
        closed = polls.close(connection, one(connection, polls.get, number).id)
    flash(gettext("The poll is closed: everybody may see the result.") if closed else gettext("It was closed already."))
    return redirect(url_for("pages.poll_page", number=number), 303)


def _campaign(connection: sa.Connection, wish: Wish, now: datetime) -> int:
    return campaigns.launch(connection, wish, room.manners(), now)


def _links() -> Links:
    settings = current().settings
    return Links(settings.base_url, settings.web["secret_key"])


def _say(texts: Mapping[str, str]) -> str:
    """In the reader's language, else the first there is."""
    return in_language(texts, str(get_locale()))


def _form(connection: sa.Connection, typed: Typed, said: str = "") -> ResponseReturnValue:
    html = room.render(
        connection,
        "poll_editor.html",
        typed=typed,
        said=said,
        most_options=MOST_OPTIONS,
        least_options=form.LEAST_OPTIONS,
        longest={"question": LONGEST_QUESTION, "option": LONGEST_OPTION},
    )
    return make_response(html, 422 if said else 200)
