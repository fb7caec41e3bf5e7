"""What people decide about drift and conflicts. A decision is good for the two texts that the person saw, no others."""

from datetime import datetime

import sqlalchemy as sa

from deskside.errors import Malformed
from deskside.knowledge.bindings import ARCHIVED, DETACHED, GONE, KEPT, LIVE
from deskside.store.knowledge_tables import kb_binding

# Write the document over what the target has; leave what the target has; do not manage it any more.
RESTORE, KEEP, DETACH = "restore", "keep", "detach"

_BINDING = kb_binding.c


def decide(connection: sa.Connection, binding_id: int, decision: str, seen_hash: str, by: str, now: datetime) -> bool:
    """Note what somebody decided; false when there is no such binding, or it is not managed any more.

    `seen_hash` is `seen` of the action in the plan that was shown. Raises Malformed for another decision.
    """
    if decision not in (RESTORE, KEEP, DETACH):
        raise Malformed(f"{decision!r} is no decision; there are restore, keep, detach")
    values = {"decision": decision, "decided_hash": seen_hash, "decided_by": by, "decided_at": now, "changed_at": now}
    if decision == DETACH:
        values["state"] = DETACHED
    changed = connection.execute(
        sa.update(kb_binding)
        .where(_BINDING.id == binding_id, _BINDING.state.in_(KEPT))
        .values(**values)
        .returning(_BINDING.id)
    )
    return changed.first() is not None


def manage_again(connection: sa.Connection, binding_id: int, by: str, now: datetime) -> bool:
    """Take an article back that was detached or removed by a person; false when it is neither.

    What its target has by then is compared as ever: a text that somebody changed meanwhile is drift. An article that
    is gone is made anew, in all its languages.
    """
    row = connection.execute(
        sa.select(_BINDING.target, _BINDING.article_id, _BINDING.state).where(_BINDING.id == binding_id)
    ).first()
    if row is None or row.state not in (DETACHED, GONE):
        return False
    one = _BINDING.id == binding_id
    whole = sa.and_(_BINDING.target == row.target, _BINDING.article_id == row.article_id, _BINDING.state == GONE)
    connection.execute(
        sa.update(kb_binding)
        .where(one if row.state == DETACHED else whole)
        .values(
            state=LIVE if row.state == DETACHED else ARCHIVED,
            decision="",
            decided_hash="",
            decided_by=by,
            decided_at=now,
            changed_at=now,
        )
    )
    return True
