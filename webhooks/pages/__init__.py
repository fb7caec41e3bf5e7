"""The screens for people: server-rendered, live by htmx, whole without JavaScript."""

from webhooks.pages import (
    access_entry,
    access_link,
    account,
    claims,
    events,
    fleet,
    knowledge,
    moves,
    place,
    push,
    queue,
    show,
    signing,
    sla,
    tickets,
    times,
    weights,
)
from webhooks.pages.blueprint import pages

__all__ = [
    "access_entry",
    "access_link",
    "account",
    "claims",
    "events",
    "fleet",
    "knowledge",
    "moves",
    "pages",
    "place",
    "push",
    "queue",
    "show",
    "signing",
    "sla",
    "tickets",
    "times",
    "weights",
]
