"""The campaign that a number in an address means."""

import sqlalchemy as sa
from flask import abort

from deskside.errors import Gone
from deskside.store.database import Row
from push.campaigns import drafts
from webhooks.pages.rows import row_id


def found(connection: sa.Connection, number: int) -> Row:
    """The row of a campaign; 404 when there is none."""
    if not row_id(number):
        abort(404)
    try:
        return drafts.get(connection, number)
    except Gone:
        abort(404)
