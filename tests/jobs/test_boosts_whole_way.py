"""A boost's whole way on a simulated WHMCS: asked for on the client's page, invoiced, paid there, given; and back."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import requests
import sqlalchemy as sa

from deskside.model.boost import BoostState
from deskside.store import boosts
from deskside.store.database import Row, reading
from tests.whmcs_world import WhmcsWorld, whmcs_world

PRICES = {"DESKSIDE_QUEUE__BOOSTS__FRONT__USD": "9", "DESKSIDE_QUEUE__BOOSTS__SECOND__USD": "5"}


class Shop:
    """Three clients' tickets in line, and what the third does on the pages of WHMCS."""

    def __init__(self, world: WhmcsWorld) -> None:
        self.world = world
        self.clients = [world.whmcs.add_client(f"Client {n}", f"c{n}@x.example") for n in range(3)]
        now = datetime.now(UTC)
        self.tickets = [
            world.whmcs.create_ticket(
                client, "Help", "please", department_id=world.department, at=now - timedelta(minutes=ago)
            )
            for client, ago in zip(self.clients, (30, 20, 10), strict=True)
        ]
        world.until(lambda: all(world.ticket(number) for number in self.tickets), "they are known")
        world.until_settled()

    @property
    def page(self) -> str:
        row = self.world.whmcs.ticket(self.tickets[2])
        return f"{self.world.whmcs.url}/viewticket.php?tid={row.tid}&c={row.c}"

    def order(self) -> list[int]:
        rows = [self.world.ticket(number) for number in self.tickets]
        return [int(row.ticket_id) for row in sorted(rows, key=lambda row: (row.key, row.id)) if row and row.waiting]

    def until_shown(self, *texts: str) -> None:
        """Look until the client's page shows these; while Deskside is busy the page is shown without it."""
        self.world.until(
            lambda: all(text in requests.get(self.page, timeout=10).text for text in texts), f"shown: {texts}"
        )

    def buy(self, value: str, page: str = "") -> None:
        """Press a button until it was heard: a page gives up on Deskside after less than a second."""

        def heard() -> bool:
            assert requests.post(page or self.page, data={"boost": value}, timeout=10).ok
            return self.boost() is not None

        self.world.until(heard, "it is asked for")

    def boost(self) -> Row | None:
        with reading(self.world.database) as connection:
            found = boosts.of_ticket(connection, "whmcs", str(self.tickets[2]))
        return found[0] if found else None

    def until(self, state: BoostState) -> Row:
        def reached() -> bool:
            found = self.boost()
            return found is not None and found.state == state

        self.world.until(reached, state.value)
        found = self.boost()
        assert found is not None
        return found

    def pay(self) -> int:
        invoice = int(self.until(BoostState.INVOICED).invoice_id)
        paid = requests.post(f"{self.world.whmcs.url}/viewinvoice.php?id={invoice}", timeout=10)
        assert "Paid" in paid.text
        return invoice


@pytest.fixture
def shop(database: sa.Engine, database_url: str) -> Iterator[Shop]:
    with whmcs_world(database, database_url, **PRICES) as world:
        yield Shop(world)


def test_the_client_buys_the_front_on_the_page_of_the_ticket(shop: Shop) -> None:
    first, second, third = shop.tickets
    shop.until_shown('name="boost" value="front 1"', 'name="boost" value="second 2"')
    shop.buy("front 1")
    invoice = shop.pay()
    row = shop.until(BoostState.GRANTED)
    assert (row.place_shown, row.place_given, row.asked_by) == (1, 1, "Client 2")
    assert shop.order() == [third, first, second]
    assert shop.world.whmcs.invoice(invoice).total == Decimal("9.00")
    shop.until_shown("Paid: the request was moved to place 1.")


def test_an_agent_sends_the_client_the_invoice(shop: Shop) -> None:
    first, second, third = shop.tickets
    shop.buy("second 2", f"{shop.world.whmcs.url}/admin/supporttickets.php?action=view&id={third}")
    shop.pay()
    assert shop.until(BoostState.GRANTED).asked_by == "Eve Online"
    assert shop.order() == [first, third, second]


def test_a_refund_in_whmcs_takes_the_place_back(shop: Shop) -> None:
    before = shop.order()
    shop.buy("front 1")
    invoice = shop.pay()
    shop.until(BoostState.GRANTED)
    admin = f"{shop.world.whmcs.url}/admin/invoices.php?action=edit&id={invoice}"
    assert requests.post(admin, data={"act": "refund"}, timeout=10).ok
    shop.until(BoostState.REVOKED)
    shop.world.until(lambda: shop.order() == before, "the ordinary order")
    assert shop.world.whmcs.state.credits == []


def test_who_was_answered_before_paying_has_the_money_back_as_credit(shop: Shop) -> None:
    shop.buy("front 1")
    shop.until(BoostState.INVOICED)
    shop.world.whmcs.agent_reply(shop.tickets[2], shop.world.agent, "Done")
    shop.world.until(lambda: shop.world.waits(shop.tickets[2]) is False, "it waits no longer")
    shop.pay()
    assert shop.until(BoostState.RETURNED).why == "left"
    assert shop.world.whmcs.state.clients[shop.clients[2]].credit == Decimal("9.00")
    shop.until_shown("is back on the account as credit")


@pytest.mark.parametrize("fault", ["drop_after", "drop_before", "server_error"])
def test_an_answer_that_is_lost_makes_one_invoice(shop: Shop, fault: str) -> None:
    shop.world.whmcs.faults.next(fault, "createinvoice")
    shop.buy("front 1")
    shop.until(BoostState.INVOICED)
    assert len(shop.world.whmcs.state.invoices) == 1


def test_without_an_event_the_poll_finds_the_payment(database: sa.Engine, database_url: str) -> None:
    with whmcs_world(database, database_url, **{**PRICES, "DESKSIDE_JOBS__RECONCILE_SECONDS": "1"}) as world:
        shop = Shop(world)
        shop.buy("front 1")
        world.whmcs.faults.next("push_loss", "invoice.*", count=5)
        shop.pay()
        shop.until(BoostState.GRANTED)
