"""The messages of campaigns, for the sending of their sends."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from secrets import token_hex

import sqlalchemy as sa

from deskside.store.database import Row
from deskside.store.push_tables import campaign, subscriber
from push.campaigns import drafts
from push.campaigns.definition import When
from push.model import Kind, Urgency
from push.sending import ledger
from push.sending.ledger import NewSend
from push.sending.messages import Message

TEST_MINUTES = 15
_HELD = ("paused", "unconfirmed")


def messages_of(connection: sa.Connection, sends: Sequence[Row]) -> Mapping[int, Message]:
    """The messages of those of these sends that are a campaign's."""
    numbers = {row.campaign for row in sends if row.campaign is not None}
    if not numbers:
        return {}
    rows = connection.execute(sa.select(campaign).where(campaign.c.id.in_(numbers)))
    made = {row.id: of_campaign(row) for row in rows}
    found: dict[int, Message] = {}
    for row in sends:
        messages = made.get(row.campaign, ())
        if row.variant < len(messages):
            message = messages[row.variant]
            found[row.id] = _test(message, row) if row.kind == Kind.TEST else message
    return found


def send_test(connection: sa.Connection, number: int, now: datetime) -> int:
    """Send every variant of a campaign, in whatever state, to the people who are testers; how many sends that makes.

    A test is bound by no manners and counts nowhere.
    """
    variants = len(drafts.get(connection, number).variants)
    testers = connection.scalars(sa.select(subscriber.c.id).where(subscriber.c.tester)).all()
    once = token_hex(8)
    sends = [
        NewSend(
            dedupe_key=f"test:{number}:{variant}:{person}:{once}",
            kind=Kind.TEST,
            subscriber=person,
            due_at=now,
            not_after=now + timedelta(minutes=TEST_MINUTES),
            campaign=number,
            variant=variant,
        )
        for person in testers
        for variant in range(variants)
    ]
    return ledger.plan(connection, sends)


def of_campaign(row: Row) -> tuple[Message, ...]:
    """The message of each variant of this row of `campaign`."""
    draft = drafts.read(row)
    scheduled = draft.schedule if draft.schedule.when is When.WINDOW else None
    incident = draft.kind is Kind.INCIDENT
    return tuple(
        Message(
            variant=variant,
            # What is told of one incident replaces what was told before.
            tag=draft.made_from if incident and draft.made_from else f"campaign-{row.id}",
            topic=draft.topic,
            urgency=Urgency.HIGH if incident else Urgency.NORMAL,
            window=scheduled.window if scheduled else None,
            zone=scheduled.zone if scheduled else "",
            ended=f"the campaign was cancelled by {row.stopped_by}" if row.state == "cancelled" else "",
            held="the campaign is paused" if row.state in _HELD else "",
        )
        for variant in draft.variants
    )


def _test(message: Message, row: Row) -> Message:
    return Message(message.variant, f"test-{row.id}", message.topic, Urgency.HIGH)
