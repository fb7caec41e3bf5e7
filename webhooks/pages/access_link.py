"""Asking a client for access to a server: the link an agent sends, and the end of what was given by it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from deskside.store import access, tickets
from deskside.store.database import Row, reading
from webhooks.context import current
from webhooks.limits import limiter
from webhooks.pages.access import needs, person
from webhooks.pages.blueprint import pages
from webhooks.pages.words import gettext


@dataclass(frozen=True, slots=True)
class Given:
    """What a ticket has for one service: until when an access is kept, until when a link works, whether we know it."""

    service_id: int
    name: str
    until: datetime | None
    link_until: datetime | None
    known: bool


def given(connection: sa.Connection, row: Row) -> list[Given]:
    """The services of a ticket whose client may be asked for access; none without a key to seal it with."""
    if not current().vault.usable or row.status in tickets.ENDED:
        return []
    kept = {item.service_id: item.expires_at for item in access.of_ticket(connection, row.desk, row.ticket_id)}
    links = {item.service_id: item.expires_at for item in access.open_links(connection, row.desk, row.ticket_id)}
    return [
        Given(number, name, kept.get(number), links.get(number), bool(access.host_keys(connection, number)))
        for number, name in _services(row).items()
    ]


@pages.post("/tickets/<desk>/<ticket_id>/access-link")
@limiter.limit("20 per minute", key_func=lambda: f"person:{person().id}")
def make_access_link(desk: str, ticket_id: str) -> ResponseReturnValue:
    """Make a link by which the client can let us in once, and show it this one time."""
    row, service_id = _asked(desk, ticket_id)
    if not current().vault.usable or row.status in tickets.ENDED:
        abort(409)
    with current().database.begin() as connection:
        token = access.make_link(connection, desk, ticket_id, service_id)
    link = current().settings.base_url + url_for("pages.access_form", token=token)
    hours = int(access.LINK_GOOD_FOR.total_seconds() // 3600)
    return render_template("access_link.html", ticket=row, name=_services(row)[service_id], link=link, hours=hours)


@pages.post("/tickets/<desk>/<ticket_id>/access-delete")
def delete_access(desk: str, ticket_id: str) -> ResponseReturnValue:
    """Delete what the client gave, now."""
    _, service_id = _asked(desk, ticket_id)
    with current().database.begin() as connection:
        access.forget(connection, desk, ticket_id, service_id)
    flash(gettext("The access was deleted."))
    return redirect(url_for("pages.ticket_page", desk=desk, ticket_id=ticket_id), 303)


@pages.post("/tickets/<desk>/<ticket_id>/access-new-host")
@needs("ops")
def trust_new_host(desk: str, ticket_id: str) -> ResponseReturnValue:
    """Forget the server's host key: it was reinstalled, and somebody made sure of that."""
    _, service_id = _asked(desk, ticket_id)
    with current().database.begin() as connection:
        access.forget_host_keys(connection, service_id)
    flash(gettext("The host key was forgotten. The next look takes the server's key as it is then."))
    return redirect(url_for("pages.ticket_page", desk=desk, ticket_id=ticket_id), 303)


def _asked(desk: str, ticket_id: str) -> tuple[Row, int]:
    """The ticket and the service of a form; 404 unless that service is one of the ticket's."""
    with reading(current().database) as connection:
        row = tickets.get(connection, desk, ticket_id)
    service_id = request.form.get("service", type=int)
    if row is None or service_id is None or service_id not in _services(row):
        abort(404)
    return row, service_id


def _services(row: Row) -> dict[int, str]:
    targets: list[dict[str, Any]] = row.targets
    return {target["service_id"]: target["service"] for target in targets if target.get("service_id") is not None}
