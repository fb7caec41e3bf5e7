import threading
from collections.abc import Iterator

import pytest

from deskside.demo import cast
from deskside.demo.servers import Condition, Servers
from deskside.demo.stream import FEWEST, MOST, OPENING, Stream
from deskside.demo.zendesk import SimulatedZendesk, ZendeskStage
from tests.demo.clock import SettableClock
from tests.demo.receiver import Receiver
from tests.demo.zendesk.tools import Caller


@pytest.fixture
def servers() -> Iterator[Servers]:
    with Servers(cast.servers()) as running:
        yield running


def desk() -> SimulatedZendesk:
    return SimulatedZendesk(clock=SettableClock())


def told(zendesk: SimulatedZendesk) -> list[tuple[str, str, str]]:
    return [(ticket["subject"], ticket["status"], ticket["created_at"]) for ticket in zendesk.tickets()]


def test_the_desk_opens_with_a_backlog_of_different_ages(servers: Servers) -> None:
    zendesk = desk()
    Stream(ZendeskStage(zendesk), servers).open()
    tickets = zendesk.tickets()
    assert len(tickets) == OPENING
    created = [ticket["created_at"] for ticket in tickets]
    assert created == sorted(created)
    assert len(set(created)) == OPENING
    assert len({ticket["organization_id"] for ticket in tickets}) == len(cast.ORGANIZATIONS)
    assert {ticket["group_id"] for ticket in tickets} <= set(zendesk.state.groups)
    texts = "".join(ticket["description"] for ticket in tickets)
    assert any("а" <= letter <= "я" for letter in texts)
    assert {row.fields["plan"] for row in zendesk.state.organizations.values()} == {"basic", "business", "enterprise"}


def test_one_seed_tells_one_story(servers: Servers) -> None:
    stories = []
    for seed in (3, 3, 4):
        zendesk = desk()
        stream = Stream(ZendeskStage(zendesk), servers, seed=seed)
        stream.open()
        stories.append(told(zendesk))
    assert stories[0] == stories[1] != stories[2]


def test_the_first_happening_is_a_ticket_about_the_dead_server(servers: Servers) -> None:
    zendesk = desk()
    stream = Stream(ZendeskStage(zendesk), servers)
    stream.open()
    stream.step()
    ticket = zendesk.tickets()[-1]
    dead = next(row for row in servers.servers.values() if row.condition is Condition.DEAD)
    assert dead.domains[0] in ticket["subject"] + ticket["description"]
    organization = zendesk.state.organizations[ticket["organization_id"]]
    assert organization.external_id == dead.client
    assert ticket["tags"] == ["vip"]


def test_a_long_stream_keeps_the_queue_between_its_bounds(servers: Servers) -> None:
    zendesk = desk()
    stream = Stream(ZendeskStage(zendesk), servers, seed=5)
    happened = [stream.step() for _ in range(150)]
    assert FEWEST - 4 <= len(zendesk.queue()) <= MOST + 4
    for words in ("opens ticket", "asks again", "the head of the queue", "is back", "dies", "works again"):
        assert any(words in line for line in happened), words
    assert {"solved", "new"} <= {ticket["status"] for ticket in zendesk.tickets()}


def test_an_agent_takes_the_head_of_the_view(servers: Servers) -> None:
    zendesk = desk()
    stream = Stream(ZendeskStage(zendesk), servers)
    stream.open()
    key = zendesk.add_ticket_field("text", "Key")
    with zendesk, Caller(zendesk) as api:
        condition = {"field": "status", "operator": "less_than", "value": "solved"}
        output = {"columns": ["nice_id", key], "sort_by": str(key), "sort_order": "asc"}
        api.call("POST", "/views", {"view": {"title": "Queue", "all": [condition], "output": output}})
        last = zendesk.tickets()[-1]["id"]
        api.put_ticket(last, custom_fields=[{"id": key, "value": "0001"}])
        assert zendesk.queue()[0] == last
        stream._solve_head()
    assert zendesk.ticket(last)["status"] == "solved"


def test_it_runs_until_it_is_stopped_and_its_webhooks_tell_of_it(servers: Servers, receiver: Receiver) -> None:
    zendesk = desk()
    stream = Stream(ZendeskStage(zendesk), servers, pace=0.01)
    stream.open()
    stop = threading.Event()
    with zendesk, Caller(zendesk) as api:
        api.webhook(receiver.url, "zen:event-type:ticket.created")
        thread = threading.Thread(target=stream.run, args=(stop,))
        thread.start()
        wait = threading.Event()
        heard = any(receiver.got or wait.wait(0.02) for _ in range(500))
        stop.set()
        thread.join(10)
        assert heard
        assert not thread.is_alive()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    running = Receiver()
    yield running
    running.close()
