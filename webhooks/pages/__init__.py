"""The screens for people: server-rendered, live by htmx, whole without JavaScript."""

from webhooks.pages import (
    access_entry,
    access_link,
    account,
    events,
    fleet,
    place,
    queue,
    show,
    signing,
    tickets,
    times,
)
from webhooks.pages.blueprint import pages

__all__ = [
    "access_entry",
    "access_link",
    "account",
    "events",
    "fleet",
    "pages",
    "place",
    "queue",
    "show",
    "signing",
    "tickets",
    "times",
]
