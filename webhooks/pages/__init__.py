"""The screens for people: server-rendered, live by htmx, whole without JavaScript."""

from flask import Blueprint

pages = Blueprint("pages", __name__, template_folder="templates", static_folder="static", static_url_path="/assets")

from webhooks.pages import account, events, queue, show, signing, tickets  # noqa: E402

__all__ = ["account", "events", "pages", "queue", "show", "signing", "tickets"]
