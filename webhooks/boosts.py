"""Better places in the queue that clients can buy, as the desk's own pages and ours show them."""

from dataclasses import dataclass
from datetime import timedelta

from deskside.model.boost import Offers
from deskside.ports import Billing, Desk
from deskside.store import boosts
from deskside.store.database import Row, reading, utc_now
from webhooks.context import current
from webhooks.pages import show
from webhooks.pages.words import gettext

# So long a client is told what became of the money.
TOLD = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Standing:
    """What can be bought for a ticket, and what became of the newest boost of it.

    `pay` is where its invoice is; `said` what came of asking just now, if that was refused.
    """

    offers: Offers | None
    newest: Row | None
    pay: str | None
    said: str = ""


def of_ticket(desk: Desk, row: Row, *, for_client: bool, said: str = "") -> Standing:
    """Where a ticket stands with what can be bought for it."""
    with reading(current().database) as connection:
        found = boosts.of_ticket(connection, row.desk, row.ticket_id, 1)
    newest = found[0] if found and found[0].changed_at > utc_now() - TOLD else None
    waits_for_payment = newest is not None and newest.state in boosts.OPEN
    offers = None if waits_for_payment else current().actions.boost_offers(row.desk, row.ticket_id)
    pay = None
    if newest is not None and newest.invoice_id and isinstance(desk, Billing):
        pay = desk.invoice_url(newest.invoice_id, for_client=for_client)
    return Standing(offers, newest, pay, said)


def refusal(refused: str) -> str:
    """Why a place was not sold, in words."""
    if refused == "changed":
        return gettext("The queue changed meanwhile. Look at the places again.")
    if refused == "gone":
        return gettext("This place is not for sale any more.")
    return gettext("Not now: %(why)s.", why=show.BOOST_WHY[refused])


def line(kind: str, subject: str) -> str:
    """The line of an invoice."""
    if kind == "front":
        return gettext("To the front of the queue: %(subject)s", subject=subject)
    return gettext("Behind the first of the queue: %(subject)s", subject=subject)
