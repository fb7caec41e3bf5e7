"""A client's own page: the place and the time of one ticket, behind a link, and nothing else."""

from datetime import datetime

from flask import Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, get_locale
from flask_limiter.util import get_remote_address

from deskside.store import estimates, tickets
from deskside.store.database import Row, reading, utc_now
from webhooks import place_tokens, times
from webhooks.context import current
from webhooks.limits import limiter
from webhooks.pages.blueprint import pages
from webhooks.pages.signing import LANGUAGES
from webhooks.times import Times

# Our own script makes the times local. There is no form, and nothing from elsewhere.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
SOONEST, LATEST = 60, 600
# As many as the row of dots shows before it says "and so many more".
DOTS = 12


@pages.get("/place/<token>")
@limiter.limit("60 per minute", key_func=get_remote_address)
def place_page(token: str) -> ResponseReturnValue:
    """Place and time, in the browser's language or the one chosen; the page asks again by itself, without a script."""
    ticket = place_tokens.read(current().settings.web["secret_key"], token)
    row = _row(*ticket) if ticket else None
    with force_locale(_language()):
        if row is None:
            return _page("place_unknown.html", 404)
        found = times.shown(row, estimates.CLIENT)
        if found is None:
            # Since it was read it may have been answered.
            return _page("place_over.html", 200, status=(_row(row.desk, row.ticket_id) or row).status, token=token)
        now = utc_now()
        return _page(
            "place.html",
            200,
            token=token,
            times=found,
            now=now,
            frozen=found.safe_at is not None and found.safe_at <= now,
            dots=DOTS,
            bar=_bar(found, now),
            refresh=_refresh(found, now),
        )


def _row(desk: str, ticket_id: str) -> Row | None:
    with reading(current().database) as connection:
        return tickets.get(connection, desk, ticket_id)


def _language() -> str:
    chosen = request.args.get("lang", "")
    return chosen if chosen in LANGUAGES else str(get_locale())


def _refresh(found: Times, now: datetime) -> int:
    """Seconds until the page asks again: a tenth of what is left, within reason."""
    left = (found.range.half - now).total_seconds() / 10 if found.range else SOONEST
    return round(min(LATEST, max(SOONEST, left)))


def _bar(found: Times, now: datetime) -> tuple[int, int] | None:
    """Where a half and nine tenths stand on a line of 100 that begins now."""
    if found.range is None:
        return None
    end = (found.range.nearly_all - now).total_seconds()
    half = max(0.0, (found.range.half - now).total_seconds())
    return (0, 90) if end <= 0 else (round(90 * min(1.0, half / end)), 90)


def _page(template: str, code: int, **values: object) -> Response:
    answer = make_response(render_template(template, languages=LANGUAGES, **values), code)
    answer.headers["Content-Security-Policy"] = _POLICY
    # The address of this page is all it takes to open it.
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
