"""Signing in and out, and the language of the screens."""

from flask import g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address

from deskside.store import people
from deskside.store.database import reading
from webhooks.context import current
from webhooks.limits import by_name, failed, limiter
from webhooks.pages.access import enter, require_person, safe_next
from webhooks.pages.blueprint import pages

LANGUAGES = {"en": "English", "ru": "Русский"}

pages.before_request(require_person)


@pages.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """The form; whoever is signed in goes on."""
    target = safe_next(request.args.get("next"))
    if g.person is not None:
        return redirect(target, 303)
    return render_template("sign_in.html", next=target, wrong=False, name="")


@pages.post("/sign-in")
@limiter.limit("30 per minute", key_func=get_remote_address, deduct_when=failed)
@limiter.limit("10 per minute", key_func=by_name, deduct_when=failed)
def sign_in_submit() -> ResponseReturnValue:
    """Check name and password. The answer does not tell which of them was wrong."""
    target = safe_next(request.form.get("next"))
    name = request.form.get("name", "").strip()[:120]
    with reading(current().database) as connection:
        found = people.sign_in(connection, name, request.form.get("password", "")[:1000])
    if found is None:
        return render_template("sign_in.html", next=target, wrong=True, name=name), 401
    enter(found)
    return redirect(target, 303)


@pages.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this session."""
    session.clear()
    return redirect(url_for("pages.sign_in"), 303)


@pages.post("/language")
def language() -> ResponseReturnValue:
    """Read the screens in another language from now on."""
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        session["language"] = chosen
        if g.person is not None:
            with current().database.begin() as connection:
                people.set_language(connection, g.person.id, chosen)
    return redirect(safe_next(request.form.get("next")), 303)


def chosen_language() -> str:
    """The language of this answer: the person's, else the session's, else the browser's, else the configured one."""
    found = g.get("person")
    if found is not None and found.language in LANGUAGES:
        return str(found.language)
    if session.get("language") in LANGUAGES:
        return str(session["language"])
    return request.accept_languages.best_match(list(LANGUAGES)) or current().settings.language
