"""What the end of a send takes with it."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from deskside.store.push_tables import push
from push.sending import caps, ledger
from push.sending.ledger import Change
from push.sending.messages import After, Settled

# Of these nothing was accepted.
_IN_VAIN = ("failed", "skipped")


def finish(
    connection: sa.Connection, changes: Sequence[Change], ended: Sequence[Settled], after: After, now: datetime
) -> None:
    """Write what became of sends, and of those that ended tell `after`.

    What ended in vain gives its slot back, and of what ended no copy goes on waiting.
    """
    ledger.change(connection, changes, now)
    if not ended:
        return
    caps.give_back(connection, [one.id for one in ended if one.state in _IN_VAIN])
    waiting = sa.and_(push.c.send.in_([one.id for one in ended]), push.c.state == "again")
    connection.execute(sa.update(push).where(waiting).values(state="failed", settled_at=now))
    after(connection, ended)
