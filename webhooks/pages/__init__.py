"""The screens for people: server-rendered, live by htmx, whole without JavaScript."""

from webhooks.pages import access_entry, access_link, account, events, fleet, queue, show, signing, tickets, weights
from webhooks.pages.blueprint import pages

__all__ = [
    "access_entry",
    "access_link",
    "account",
    "events",
    "fleet",
    "pages",
    "queue",
    "show",
    "signing",
    "tickets",
    "weights",
]
