"""What came of the variants of a campaign, from the ledger."""

from collections.abc import Sequence

import sqlalchemy as sa

from deskside.store.push_tables import push, send
from push.campaigns import drafts
from push.campaigns.ab import Leg
from push.model import Kind


def legs(connection: sa.Connection, number: int) -> Sequence[Leg]:
    """For each variant, to how many people it was delivered and how many of them clicked, on whichever device."""
    row = drafts.get(connection, number)
    clicked = sa.exists().where(push.c.send == send.c.id, push.c.clicked_at.is_not(None))
    counted = (
        sa.select(send.c.variant, sa.func.count(), sa.func.sum(sa.case((clicked, 1), else_=0)))
        .where(send.c.campaign == number, send.c.state == "sent", send.c.kind != Kind.TEST.value)
        .group_by(send.c.variant)
    )
    found = {variant: (delivered, clicks) for variant, delivered, clicks in connection.execute(counted)}
    return [
        Leg(variant["name"], *(int(count) for count in found.get(index, (0, 0))))
        for index, variant in enumerate(row.variants)
    ]
