"""All we keep of one person, for themselves (GDPR 15 and 20)."""

from typing import Any

import sqlalchemy as sa

from deskside.store.push_tables import campaign, push, send, subscription
from push.subscribers import binding, consent, topics
from push.subscribers.binding import State

_PERSON = (
    "desk", "person", "client_id", "language", "zone", "per_week", "quiet_from", "quiet_to", "paused_until",
    "attributes", "source", "created_at", "seen_at", "left_at",
)  # fmt: skip


def own_data(connection: sa.Connection, subscriber_id: int) -> dict[str, Any] | None:
    """Everything stored of a person, in plain values and datetimes; None when nobody is there.

    Of an endpoint only its service: with the whole of it anybody could send.
    """
    row = binding.find(connection, subscriber_id)
    if row is None:
        return None
    browsers = connection.execute(
        sa.select(subscription)
        .where(subscription.c.subscriber == subscriber_id, subscription.c.state != State.LEFT)
        .order_by(subscription.c.id)
    )
    return {
        "person": {name: getattr(row, name) for name in _PERSON},
        "topics": list(topics.of(connection, subscriber_id)),
        "browsers": [
            {
                "browser": found.browser,
                "platform": found.platform,
                "push_service": found.origin,
                "state": found.state,
                "created_at": found.created_at,
                "seen_at": found.seen_at,
            }
            for found in browsers
        ],
        "consent": [
            {
                "at": found.at,
                "action": found.action,
                "text": found.text,
                "topics": found.topics,
                "language": found.language,
                "source": found.source,
            }
            for found in consent.history(connection, subscriber_id)
        ],
        "messages": _messages(connection, subscriber_id),
    }


def _messages(connection: sa.Connection, subscriber_id: int) -> list[dict[str, Any]]:
    rows = connection.execute(
        sa.select(
            send.c.kind,
            campaign.c.name,
            send.c.due_at,
            send.c.sent_at,
            send.c.state,
            send.c.reason,
            sa.func.min(push.c.shown_at).label("shown_at"),
            sa.func.min(push.c.clicked_at).label("clicked_at"),
            sa.func.min(push.c.closed_at).label("closed_at"),
        )
        .select_from(
            send.outerjoin(campaign, campaign.c.id == send.c.campaign).outerjoin(push, push.c.send == send.c.id)
        )
        .where(send.c.subscriber == subscriber_id)
        .group_by(send.c.id, campaign.c.name)
        .order_by(send.c.due_at, send.c.id)
    )
    return [dict(row._mapping) for row in rows]
