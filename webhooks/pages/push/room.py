"""What all screens of web push share."""

from zoneinfo import ZoneInfo

import sqlalchemy as sa
from babel.dates import get_day_names
from flask import current_app, render_template
from flask_babel import get_locale

from deskside.store.database import utc_now
from push.digests.settings import DigestSchema, DigestSettings
from push.sending import facts
from push.sending.gates import Manners
from push.sending.gates import manners as manners_of
from push.settings import PushSchema, PushSettings
from webhooks.context import current
from webhooks.pages.push import words

_NAME, _DIGEST = "deskside.pages.push", "deskside.pages.push.digest"


def settings() -> PushSettings:
    """What `[push]` says; read once for each app."""
    found: PushSettings | None = current_app.extensions.get(_NAME)
    if found is None:
        found = current().settings.section("push", PushSchema)
        current_app.extensions[_NAME] = found
    return found


def digest_settings() -> DigestSettings:
    """What `[digest]` says; read once for each app."""
    found: DigestSettings | None = current_app.extensions.get(_DIGEST)
    if found is None:
        found = current().settings.section("digest", DigestSchema)
        current_app.extensions[_DIGEST] = found
    return found


def manners() -> Manners:
    """The portal's own manners."""
    return manners_of(settings())


def zone() -> ZoneInfo:
    """The portal's time zone."""
    return manners().zone


def weekdays() -> list[str]:
    """The short names of the days of a week that begins on Monday."""
    names = get_day_names("abbreviated", locale=get_locale())
    return [names[day] for day in range(7)]


def render(connection: sa.Connection, template: str, **values: object) -> str:
    """A screen of this room: all of them show whether everything is stopped."""
    return render_template(
        f"push/{template}",
        stopped=facts.stopped(connection),
        enabled=settings().enabled,
        now=utc_now(),
        zone=zone(),
        words=words,
        **values,
    )
