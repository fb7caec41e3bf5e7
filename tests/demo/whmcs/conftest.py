from collections.abc import Iterator

import pytest

from deskside.demo.whmcs import SimulatedWhmcs
from tests.demo.clock import SettableClock
from tests.demo.receiver import Receiver
from tests.demo.whmcs.tools import Caller


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def whmcs(clock: SettableClock) -> Iterator[SimulatedWhmcs]:
    with SimulatedWhmcs(clock=clock, timezone="America/New_York") as running:
        yield running


@pytest.fixture
def api(whmcs: SimulatedWhmcs) -> Iterator[Caller]:
    with Caller(whmcs) as caller:
        yield caller


@pytest.fixture
def department(whmcs: SimulatedWhmcs) -> int:
    return whmcs.add_department("Servers & more")


@pytest.fixture
def agent(whmcs: SimulatedWhmcs, department: int) -> int:
    return whmcs.add_admin("Mira Holt", "mira", "mira@desk.example", [department])


@pytest.fixture
def client(whmcs: SimulatedWhmcs) -> int:
    return whmcs.add_client("Ada O'Neill", "ada@client.example", company="Client & Sons")


@pytest.fixture
def ticket(whmcs: SimulatedWhmcs, client: int, department: int) -> int:
    return whmcs.create_ticket(client, "Site down", "My site is down", department_id=department)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    running = Receiver()
    yield running
    running.close()
