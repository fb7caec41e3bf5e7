"""What stands on the page of an issue."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from deskside.store.database import Row
from deskside.store.push_tables import digest_shown
from push.digests import candidates
from push.digests.candidates import Candidate
from push.digests.personal import items_for
from push.digests.settings import DigestSettings


def read(
    connection: sa.Connection, issue: Row, reader: int | None, settings: DigestSettings, now: datetime
) -> tuple[Sequence[Candidate], Sequence[Candidate]]:
    """The items of one reader in their order, and the rest of the issue; all are the rest for a stranger (None).

    Nothing that was vetoed or hidden since.
    """
    order = [item["candidate"] for item in issue.items]
    found = candidates.by_id(connection, order)
    there = [found[key] for key in order if key in found and found[key].public and not found[key].vetoed]
    theirs = items_for(connection, issue, [reader], settings, now).get(reader, ()) if reader is not None else ()
    if reader is not None:
        shown = set(
            connection.scalars(
                sa.select(digest_shown.c.candidate).where(
                    digest_shown.c.subscriber == reader, digest_shown.c.digest == issue.id
                )
            )
        )
        # What they were told of stays theirs, whatever they changed their mind about since.
        told = [item for item in there if item.id in shown and item not in theirs]
        theirs = (*theirs, *told)
    return tuple(theirs), tuple(item for item in there if item not in theirs)
