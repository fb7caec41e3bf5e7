"""What the pages of digests and polls share: who opens them, in which language, and what may be in them.

They are read by people who came from a notification, on a phone mostly, and by machines that look at every link. So a
GET changes nothing but a count, and nothing here needs a script.
"""

from flask import Response, make_response, render_template, request
from flask_babel import get_locale

from push.links import PERSON, Links
from push.settings import PushSchema, PushSettings
from webhooks.context import current
from webhooks.pages.signing import LANGUAGES

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)


def links() -> Links:
    """Reads and makes the links of the present app."""
    context = current()
    return Links(context.settings.base_url, context.settings.web["secret_key"])


def person(purpose: str, thing: int) -> int | None:
    """Who opened this: the subscriber whose link it is, None for a stranger."""
    return links().read(purpose, thing, request.args.get(PERSON, ""))


def language() -> str:
    """The language that was asked for, else the browser's."""
    chosen = request.args.get("lang", "")
    return chosen if chosen in LANGUAGES else str(get_locale())


def page(template: str, code: int = 200, **values: object) -> Response:
    """An answer that nobody but its reader gets."""
    settings: PushSettings = current().settings.section("push", PushSchema)
    answer = make_response(
        render_template(template, languages=LANGUAGES, portal=settings.name, person=request.args.get(PERSON), **values),
        code,
    )
    answer.headers["Content-Security-Policy"] = _POLICY
    # The address of this page says who reads.
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
