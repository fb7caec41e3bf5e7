"""Who is who, and what is kept how long."""

from decimal import Decimal
from typing import Any

import pytest

from adapters.whmcs import rows
from adapters.whmcs.aged import GONE_WITHOUT, Aged
from adapters.whmcs.client import Clients
from adapters.whmcs.directory import Directory, monthly
from adapters.whmcs.settings import Settings
from adapters.whmcs.unlisted import AGAIN, Unlisted
from deskside.errors import Permanent, Transient
from tests.adapters.whmcs.conftest import MemoryBindings
from tests.adapters.whmcs.install import Answer, Install, accounts, product, products, refusal, transactions

RECENT = "2026-11-01 10:00:00"


@pytest.fixture
def directory(settings: Settings, bindings: MemoryBindings) -> Directory:
    return Directory(settings, Clients(settings), bindings)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Source:
    """Gives what it is told to give, and counts how often it was asked."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked = 0

    def __call__(self) -> Any:
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_a_value_is_read_again_when_it_is_old_enough() -> None:
    clock, source = Clock(), Source(1, 2)
    aged: Aged[str, int] = Aged(60, clock=clock)
    assert [aged.get("a", source), aged.get("a", source)] == [1, 1]
    clock.now += 60
    assert aged.get("a", source) == 2


def test_the_longest_unused_leaves_first() -> None:
    aged: Aged[str, int] = Aged(60, most=2)
    for key in ("a", "b", "a", "c"):
        aged.get(key, lambda: 1)
    again = Source(2)
    assert aged.get("a", again) == 1
    assert aged.get("b", again) == 2


def test_what_is_refused_is_gone_without_and_soon_asked_for_again() -> None:
    clock, source = Clock(), Source(Permanent("no"), 5)
    aged: Aged[str, int] = Aged(24 * 3600, clock=clock)
    assert [aged.get_or("a", source, 0), aged.get_or("a", source, 0)] == [0, 0]
    assert source.asked == 1
    clock.now += GONE_WITHOUT
    assert aged.get_or("a", source, 0) == 5


def test_what_fails_for_now_is_tried_once_more_and_then_gone_without() -> None:
    source = Source(Transient("later"))
    aged: Aged[str, int] = Aged(60)
    with pytest.raises(Transient):
        aged.get_or("a", source, 0)
    assert aged.get_or("a", source, 0) == 0
    assert source.asked == 2


def test_one_failure_long_ago_does_not_count() -> None:
    clock, source = Clock(), Source(Transient("later"), 5, Transient("later"))
    aged: Aged[str, int] = Aged(60, clock=clock)
    with pytest.raises(Transient):
        aged.get_or("a", source, 0)
    assert aged.get_or("a", source, 0) == 5
    clock.now += 60
    with pytest.raises(Transient):
        aged.get_or("a", source, 0)


def test_a_missing_ticket_is_told_once_an_hour() -> None:
    clock = Clock()
    unlisted = Unlisted(clock)
    assert unlisted.since_last({"1", "2", "3"}, {"1"}) == ["2", "3"]
    assert unlisted.since_last({"1", "2", "3"}, {"1"}) == []
    assert unlisted.since_last({"1", "2", "3"}, {"1", "2"}) == []
    assert unlisted.since_last({"1", "2", "3"}, {"1"}) == ["2"]
    clock.now += AGAIN
    assert unlisted.since_last({"1", "2", "3"}, {"1"}) == ["2", "3"]


# Years and money


def test_the_day_the_account_was_made_is_looked_up_by_its_address(install: Install, directory: Directory) -> None:
    other = {"id": 70, "datecreated": "2001-01-01"}
    install.on("GetClients", accounts(other, {"id": 7, "datecreated": "2019-05-06"}))
    assert str(directory.since("7", "ann@acme.example")) == "2019-05-06"
    assert install.asked("GetClients")[0].parameters["search"] == "ann@acme.example"


@pytest.mark.parametrize(
    "answer", [refusal("Invalid Permissions", 403), accounts(), accounts({"id": 7, "datecreated": "0000-00-00"})]
)
def test_without_it_the_oldest_product_tells(install: Install, directory: Directory, answer: Answer) -> None:
    install.on("GetClients", answer)
    rows = [product(id=1, regdate="2020-02-02"), product(id=2, regdate="0000-00-00"), product(id=3)]
    install.on("GetClientsProducts", products(*rows))
    assert str(directory.since("7", "ann@acme.example")) == "2020-02-02"


def money(*given: tuple[str, str, str]) -> Decimal:
    read = rows.TRANSACTIONS.read(
        {"id": index + 1, "date": RECENT, "amountin": came, "amountout": went, "rate": rate}
        for index, (came, went, rate) in enumerate(given)
    )
    return monthly(read)


def test_spend_is_a_twelfth_of_the_year_in_the_desks_own_currency() -> None:
    assert money(("1200.00", "0.00", "1.00000")) == Decimal("100.00")
    assert money(("1200.00", "0.00", "1.00000"), ("0.00", "600.00", "1.00000")) == Decimal("50.00")
    assert money(("960.00", "0.00", "0.80000")) == Decimal("100.00")
    assert money() == Decimal("0.00")


@pytest.mark.parametrize("rate", ["0", "", "x", "0.00000"])
def test_a_rate_that_is_none_is_one(rate: str) -> None:
    assert money(("12.00", "0.00", rate)) == Decimal("1.00")


def test_who_got_more_back_than_they_paid_spends_nothing() -> None:
    assert money(("0.00", "50.00", "1")) == 0


def test_display_text_is_no_money() -> None:
    assert money(("$2645.80 USD", "0.00", "1")) == 0


def test_only_the_last_year_counts(install: Install, directory: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    long_ago = {"id": 1, "date": "2001-01-01 00:00:00", "amountin": "9999.00", "amountout": "0.00", "rate": "1"}
    undated = {"id": 2, "date": "0000-00-00 00:00:00", "amountin": "9999.00", "amountout": "0.00", "rate": "1"}
    install.on("GetTransactions", transactions(long_ago, undated))
    assert directory.monthly_spend("7") == 0


def test_money_that_may_not_be_seen_is_not_known(install: Install, directory: Directory) -> None:
    install.on("GetTransactions", refusal("Invalid Permissions", 403))
    assert directory.monthly_spend("7") is None


def test_what_changes_seldom_is_asked_once(install: Install, directory: Directory) -> None:
    for _ in range(3):
        directory.account("7")
        directory.since("7", "a@b.example")
        directory.monthly_spend("7")
        directory.products("7")
        directory.admin_name("3")
        directory.pool("2")
    actions = [asked.action for asked in install.seen]
    assert len(actions) == len(set(actions)) == 6


# Staff and departments


def test_a_department_keeps_the_name_it_was_first_seen_with(
    install: Install, directory: Directory, bindings: MemoryBindings
) -> None:
    assert directory.pool("2") == "Support & Sales"
    install.on("GetSupportDepartments", Answer({"departments": {"department": {"id": 2, "name": "Renamed"}}}))
    assert directory.pool("2", "Renamed") == "Support & Sales"
    assert bindings.values["department:2"] == "Support & Sales"


def test_a_department_nobody_knows_is_not_remembered(directory: Directory, bindings: MemoryBindings) -> None:
    assert directory.pool("77") == "department 77"
    assert directory.pool(None) == "unassigned"
    assert bindings.values == {}


def test_administrators_have_names(install: Install, directory: Directory) -> None:
    install.on("GetAdminUsers", Answer({"admin_users": [{"id": "3", "firstname": "E &amp; F", "lastname": "G"}]}))
    assert directory.admin_name("3") == "E & F G"
    assert directory.admin_name("4") == ""


# The service of a ticket


def test_a_tickets_service_is_named_as_in_the_inventory(directory: Directory) -> None:
    assert directory.service_name("S31", "7") == "Shop.Acme.example"
    assert directory.service_name("S99", "7") == "S99"
    assert directory.service_name("S31", None) == "S31"


def test_a_tickets_domain_is_looked_up(install: Install, directory: Directory) -> None:
    domains = {"domains": {"domain": [{"id": "4", "domainname": "Acme.example", "status": "Active"}]}}
    install.on("GetClientsDomains", Answer({"result": "success", **domains}))
    assert directory.service_name("D4", "7") == "Acme.example"


@pytest.mark.parametrize("answer", [refusal("Invalid Permissions", 403), refusal("Domain Not Found")])
def test_a_domain_that_cannot_be_looked_up_stays_a_number(
    install: Install, directory: Directory, answer: Answer
) -> None:
    install.on("GetClientsDomains", answer)
    assert directory.service_name("D4", "7") == "D4"


def test_products_are_read_page_by_page(install: Install, directory: Directory) -> None:
    owned = [product(id=index + 1) for index in range(251)]

    def answer(asked: Any) -> Answer:
        start = int(asked.parameters["limitstart"])
        rows = owned[start : start + int(asked.parameters["limitnum"])]
        return Answer({"result": "success", "totalresults": "251", "products": {"product": rows}})

    install.on("GetClientsProducts", answer)
    assert len(directory.products("7")) == 251
    assert len(install.asked("GetClientsProducts")) == 2


def test_products_that_cannot_be_read_are_no_inventory(install: Install, directory: Directory) -> None:
    install.on("GetClientsProducts", Answer("oops", 503))
    with pytest.raises(Transient):
        directory.products("7")
    with pytest.raises(Permanent, match="for now"):
        directory.products("7")
    assert directory.service_name("S31", "7") == "S31"
