"""A client pays for a better place: it is given once, for the money, or the money comes back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from deskside.errors import Permanent, UnknownOutcome
from deskside.model.billing import InvoiceState
from deskside.model.ticket import Client, Event, EventKind, Status
from deskside.store import boosts, moves, queue, tickets
from deskside.store.database import Row, reading, utc_now
from deskside.store.tables import boost, effect
from jobs import boosts as selling
from jobs import ranking
from jobs.moves import move
from tests.jobs.desk import DESK, Bench, make_bench, promised
from tests.jobs.selling import SellingDesk

PRICES = {"DESKSIDE_QUEUE__BOOSTS__FRONT__EUR": "9", "DESKSIDE_QUEUE__BOOSTS__SECOND__EUR": "5"}


class Counter:
    """Where places are sold."""

    def __init__(self, bench: Bench, desk: SellingDesk) -> None:
        self.bench, self.desk = bench, desk

    def ask(self, ticket_id: str, kind: str = "front", expected: int | None = 1, by: str = "Client") -> Any:
        return selling.ask(self.bench.context, DESK, ticket_id, kind, by, "To the front", expected)

    def offers(self, ticket_id: str) -> Any:
        return selling.offers(self.bench.context, DESK, ticket_id)

    def boost(self, ticket_id: str) -> Row:
        with reading(self.bench.database) as connection:
            return boosts.of_ticket(connection, DESK, ticket_id)[0]

    def work(self) -> None:
        """Run what waits, until nothing does."""
        while waiting := self.bench.queued():
            names = [name for name in ("effect.send", "boost.advance") if self.bench.queued(name)]
            jobs = {name: self.bench.queued(name) for name in names}
            self.bench.forget_jobs()
            for name, found in jobs.items():
                for args in found:
                    self.bench.run(name, **args)
            assert len(waiting) < 50

    def hear(self, kind: str, invoice_id: str, delivery: str) -> str:
        """An event about an invoice; what became of its delivery."""
        number = self.bench.deliver(b"{}", None, delivery)
        self.desk.parse = lambda headers, body: Event(EventKind.INVOICE, kind, None, False, invoice_id)  # type: ignore[method-assign]
        self.bench.run("delivery.handle", inbox_id=number)
        return str(self.bench.delivery(number).state)

    def bought(self, ticket_id: str, kind: str = "front", expected: int = 1) -> str:
        """Asked for, invoiced, paid and given; the invoice."""
        assert self.ask(ticket_id, kind, expected).made
        self.work()
        invoice: str = self.boost(ticket_id).invoice_id
        self.desk.pay(invoice)
        self.hear("paid", invoice, f"paid-{invoice}")
        self.work()
        return invoice

    def order(self) -> list[str]:
        with reading(self.bench.database) as connection:
            return [row.ticket_id for row in queue.top(connection, "Support")]

    def poll(self) -> None:
        self.bench.run("boost.poll", desk=DESK)
        self.work()

    def later(self, by: timedelta) -> None:
        """Let every boost have been asked for so much earlier."""
        with self.bench.database.begin() as connection:
            for row in connection.execute(sa.select(boost.c.marker, boost.c.asked_at)):
                boosts.change(connection, row.marker, asked_at=row.asked_at - by)


@pytest.fixture
def counter(database: sa.Engine) -> Counter:
    """Four clients' tickets, which came within the last hour."""
    desk = SellingDesk()
    bench = make_bench(database, PRICES, desk)
    now = utc_now()
    for number, minutes in enumerate((50, 40, 30, 20), start=1):
        at = now - timedelta(minutes=minutes)
        client = Client(f"c{number}", f"Client {number}", currency="EUR")
        bench.put(str(number), created_at=at, updated_at=at, client=client)
        bench.look(str(number))
    counter = Counter(bench, desk)
    counter.work()
    desk.placements.clear()
    return counter


# Asking


def test_the_place_and_the_price_are_told_beforehand(counter: Counter) -> None:
    found = counter.offers("3")
    assert [(item.kind, item.price, item.currency, item.before, item.after) for item in found.offers] == [
        ("front", Decimal("9.00"), "EUR", 3, 1),
        ("second", Decimal("5.00"), "EUR", 3, 2),
    ]
    assert found.refused == ""


def test_who_would_stand_where_they_stand_is_offered_nothing(counter: Counter) -> None:
    assert counter.offers("1").offers == ()
    assert [item.kind for item in counter.offers("2").offers] == ["front"]
    assert counter.ask("1").refused == "gone"


@pytest.mark.parametrize(
    "client", [Client("c3", "Ann", currency="USD"), Client("guest-1", "Ann", currency="EUR"), Client("c3", "Ann")]
)
def test_nothing_is_sold_without_a_price_in_the_clients_currency_or_an_account(
    counter: Counter, client: Client
) -> None:
    counter.bench.put("3", client=client)
    counter.bench.look("3")
    assert counter.offers("3") is None
    assert counter.ask("3").refused == "gone"


def test_nothing_is_sold_while_there_is_no_price(database: sa.Engine) -> None:
    desk = SellingDesk()
    bench = make_bench(database, None, desk)
    for number in ("1", "2"):
        bench.put(number, client=Client(number, number, currency="EUR"))
        bench.look(number)
    assert Counter(bench, desk).offers("2") is None


def test_another_place_than_was_shown_is_refused_before_there_is_an_invoice(counter: Counter) -> None:
    assert counter.ask("3", expected=2).refused == "changed"
    assert counter.ask("3", expected=None).refused == "changed"
    assert counter.bench.effects("invoice") == []


def test_asking_writes_one_invoice_of_the_price(counter: Counter) -> None:
    assert counter.ask("3").made
    assert counter.ask("3", "second", 2).made
    counter.work()
    (bill,) = counter.desk.bills.values()
    assert (bill.client_id, bill.amount, bill.currency) == ("c3", Decimal("9.00"), "EUR")
    row = counter.boost("3")
    assert (row.state, row.invoice_id, row.place_before, row.place_shown) == ("invoiced", "100", 3, 1)
    assert counter.order() == ["1", "2", "3", "4"]


def test_an_invoice_that_is_refused_is_said_to_be_so(counter: Counter) -> None:
    counter.ask("3")
    counter.desk.fail(Permanent("the client pays in another currency"))
    counter.work()
    assert counter.boost("3").state == "refused"
    assert counter.ask("3").made


def test_an_unknown_outcome_makes_one_invoice(counter: Counter) -> None:
    counter.ask("3")
    (job,) = counter.bench.queued("effect.send")
    counter.desk.fail(UnknownOutcome("no answer came"), acts=True)
    with pytest.raises(UnknownOutcome):
        counter.bench.run("effect.send", **job)
    with counter.bench.database.begin() as connection:
        connection.execute(sa.update(effect).values(tried_at=utc_now() - timedelta(minutes=5)))
    counter.work()
    assert list(counter.desk.invoices) == ["100"]
    assert counter.boost("3").invoice_id == "100"


# Quota


def test_two_clients_buy_at_once_and_one_place_is_sold(counter: Counter) -> None:
    with ThreadPoolExecutor(2) as pool:
        wishes = list(pool.map(counter.ask, ("3", "4")))
    assert sorted((wish.made, wish.refused) for wish in wishes) == [(False, "share"), (True, "")]


def test_who_asked_keeps_the_place_from_others_for_a_while(counter: Counter) -> None:
    counter.ask("3")
    assert counter.offers("4").refused == "share"
    refused = move(counter.bench.context, DESK, "4", "front", "ops", "asked nicely")
    assert refused is not None and refused.refused == "share"
    counter.later(boosts.RESERVED)
    assert counter.offers("4").refused == ""


def test_a_client_buys_once_a_day(counter: Counter) -> None:
    at = utc_now() - timedelta(minutes=5)
    counter.bench.put("5", created_at=at, updated_at=at, client=Client("c3", "Client 3", currency="EUR"))
    counter.bench.look("5")
    counter.bench.forget_jobs()
    counter.bought("3")
    assert counter.offers("5").refused == "client"
    assert counter.offers("3").refused == "bought"


def test_who_pays_after_the_place_went_to_another_gets_the_money_back(counter: Counter) -> None:
    counter.ask("3")
    counter.work()
    counter.later(boosts.RESERVED)
    counter.bought("4")
    assert counter.order()[0] == "4"
    counter.desk.pay("100")
    counter.poll()
    assert counter.order()[0] == "4"
    assert [(item.client_id, item.amount) for item in counter.desk.credits] == [("c3", Decimal("9.00"))]
    assert (counter.boost("3").state, counter.boost("3").why) == ("returned", "share")


# Paying


def test_the_place_is_given_when_the_invoice_is_paid(counter: Counter) -> None:
    counter.bought("3")
    assert counter.order() == ["3", "1", "2", "4"]
    row = counter.boost("3")
    assert (row.state, row.place_shown, row.place_given) == ("granted", 1, 1)
    (reason,) = [item for item in counter.bench.row("3").contributions if item["factor"] == "boost"]
    assert reason["reason"] == "moved to the front, paid for with invoice 100"
    assert counter.desk.credits == []
    assert [placement[0] for placement in counter.desk.placements] == ["3"]


def test_behind_the_first_is_behind_the_first(counter: Counter) -> None:
    counter.bought("4", "second", 2)
    assert counter.order() == ["1", "4", "2", "3"]


def test_paid_twice_gives_once(counter: Counter) -> None:
    invoice = counter.bought("3")
    key = counter.bench.row("3").key
    assert counter.hear("paid", invoice, "again") == "done"
    counter.work()
    counter.poll()
    assert counter.bench.row("3").key == key
    with reading(counter.bench.database) as connection:
        assert [item.kind for item in moves.of_ticket(connection, DESK, "3")] == ["front"]


def test_an_event_that_comes_before_the_invoice_is_known_is_not_lost(counter: Counter) -> None:
    counter.ask("3")
    create = counter.desk.create_invoice

    def paid_at_once(bill: Any) -> Any:
        receipt = create(bill)
        counter.desk.pay(receipt.reference)
        assert counter.hear("paid", receipt.reference, "early") == "ignored"
        return receipt

    counter.desk.create_invoice = paid_at_once  # type: ignore[method-assign]
    counter.work()
    assert counter.boost("3").state == "granted"
    assert counter.order()[0] == "3"


def test_the_poll_finds_what_no_event_told(counter: Counter) -> None:
    counter.ask("3")
    counter.work()
    counter.desk.pay("100")
    counter.poll()
    assert counter.order()[0] == "3"
    counter.desk.refund("100")
    counter.poll()
    assert counter.order() == ["1", "2", "3", "4"]


def test_an_invoice_for_something_else_is_nobodys_business(counter: Counter) -> None:
    assert counter.hear("paid", "77", "foreign") == "ignored"
    assert counter.bench.queued() == []


def test_an_older_answer_of_the_desk_is_not_believed_over_a_newer(counter: Counter) -> None:
    counter.bought("3")
    marker = counter.boost("3").marker
    with counter.bench.database.begin() as connection:
        boosts.change(connection, marker, looked_at=utc_now() + timedelta(seconds=1))
    counter.desk.become("100", InvoiceState.OPEN)
    counter.bench.run("boost.advance", marker=marker)
    assert counter.boost("3").state == "granted"


# Money back


def test_who_was_answered_meanwhile_gets_the_money_back_once(counter: Counter) -> None:
    counter.ask("3")
    counter.work()
    counter.bench.put("3", status=Status.PENDING, updated_at=utc_now())
    counter.bench.look("3")
    counter.bench.forget_jobs()
    counter.desk.pay("100")
    for delivery in ("first", "second"):
        counter.hear("paid", "100", delivery)
        counter.work()
    counter.poll()
    (credit,) = counter.desk.credits
    assert (credit.client_id, credit.amount) == ("c3", Decimal("9.00"))
    row = counter.boost("3")
    assert (row.state, row.why, row.returned) == ("returned", "left", "9.00")


def test_who_came_to_the_front_meanwhile_gets_the_money_back(counter: Counter) -> None:
    counter.ask("2")
    counter.work()
    counter.bench.put("1", status=Status.PENDING, updated_at=utc_now())
    counter.bench.look("1")
    counter.bench.forget_jobs()
    counter.desk.pay("100")
    counter.poll()
    assert (counter.boost("2").state, counter.boost("2").why) == ("returned", "same")
    assert len(counter.desk.credits) == 1
    assert "boost" not in [item["factor"] for item in counter.bench.row("2").contributions]


def test_an_unknown_outcome_gives_the_money_back_once(counter: Counter) -> None:
    counter.ask("2")
    counter.work()
    counter.bench.put("1", status=Status.PENDING, updated_at=utc_now())
    counter.bench.look("1")
    counter.bench.forget_jobs()
    counter.desk.pay("100")
    counter.bench.run("boost.advance", marker=counter.boost("2").marker)
    (job,) = counter.bench.queued("effect.send")
    counter.desk.fail(UnknownOutcome("no answer came"), acts=True)
    with pytest.raises(UnknownOutcome):
        counter.bench.run("effect.send", **job)
    assert counter.boost("2").state == "returning"
    with counter.bench.database.begin() as connection:
        connection.execute(sa.update(effect).values(tried_at=utc_now() - timedelta(minutes=5)))
    counter.work()
    assert len(counter.desk.credits) == 1
    assert counter.boost("2").state == "returned"


def test_credit_that_is_refused_stays_owed_and_seen(counter: Counter) -> None:
    counter.ask("2")
    counter.work()
    counter.bench.put("2", status=Status.PENDING, updated_at=utc_now())
    counter.bench.look("2")
    counter.bench.forget_jobs()
    counter.desk.pay("100")
    counter.desk.fail(Permanent("not allowed"))
    counter.poll()
    assert counter.boost("2").state == "returning"
    assert [row.state for row in counter.bench.effects("credit")] == ["dead"]


# Refunds


@pytest.mark.parametrize("state", [InvoiceState.REFUNDED, InvoiceState.CANCELLED, InvoiceState.OPEN])
def test_who_gets_the_money_back_gets_the_ordinary_place_back(counter: Counter, state: InvoiceState) -> None:
    before = counter.bench.row("3")
    invoice = counter.bought("3")
    counter.desk.become(invoice, state, Decimal(0))
    counter.hear("refunded", invoice, "back")
    counter.work()
    row = counter.bench.row("3")
    assert (row.key, row.band, row.contributions, row.safe_at) == (
        before.key,
        before.band,
        before.contributions,
        before.safe_at,
    )
    assert counter.order() == ["1", "2", "3", "4"]
    assert (counter.boost("3").state, counter.boost("3").why) == ("revoked", state.value)
    assert counter.desk.placements[-1][1].sort_key == f"{before.key:012d}"
    with reading(counter.bench.database) as connection:
        assert [item.kind for item in moves.of_ticket(connection, DESK, "3")] == ["revoked", "front"]
    assert counter.desk.credits == []


def test_what_the_ticket_earned_besides_stays_when_the_money_goes_back(counter: Counter) -> None:
    counter.bought("4")
    counter.bench.put("4", service_level=promised(30, utc_now()), updated_at=utc_now())
    raised = counter.bench.look("4")
    counter.bench.forget_jobs()
    assert raised.ordinary_key is not None
    counter.desk.refund("100")
    counter.poll()
    row = counter.bench.row("4")
    assert row.key == raised.ordinary_key
    assert row.key < counter.bench.row("1").key
    assert "sla_target" in [item["factor"] for item in row.contributions]


def test_a_dead_server_stays_first_when_the_money_goes_back(counter: Counter) -> None:
    counter.bought("4")
    with counter.bench.database.begin() as connection:
        values = ranking.emergency(counter.bench.context, counter.bench.row("4"), utc_now())
        tickets.update(connection, DESK, "4", **values)
    key = counter.bench.row("4").key
    counter.desk.refund("100")
    counter.poll()
    row = counter.bench.row("4")
    assert (row.key, row.band, row.ordinary_key) == (key, "emergency", None)


def test_a_refund_after_the_answer_is_written_down_and_moves_nobody(counter: Counter) -> None:
    invoice = counter.bought("3")
    counter.bench.put("3", status=Status.PENDING, updated_at=utc_now())
    counter.bench.look("3")
    counter.bench.put("3", status=Status.OPEN, updated_at=utc_now())
    counter.bench.look("3")
    counter.bench.forget_jobs()
    key = counter.bench.row("3").key
    counter.desk.refund(invoice)
    counter.hear("refunded", invoice, "back")
    counter.work()
    assert counter.boost("3").state == "revoked"
    assert counter.bench.row("3").key == key


def test_who_pays_again_after_a_charge_back_loses_nothing(counter: Counter) -> None:
    invoice = counter.bought("3")
    counter.desk.become(invoice, InvoiceState.OPEN, Decimal(0))
    counter.poll()
    assert counter.boost("3").state == "revoked"
    counter.desk.pay(invoice)
    counter.poll()
    assert counter.boost("3").state == "returned"
    assert len(counter.desk.credits) == 1


# Unpaid


def test_nobody_is_reminded_of_an_invoice_for_a_line_that_was_left(counter: Counter) -> None:
    counter.ask("3")
    counter.work()
    counter.poll()
    assert counter.bench.effects("cancel") == []
    counter.bench.put("3", status=Status.PENDING, updated_at=utc_now())
    counter.bench.look("3")
    counter.bench.forget_jobs()
    counter.poll()
    assert counter.desk.invoices["100"].state is InvoiceState.CANCELLED
    assert counter.boost("3").state == "cancelled"


def test_an_invoice_that_nobody_paid_for_a_day_is_cancelled(counter: Counter) -> None:
    counter.ask("3")
    counter.work()
    counter.later(timedelta(hours=24, minutes=1))
    counter.poll()
    assert counter.boost("3").state == "cancelled"


def test_what_is_paid_in_the_moment_it_is_cancelled_comes_back(counter: Counter) -> None:
    counter.ask("3")
    counter.work()
    counter.desk.become("100", InvoiceState.CANCELLED, Decimal("9.00"))
    counter.poll()
    assert counter.boost("3").state == "returned"
    assert [credit.amount for credit in counter.desk.credits] == [Decimal("9.00")]


def test_an_invoice_that_was_deleted_buys_nothing(counter: Counter) -> None:
    counter.ask("3")
    counter.work()
    del counter.desk.invoices["100"]
    counter.poll()
    assert counter.boost("3").state == "cancelled"
