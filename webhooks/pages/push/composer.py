"""Writing a campaign: its texts, whom it is for, when; with the look of it and the audience beside, as one types."""

from datetime import datetime

import sqlalchemy as sa
from flask import Response, flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from deskside.errors import Conflict, Malformed
from deskside.store.database import Row, reading, utc_now
from push.campaigns import drafts, listing, looks, messages
from push.campaigns.definition import MOST_VARIANTS, Draft, When
from push.model import Kind
from webhooks.context import current
from webhooks.headers import CONTENT_SECURITY_POLICY
from webhooks.limits import limiter
from webhooks.pages.access import needs, person
from webhooks.pages.blueprint import pages
from webhooks.pages.push import estimate as estimates
from webhooks.pages.push import form, room
from webhooks.pages.push.form import Typed
from webhooks.pages.push.guard import found
from webhooks.pages.words import gettext, ngettext

# What a person may choose; digests and polls are made by their own rooms.
KINDS = (Kind.PROMO, Kind.SERVICE, Kind.INCIDENT)
EMOJI = "🎉 ✅ 🔔 🚀 🛠️ ⚠️ 🔥 💡 📣 🎁 📅 🔒 ❤️ ⭐ 👋 ⏰"
SEED = "estimate"


@pages.get("/campaigns/new")
@needs("ops")
def new_campaign() -> ResponseReturnValue:
    """An empty form."""
    settings = room.settings()
    with reading(current().database) as connection:
        return _page(connection, form.blank(settings.language, room.zone(), utc_now()))


@pages.get("/campaigns/<int:number>/edit")
@needs("ops")
def edit_campaign(number: int) -> ResponseReturnValue:
    """The form of a draft; what is a draft no more is shown instead."""
    with reading(current().database) as connection:
        row = found(connection, number)
        if row.state != "draft":
            return redirect(url_for("pages.campaign_page", number=number), 303)
        return _page(connection, form.of_draft(drafts.read(row), room.zone(), utc_now()), row)


@pages.post("/campaigns/new")
@pages.post("/campaigns/<int:number>/edit")
@limiter.limit("180 per minute", key_func=lambda: f"person:{person().id}")
@needs("ops")
def save_campaign(number: int | None = None) -> ResponseReturnValue:
    """Look at what is typed, change the form, or keep the draft."""
    do = request.form.get("do", "")
    typed = form.read(request.form, do)
    if do not in ("save", "test", "next"):
        with reading(current().database) as connection:
            row = found(connection, number) if number is not None else None
            return _page(connection, typed, row, fragment=bool(request.headers.get("HX-Request")))
    now = utc_now()
    try:
        with current().database.begin() as connection:
            row = found(connection, number) if number is not None else None
            kept = _keep(connection, typed, row, now)
            tests = messages.send_test(connection, kept, now) if do == "test" else 0
            if tests:
                current().actions.push_soon(connection)
    except (Malformed, Conflict) as error:
        with reading(current().database) as connection:
            row = found(connection, number) if number is not None else None
            return _page(connection, typed, row, said=str(error), status=409 if isinstance(error, Conflict) else 422)
    if do == "test":
        tell_tests(tests)
    elif do == "save":
        flash(gettext("The draft is kept."))
    target = "pages.campaign_page" if do == "next" else "pages.edit_campaign"
    return redirect(url_for(target, number=kept), 303)


def _keep(connection: sa.Connection, typed: Typed, row: Row | None, now: datetime) -> int:
    if row is None:
        return drafts.create(connection, form.draft_of(typed, room.zone()), person().name, now)
    if request.form.get("seen") != row.updated_at.isoformat():
        raise Conflict(gettext("Somebody else changed this draft meanwhile. What you typed is below: save it again."))
    drafts.edit(connection, row.id, form.draft_of(typed, room.zone(), row.made_from), now)
    return int(row.id)


def tell_tests(tests: int) -> None:
    """Say how many tests are on their way."""
    if tests:
        flash(ngettext("%(num)s test is on its way.", "%(num)s tests are on their way.", tests))
    else:
        flash(gettext("Nobody is a tester yet: mark yourself on your page under Subscribers."), "warning")


def _page(
    connection: sa.Connection,
    typed: Typed,
    row: Row | None = None,
    *,
    said: str = "",
    status: int = 200,
    fragment: bool = False,
) -> Response:
    settings, now = room.settings(), utc_now()
    variants = form.variants_of(typed)
    draft, estimate = _draft(typed, row), estimates.Estimate()
    if isinstance(draft, str):
        estimate = estimates.Estimate(problem=draft)
    else:
        estimate = estimates.estimate(connection, draft, row.seed if row else SEED, now)
    whose = request.form.get("as", type=int)
    # Only pictures of known places are loaded: of the portal, and those that were in the draft when the page was.
    stored = drafts.read(row).variants if row is not None else ()
    allowed = estimates.pictures(stored, settings.icon) | set(settings.origins)
    shown = estimates.shown(variants, estimates.sample(connection, whose), settings.language)
    found_texts = {(one.variant, one.language): one for one in shown}
    html = room.render(
        connection,
        "preview.html" if fragment else "composer.html",
        row=row,
        typed=typed,
        said=said,
        estimate=estimate,
        shown=shown,
        # Every text of the form, also those in which nothing is written.
        texts={
            f"{number}-{tongue}": found_texts.get((form.VARIANTS[number], tongue))
            for number in range(typed.variants)
            for tongue in typed.tongues
        },
        whose=whose,
        platform=request.form.get("platform", looks.PLATFORMS[0].name),
        platforms=looks.PLATFORMS,
        limits={"title": looks.TITLE, "body": looks.BODY, "button": looks.BUTTON},
        severity=looks.severity,
        cut_by=looks.cut_by,
        settings=settings,
        allowed_pictures=allowed,
        origin_of=estimates.origin_of,
        fragment=fragment,
        topics=listing.topics(connection),
        kinds=_kinds(typed),
        whens=tuple(When),
        emoji=EMOJI.split(),
        longest=form.LONGEST,
        most_variants=MOST_VARIANTS,
        names=form.VARIANTS,
    )
    answer = make_response(html, status)
    if allowed:
        policy = CONTENT_SECURITY_POLICY.replace("img-src 'self'", f"img-src 'self' {' '.join(sorted(allowed))}")
        answer.headers["Content-Security-Policy"] = policy
    return answer


def _draft(typed: Typed, row: Row | None) -> Draft | str:
    try:
        return form.draft_of(typed, room.zone(), row.made_from if row else "")
    except Malformed as error:
        return str(error)


def _kinds(typed: Typed) -> list[str]:
    offered = [kind.value for kind in KINDS]
    return offered if typed.text["kind"] in offered else [*offered, typed.text["kind"]]
