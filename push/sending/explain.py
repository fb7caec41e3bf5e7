"""Would this person get this message now, and why not: the same gates as in the sending, without any effect."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from deskside.errors import Gone
from deskside.store.database import Row
from deskside.store.push_tables import send
from push.model import Kind
from push.sending.facts import Known
from push.sending.gates import GATES, Decision, Defer, Manners, Skip, judge
from push.sending.messages import Message


@dataclass(frozen=True, slots=True)
class Finding:
    """What one gate says: None where it has nothing against it. `gate` is its name in `push.sending.gates`."""

    gate: str
    objection: Defer | Skip | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """What would happen, and what every gate says, in the order in which they are asked.

    `zone_known` is false where the person's time zone is not known and the portal's is used instead.
    """

    decision: Decision
    findings: Sequence[Finding]
    zone: str
    zone_known: bool


def explain(
    connection: sa.Connection,
    person: int,
    message: Message,
    kind: Kind,
    now: datetime,
    manners: Manners,
    not_after: datetime | None = None,
) -> Explanation:
    """What would happen if this message were due for this person now. Raises Gone when there is no such person."""
    known = Known(connection, [person], manners, now)
    if person not in known.people:
        raise Gone(f"there is no subscriber {person}")
    facts = known.facts(message, kind, person, not_after)
    findings = [Finding(gate.__name__, gate(facts)) for gate in GATES]
    return Explanation(judge(facts), findings, facts.zone.key, facts.zone.key == facts.person.zone)


def history(connection: sa.Connection, person: int, limit: int = 50) -> Sequence[Row]:
    """What became of the latest messages for this person, each with its reason; the newest first."""
    query = sa.select(send).where(send.c.subscriber == person).order_by(send.c.due_at.desc(), send.c.id.desc())
    return connection.execute(query.limit(limit)).all()
