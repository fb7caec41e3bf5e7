from collections.abc import Iterator

import pytest

from deskside.demo.zendesk import SimulatedZendesk
from tests.demo.clock import SettableClock
from tests.demo.receiver import Receiver
from tests.demo.zendesk.tools import Caller


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def zendesk(clock: SettableClock) -> Iterator[SimulatedZendesk]:
    desk = SimulatedZendesk(clock=clock)
    desk.sender.hurry = 0.0
    with desk:
        yield desk


@pytest.fixture
def api(zendesk: SimulatedZendesk) -> Iterator[Caller]:
    with Caller(zendesk) as caller:
        yield caller


@pytest.fixture
def client_id(zendesk: SimulatedZendesk) -> int:
    """A client of an organization."""
    return zendesk.add_user("Ada Client", "ada@client.example", organization_id=zendesk.add_organization("Client Ltd"))


@pytest.fixture
def group_id(zendesk: SimulatedZendesk) -> int:
    return zendesk.add_group("Servers")


@pytest.fixture
def agent_id(zendesk: SimulatedZendesk, group_id: int) -> int:
    return zendesk.add_user("Bob Agent", "bob@desk.example", role="agent", group_id=group_id)


@pytest.fixture
def ticket_id(zendesk: SimulatedZendesk, client_id: int) -> int:
    return zendesk.create_ticket(client_id, "Site down", "My site is down")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()
