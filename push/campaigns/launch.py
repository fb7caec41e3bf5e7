"""A campaign made for a digest or a poll, and sent at once."""

from datetime import datetime

import sqlalchemy as sa

from push.campaigns import drafts
from push.campaigns.definition import Draft
from push.launching import Wish
from push.sending.gates import Manners


def launch(connection: sa.Connection, wish: Wish, manners: Manners, now: datetime) -> int:
    """Make the campaign and have it start now; its id. Raises Malformed."""
    draft = Draft(name=wish.name, kind=wish.kind, variants=(wish.variant,), topic=wish.topic, made_from=wish.made_from)
    number = drafts.create(connection, draft, wish.by, now)
    drafts.schedule_it(connection, number, manners, now)
    return number
