"""What this face needs of the configuration, kept on the Flask app, and what all its addresses share."""

from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, abort, current_app, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from werkzeug.exceptions import HTTPException

from push import browser
from push.sending.gates import Manners
from push.settings import PushSettings
from push.wire.vapid import Keys
from webhooks.context import current
from webhooks.pages.signing import LANGUAGES
from webhooks.problems import PROGRAMS, for_program

_NAME = "deskside.push"


@dataclass(frozen=True, slots=True)
class Face:
    """`[push]`, the keys (None: push is switched off), and the portal's manners."""

    settings: PushSettings
    keys: Keys | None
    manners: Manners


def keep(app: Flask, found: Face) -> None:
    """Keep it on this app."""
    app.extensions[_NAME] = found


def face() -> Face:
    """That of the app that answers the present request."""
    found: Face = current_app.extensions[_NAME]
    return found


def keys() -> Keys:
    """The keys; 404 where push is switched off."""
    found = face().keys
    return found if found is not None else abort(404)


def blueprint(name: str, prefix: str = "/push") -> Blueprint:
    """A part of this face, which is not there while push is switched off."""
    made = Blueprint(name, __name__, url_prefix=prefix, template_folder="templates")

    @made.before_request
    def there() -> None:
        keys()

    return made


def for_visitors(part: Blueprint) -> None:
    """Answer the errors of a part whose pages are read by people who are no agents."""

    @part.errorhandler(HTTPException)
    def error(found: HTTPException) -> ResponseReturnValue:
        if request.path.startswith(PROGRAMS):
            return for_program(found)
        name = face().settings.name
        body = render_template("push_problem.html", code=found.code, name=name, icon=icon(), file_url=file_url)
        answer = make_response(body, found.code)
        if found.code == HTTPStatus.TOO_MANY_REQUESTS:
            answer.headers["Retry-After"] = "60"
        return answer


def file_url(name: str) -> str:
    """The address of a file for browsers, which changes when the file does."""
    return url_for("push_files.file", name=name, v=browser.fingerprint(name))


def icon() -> str:
    """The picture of the portal, else ours: a whole address, for pages of other origins too."""
    return face().settings.icon or current().settings.base_url + file_url("icon-192.png")


def language() -> str:
    """The language that was asked for, else the browser's."""
    chosen = request.args.get("lang", "").lower().partition("-")[0]
    return chosen if chosen in LANGUAGES else str(get_locale())


def policy(*, scripts: bool) -> str:
    """The content security policy of a page here: nothing from elsewhere, but for the portal's own picture."""
    pictures = urlsplit(face().settings.icon)
    source = f" {pictures.scheme}://{pictures.netloc}" if pictures.scheme in {"http", "https"} else ""
    parts = [
        "default-src 'none'",
        "style-src 'self'",
        f"img-src 'self' data:{source}",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
    if scripts:
        parts += ["script-src 'self'", "connect-src 'self'", "worker-src 'self'"]
    return "; ".join(parts)


def anywhere(response: Response) -> Response:
    """Let pages of every origin read it: it holds nothing of anybody."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
