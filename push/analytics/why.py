"""Why one person gets a campaign, or does not: what happened, whom it is for, and what the gates would say now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from deskside.errors import Gone
from deskside.store.database import Row
from deskside.store.push_tables import campaign, send
from push.campaigns import ab, drafts, messages
from push.campaigns.audience import speaks
from push.campaigns.definition import Draft
from push.model import Kind, Person
from push.sending.explain import Explanation, explain
from push.sending.gates import Manners
from push.subscribers import registry


@dataclass(frozen=True, slots=True)
class Why:
    """An answer to "why (not)?".

    `sent` is the row of `send` this person has of the campaign, None when they were not chosen. `audience` are its
    conditions, and whether the person meets each now. `now` is what the gates say of it at this moment; `variant` is
    which one is theirs.
    """

    campaign: Row
    sent: Row | None
    audience: Sequence[tuple[str, bool]]
    now: Explanation
    variant: str

    @property
    def meant(self) -> bool:
        """Whether the campaign is for this person, as it is and as they are now."""
        return all(holds for _, holds in self.audience)


def why(connection: sa.Connection, person: int, number: int, manners: Manners, now: datetime) -> Why:
    """Why this person gets the campaign, or not. Raises Gone when one of both does not exist."""
    row = drafts.get(connection, number)
    draft = drafts.read(row)
    who = registry.people(connection, [person]).get(person)
    if who is None:
        raise Gone(f"there is no subscriber {person}")
    mine = sa.select(send).where(send.c.campaign == number, send.c.subscriber == person, send.c.kind != Kind.TEST.value)
    sent = connection.execute(mine.order_by(send.c.id)).first()
    chosen = sent.variant if sent is not None else ab.assign(row.seed, person, len(draft.variants))
    message = messages.of_campaign(row)[chosen]
    not_after = sent.not_after if sent is not None else None
    told = explain(connection, person, message, draft.kind, now, manners, not_after)
    return Why(row, sent, conditions(draft, who, manners.language), told, draft.variants[chosen].name)


def conditions(draft: Draft, who: Person, fallback: str) -> Sequence[tuple[str, bool]]:
    """What a campaign asks of people, in words, and whether this one is so."""
    found: list[tuple[str, bool]] = []
    if draft.topic is not None:
        found.append((f"topic: {draft.topic}", draft.topic in who.topics))
    if draft.audience.languages:
        language = who.language or fallback
        found.append((f"language: {', '.join(draft.audience.languages)}", speaks(draft.audience, language)))
    for rule in draft.audience.rules:
        words = " or ".join(rule.values)
        found.append((f"{rule.name} is {'not ' if rule.not_ else ''}{words}", rule.holds(who.attributes)))
    return found


def recent(connection: sa.Connection, limit: int = 30) -> Sequence[Row]:
    """The campaigns one may ask about, the newest first."""
    columns = (campaign.c.id, campaign.c.name, campaign.c.state)
    return connection.execute(sa.select(*columns).order_by(campaign.c.id.desc()).limit(limit)).all()
