"""Puts every face but the receivers on a Flask app."""

from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from flask import Flask, request
from flask_babel import Babel, get_locale
from flask_wtf.csrf import CSRFProtect

import deskside
from deskside.errors import ConfigurationError
from deskside.knowledge.search import settings as search
from deskside.settings import Settings
from deskside.vault import Vault
from webhooks import api, context, headers, limits, machines, problems, push
from webhooks.actions import Actions
from webhooks.pages import access, pages, show
from webhooks.pages.signing import LANGUAGES, chosen_language

LOCALES = Path(deskside.__file__).parent / "locale"
SESSION = timedelta(hours=12)
YEAR = 365 * 24 * 3600


def register(
    app: Flask,
    database: sa.Engine,
    settings: Settings,
    actions: Actions,
    vault: Vault | None = None,
) -> None:
    """Put pages, API, machine faces and the face of web push on `app`, with all that guards them.

    Raises ConfigurationError when there is no key to sign sessions with.
    """
    key: str = settings.web["secret_key"]
    if not key:
        raise ConfigurationError(
            "[web] secret_key is empty: set it to a long random text (or DESKSIDE_WEB__SECRET_KEY); "
            "`deskside init` writes one"
        )
    app.config.update(
        SECRET_KEY=key,
        SESSION_COOKIE_NAME="deskside",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https:"),
        PERMANENT_SESSION_LIFETIME=SESSION,
        # A poll's answer that crosses a sign-out must not bring the old cookie back.
        SESSION_REFRESH_EACH_REQUEST=False,
        SEND_FILE_MAX_AGE_DEFAULT=YEAR,
        # A page may stay open for a shift: a form is good for as long as its session.
        WTF_CSRF_TIME_LIMIT=None,
    )
    synonyms = search.read(settings)
    context.put(app, context.Context(database, settings, actions, vault or Vault(), synonyms))
    Babel(app, default_translation_directories=str(LOCALES), locale_selector=chosen_language)
    limits.limiter.init_app(app)
    csrf = CSRFProtect(app)
    show.register(app)
    access.register(app)
    app.jinja_env.globals.update(LANGUAGES=LANGUAGES, locale=get_locale, here=_here)
    app.register_blueprint(pages)
    api.register(app, csrf)
    machines.register(app, database)
    push.register(app, csrf, settings)
    headers.register(app)
    problems.register(app)


def _here() -> str:
    """The page to come back to after a form that any page carries."""
    return request.full_path.rstrip("?") if request.method == "GET" else "/queue"
