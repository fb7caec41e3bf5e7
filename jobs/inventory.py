"""A desk's own knowledge of what a client has, brought into the store before a ticket is matched with it."""

import hashlib
import logging
from datetime import datetime, timedelta

from deskside.errors import Permanent, Transient
from deskside.model.ticket import Client
from deskside.ports import Desk, Inventory
from deskside.store import cursors, services
from deskside.store.database import reading, utc_now
from jobs.context import Context

log = logging.getLogger(__name__)

# How old the stored services of a client may be.
GOOD_FOR = timedelta(minutes=10)


def bring_up_to_date(context: Context, desk: Desk, client: Client) -> None:
    """Store the client's services as the desk has them, unless that was done lately or the desk knows of none.

    When they cannot be read, an older inventory is better than none; without one, what fails only for now is raised.
    """
    if not isinstance(desk, Inventory):
        return
    source = _source(desk.name, client.id)
    with reading(context.database) as connection:
        read_at = cursors.get(connection, source)
    now = utc_now()
    if read_at is not None and now - datetime.fromisoformat(read_at) < GOOD_FOR:
        return
    try:
        found = desk.services(client)
    except Permanent as error:
        log.warning("the services of a client of %s cannot be read: %s", desk.name, error)
        return
    except Transient as error:
        if read_at is None:
            raise
        log.warning("the services of a client of %s stay as they are: %s", desk.name, error)
        return
    if not found:
        return
    with context.database.begin() as connection:
        for alias in {item.client for item in found}:
            services.replace(connection, alias, [item for item in found if item.client == alias])
        cursors.put(connection, source, now.isoformat())


def _source(desk: str, client_id: str) -> str:
    # A column of 64 characters; a client's id may be longer.
    return "services:" + hashlib.sha256(f"{desk}:{client_id}".encode()).hexdigest()[:40]
