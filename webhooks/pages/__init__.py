"""The screens for people: server-rendered, live by htmx, whole without JavaScript."""

from webhooks.pages import account, events, fleet, queue, show, signing, tickets
from webhooks.pages.blueprint import pages

__all__ = ["account", "events", "fleet", "pages", "queue", "show", "signing", "tickets"]
