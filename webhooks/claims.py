"""Giving the next ticket out, as the pages and the API do it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from deskside.store import claims, people
from deskside.store.database import Row, reading, utc_now
from webhooks.context import current


@dataclass(frozen=True, slots=True)
class Given:
    """What an agent was given: the ticket, None when there is none for them, and how many free ones they skipped."""

    row: Row | None
    skipped: int


def until(now: datetime) -> datetime:
    """When a ticket that is given now is anybody's again."""
    return now + timedelta(minutes=current().settings.queue["claim_minutes"])


def give_next(who: str, pools: Sequence[str] = ()) -> Given:
    """Give `who` the next ticket of `pools`; without any of their own pools, else of all."""
    now = utc_now()
    database = current().database
    with reading(database) as connection:
        chosen = tuple(pools) or people.pools_of(connection, who)
    with database.begin() as connection:
        row = claims.give_next(connection, who, chosen, now, until(now))
    with reading(database) as connection:
        return Given(row, 0 if row is not None else claims.skipped_by(connection, who, chosen, now))


def renew(desk: str, ticket_id: str, who: str) -> Row | None:
    """Let `who` have the ticket for another while; None when it is not theirs any more."""
    now = utc_now()
    with current().database.begin() as connection:
        return claims.renew(connection, desk, ticket_id, who, now, until(now))


def give_back(desk: str, ticket_id: str, who: str) -> bool:
    """Make the ticket anybody's again; false when it is not theirs any more."""
    with current().database.begin() as connection:
        return claims.give_back(connection, desk, ticket_id, who, utc_now())


def skip(desk: str, ticket_id: str, who: str, reason: str) -> Row | None:
    """Log that `who` passes the ticket over; None when it is not theirs any more."""
    with current().database.begin() as connection:
        return claims.skip(connection, desk, ticket_id, who, reason, utc_now())
