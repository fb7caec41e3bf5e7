"""Who is signed in, and what their role lets them do.

Every page needs a person unless it is named in `OPEN`: a page that forgets to say so is closed, not open.
"""

import re
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from deskside.store import people
from deskside.store.database import Row, reading
from webhooks.context import current

P = ParamSpec("P")
R = TypeVar("R")
OPEN = {
    "pages.sign_in",
    "pages.sign_in_submit",
    "pages.language",
    "pages.static",
    "pages.access_form",
    "pages.access_store",
    "pages.place_page",
    # It asks who is there itself, for an answer that is not public.
    "pages.open_answer",
}
_UNSAFE = re.compile(r"[\x00-\x20\\\x7f]")


def person() -> Row:
    """The person who asks. Only for pages that need one."""
    found: Row = g.person
    return found


def allowed(role: str) -> bool:
    """Whether whoever asks has at least this role."""
    found = g.get("person")
    return found is not None and people.ROLES.index(found.role) >= people.ROLES.index(role)


def needs(role: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Close a page to everybody below this role, with a 403."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if not allowed(role):
                abort(403)
            return view(*args, **kwargs)

        return guarded

    return decorate


def enter(found: Row) -> None:
    """Start a new session for this person; nothing of the old one is kept, whoever had planted it."""
    language = session.get("language")
    session.clear()
    session.permanent = True
    session["person"] = found.id
    session["version"] = found.session_version
    session["language"] = language or found.language


def load_person() -> None:
    """Find who asks, from the session. A changed password ended every older session."""
    g.person = None
    if "person" not in session:
        return
    with reading(current().database) as connection:
        found = people.get_person(connection, session["person"])
    if found is not None and found.session_version == session.get("version"):
        g.person = found


def require_person() -> ResponseReturnValue | None:
    """Send whoever is not signed in to the sign-in page, and back afterwards."""
    load_person()
    if g.person is not None or request.endpoint in OPEN:
        return None
    return require_sign_in()


def require_sign_in() -> ResponseReturnValue:
    """Send whoever asks to the sign-in page, and back to where they are afterwards."""
    back = request.full_path if request.method == "GET" else "/"
    if request.headers.get("HX-Request"):
        # A poll must leave the page as a whole, not put a sign-in form into the list.
        shown = urlsplit(request.headers.get("HX-Current-URL", ""))
        back = f"{shown.path}?{shown.query}" if shown.query else shown.path
        return Response(status=401, headers={"HX-Redirect": url_for("pages.sign_in", next=safe_next(back))})
    return redirect(url_for("pages.sign_in", next=safe_next(back.rstrip("?"))), 303)


def safe_next(target: str | None) -> str:
    """`target` if it is a path of this site, else the queue: never a redirect to a foreign host."""
    fallback = "/queue"
    if not target or _UNSAFE.search(target) or not target.startswith("/") or target.startswith("//"):
        return fallback
    parts = urlsplit(target)
    return fallback if parts.scheme or parts.netloc else target


def register(app: Flask) -> None:
    """Let templates ask what a person may do."""
    app.jinja_env.globals.update(allowed=allowed)
