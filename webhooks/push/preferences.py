"""A person's own page, behind a link: what they hear about, how often, when not, where, their data, and the way out.

It works without a script. There is no sign-in: whoever has the link may, as with the link in any newsletter.
"""

import re
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Response, json, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_limiter.util import get_remote_address

from deskside.errors import Malformed
from deskside.store.database import reading, utc_now
from push.chains import flow
from push.subscribers import preferences, registry, tokens, topics
from push.subscribers.own_data import own_data
from push.subscribers.preferences import Preferences
from push.subscribers.tokens import Holder
from webhooks.context import current
from webhooks.limits import limiter
from webhooks.pages.signing import LANGUAGES
from webhooks.push.face import blueprint, face, file_url, for_visitors, icon, language, policy

pages = blueprint("push_preferences", "/push/preferences")
for_visitors(pages)
PER_WEEK = (1, 2, 3, 5, 7)
PAUSES = (1, 4)
SOURCE = "preferences"
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(:\d\d)?")
_AGAIN = limiter.shared_limit("60 per minute", scope="push preferences", key_func=get_remote_address)


@pages.get("/<token>")
@_AGAIN
def show(token: str) -> ResponseReturnValue:
    """The page. `?done=` says what was just done."""
    with reading(current().database) as connection:
        return _shown(connection, token)


@pages.post("/<token>")
@_AGAIN
def save(token: str) -> ResponseReturnValue:
    """Keep topics, language, how often and when not; 422 with the form again when the quiet hours are none."""
    with current().database.begin() as connection:
        holder, found = _held(connection, token)
        if holder is None or found is None:
            return _nobody()
        wanted = _filled(found)
        try:
            wanted = replace(wanted, quiet=_quiet(*_typed()))
        except Malformed:
            return _shown(connection, token, wanted, status=422)
        now = utc_now()
        chose = preferences.change(connection, holder.subscriber_id, wanted, now, SOURCE)
        flow.chose(connection, holder.subscriber_id, chose, face().manners, now)
    return _back(token, "saved", wanted.language)


@pages.post("/<token>/pause")
@_AGAIN
def pause(token: str) -> ResponseReturnValue:
    """No messages for some weeks; or the end of that."""
    weeks = request.form.get("weeks", type=int)
    with current().database.begin() as connection:
        holder, found = _held(connection, token)
        if holder is None or found is None:
            return _nobody()
        until = utc_now() + timedelta(weeks=weeks) if weeks in PAUSES else None
        preferences.pause(connection, holder.subscriber_id, until)
    return _back(token, "paused" if until else "resumed")


@pages.post("/<token>/stop")
@_AGAIN
def stop(token: str) -> ResponseReturnValue:
    """No more messages to one browser, or to none at all."""
    number = request.form.get("browser", type=int)
    with current().database.begin() as connection:
        holder, found = _held(connection, token)
        if holder is None or found is None:
            return _nobody()
        if request.form.get("browser") == "all":
            registry.leave(connection, holder.subscriber_id, utc_now(), SOURCE)
        for row in registry.all_devices(connection, holder.subscriber_id):
            if row.id == number:
                registry.unsubscribe_device(connection, row.id, utc_now(), SOURCE)
    return _back(token, "stopped")


@pages.get("/<token>/data.json")
@_AGAIN
def data(token: str) -> ResponseReturnValue:
    """All that is kept of them, as a file."""
    with reading(current().database) as connection:
        holder = tokens.read_preferences(current().settings.web["secret_key"], token)
        found = own_data(connection, holder.subscriber_id) if holder else None
    if found is None:
        return _nobody()
    text = json.dumps(found, indent=2, ensure_ascii=False, default=_plain, sort_keys=False)
    answer = Response(text, content_type="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="my-notifications.json"'
    return answer


@pages.post("/<token>/delete")
@_AGAIN
def delete(token: str) -> ResponseReturnValue:
    """Erase them. The link leads nowhere afterwards."""
    with current().database.begin() as connection:
        holder, found = _held(connection, token)
        if holder is None or found is None:
            return _nobody()
        registry.forget(connection, holder.subscriber_id)
    return _page("push_deleted.html", 200)


def _held(connection: sa.Connection, token: str) -> tuple[Holder | None, Preferences | None]:
    holder = tokens.read_preferences(current().settings.web["secret_key"], token)
    return holder, preferences.read(connection, holder.subscriber_id) if holder else None


def _filled(found: Preferences) -> Preferences:
    """The wishes as they were filled in, but for the quiet hours."""
    form = request.form
    chosen, given = form.get("language", ""), form.get("per_week", "")
    return replace(
        found,
        topics=tuple(form.getlist("topic")),
        language=chosen if chosen in LANGUAGES else found.language,
        per_week=int(given) if given in {str(number) for number in PER_WEEK} else None,
    )


def _shown(connection: sa.Connection, token: str, filled: Preferences | None = None, status: int = 200) -> Response:
    holder, found = _held(connection, token)
    if holder is None or found is None:
        return _nobody()
    wishes = filled or found
    return _page(
        "push_preferences.html",
        status,
        tongue=found.language,
        token=token,
        wishes=wishes,
        topics=topics.offered(connection),
        browsers=registry.all_devices(connection, holder.subscriber_id),
        here=holder.subscription_id,
        paused=found.paused_until if found.paused_until and found.paused_until > utc_now() else None,
        per_week=sorted({*PER_WEEK, wishes.per_week or 1}),
        default=face().settings,
        quiet=_clock(wishes.quiet) if filled is None else _typed(),
        pauses=PAUSES,
        done=request.args.get("done", ""),
        wrong=filled is not None,
    )


def _quiet(start: str, end: str) -> tuple[int, int] | None:
    """The quiet hours of a form; None is the portal's own. Raises Malformed."""
    if not start and not end:
        return None
    found = [int(time[1]) * 60 + int(time[2]) for time in map(_CLOCK.fullmatch, (start, end)) if time]
    if len(found) != 2 or found[0] == found[1]:
        raise Malformed("the quiet hours need two different times")
    return found[0], found[1]


def _typed() -> tuple[str, str]:
    return request.form.get("quiet_from", "")[:8], request.form.get("quiet_to", "")[:8]


def _clock(quiet: tuple[int, int] | None) -> tuple[str, str]:
    if quiet is None:
        return "", ""
    start, end = (f"{minutes // 60:02}:{minutes % 60:02}" for minutes in quiet)
    return start, end


def _back(token: str, done: str, tongue: str = "") -> ResponseReturnValue:
    lang = tongue or request.args.get("lang")
    return redirect(url_for("push_preferences.show", token=token, done=done, lang=lang), 303)


def _nobody() -> Response:
    return _page("push_nobody.html", 404)


def _page(template: str, status: int, tongue: str = "", **values: object) -> Response:
    # The language they chose for their messages, unless another one was asked for just now.
    shown = language() if "lang" in request.args or tongue not in LANGUAGES else tongue
    with force_locale(shown):
        body = render_template(
            template, name=face().settings.name, icon=icon(), languages=LANGUAGES, file_url=file_url, **values
        )
    answer = make_response(body, status)
    answer.headers["Content-Security-Policy"] = policy(scripts=True)
    # The address of this page is all it takes to open it.
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
