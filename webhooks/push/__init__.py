"""The face for the browsers of a portal's people: the page that asks, its scripts, subscriptions, reports, wishes."""

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from deskside.settings import Settings
from push.sending.gates import manners
from push.settings import PushSchema, PushSettings
from push.wire.vapid import Keys
from webhooks.push import asking, digest, files, poll, preferences, reporting, subscribing
from webhooks.push.face import Face, face, keep

__all__ = ["asking", "digest", "face", "files", "poll", "preferences", "register", "reporting", "subscribing"]


def register(app: Flask, csrf: CSRFProtect, settings: Settings) -> None:
    """Put the face on an app. Without a key to send with there is nothing to see: every address is a 404.

    There is no session here that a foreign form could use: what changes something is told by a secret (a link, a
    token, an endpoint), and scripts by their origin besides.
    """
    section: PushSettings = settings.section("push", PushSchema)
    keep(app, Face(section, Keys(section) if section.enabled else None, manners(section)))
    for blueprint in (
        files.files,
        asking.asking,
        subscribing.subscribing,
        reporting.reporting,
        preferences.pages,
        digest.digests,
        poll.polls,
    ):
        app.register_blueprint(blueprint)
        csrf.exempt(blueprint)
