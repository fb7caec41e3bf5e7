"""What a status means: configured, the same everywhere, or learned from where its tickets are listed."""

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor

import pytest

from adapters.whmcs.client import ALL_ACTIVE, AWAITING, Clients
from adapters.whmcs.settings import CORE_STATUSES, Settings
from adapters.whmcs.statuses import ASK_AGAIN, LEARN_AGAIN, Statuses
from deskside.model.ticket import Status
from tests.adapters.whmcs.install import Answer, Asked, Install, listed, page, refusal

USED = {"statuses": {"status": [{"title": title, "count": "1"} for title in ("Escalated", "Vendor", "Refused")]}}


@pytest.fixture
def executor() -> Iterator[Executor]:
    with ThreadPoolExecutor(2) as made:
        yield made


class Clock:
    """A clock that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def statuses(install: Install, settings: Settings, executor: Executor, clock: Clock) -> Statuses:
    rows = {
        ALL_ACTIVE: [listed(id="1", status="Escalated"), listed(id="2", status="Vendor"), listed(id="3")],
        AWAITING: [listed(id="1", status="Escalated"), listed(id="3")],
    }

    def answer(asked: Asked) -> Answer:
        return page(*rows[asked.parameters["status"]])

    install.on("GetTickets", answer)
    install.on("GetSupportStatuses", Answer({"result": "success", **USED}))
    return Statuses(settings.meanings, Clients(settings), executor, clock)


@pytest.mark.parametrize(("title", "status"), CORE_STATUSES.items())
def test_the_core_statuses_are_known_without_asking(
    install: Install, statuses: Statuses, title: str, status: Status
) -> None:
    assert statuses.meaning(title.title()) is status
    assert install.seen == []


def test_custom_ones_are_learned(statuses: Statuses) -> None:
    assert statuses.meaning("Escalated") is Status.OPEN
    assert statuses.meaning("vendor ") is Status.HOLD
    assert statuses.meaning("Refused") is Status.CLOSED


def test_one_nobody_knows_is_open_and_asked_for_again_after_a_minute(
    install: Install, statuses: Statuses, clock: Clock
) -> None:
    assert statuses.meaning("Brand new") is Status.OPEN
    asked = len(install.seen)
    clock.now = ASK_AGAIN
    statuses.meaning("Brand new")
    assert len(install.seen) == asked
    clock.now = ASK_AGAIN + 1
    statuses.meaning("Brand new")
    assert len(install.seen) == 2 * asked


def test_what_was_learned_is_learned_again(install: Install, statuses: Statuses, clock: Clock) -> None:
    assert statuses.meaning("Vendor") is Status.HOLD
    install.on("GetTickets", page(listed(status="Vendor")))
    clock.now = LEARN_AGAIN
    assert statuses.meaning("Vendor") is Status.HOLD
    clock.now = LEARN_AGAIN + 1
    assert statuses.meaning("Vendor") is Status.OPEN


def test_what_cannot_be_learned_is_open(install: Install, statuses: Statuses) -> None:
    install.on("GetSupportStatuses", refusal("Invalid Permissions", 403))
    assert statuses.meaning("Vendor") is Status.OPEN
