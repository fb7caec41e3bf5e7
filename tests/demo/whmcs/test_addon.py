import base64
import hashlib
import hmac
import json
import threading
from decimal import Decimal

from deskside.demo.whmcs import SimulatedWhmcs
from deskside.demo.whmcs.addon import TYPES, sign
from tests.demo.clock import SettableClock
from tests.demo.receiver import Receiver
from tests.demo.whmcs.tools import Caller


def types(receiver: Receiver) -> list[str]:
    return [event["type"] for event in receiver.events]


def heard(whmcs: SimulatedWhmcs, receiver: Receiver) -> list[str]:
    """What arrived since the last time, in the order of the alphabet: the order of arrival is nobody's promise."""
    assert whmcs.drain()
    seen = sorted(types(receiver))
    receiver.got.clear()
    return seen


def test_the_published_vector_of_standard_webhooks() -> None:
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    wanted = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body) == wanted


def test_an_event_is_signed_over_its_id_its_time_and_its_raw_bytes(
    whmcs: SimulatedWhmcs, receiver: Receiver, client: int, department: int
) -> None:
    secret = whmcs.addon.connect(receiver.url)
    ticket = whmcs.create_ticket(client, "Привет", "x", department_id=department)
    assert whmcs.drain()
    headers, body = receiver.got[0]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{digest}"
    assert headers["webhook-timestamp"] == "1772442000"
    assert json.loads(body) == {
        "type": "ticket.opened",
        "ticket": str(ticket),
        "at": "2026-03-02T09:00:00Z",
        "by": {"client": str(client)},
    }


def test_both_secrets_sign_while_the_secret_is_changed(whmcs: SimulatedWhmcs, receiver: Receiver, ticket: int) -> None:
    whmcs.addon.previous_secret = whmcs.webhook_secret
    whmcs.addon.connect(receiver.url, "whsec_" + base64.b64encode(b"n" * 32).decode())
    whmcs.addon.ping()
    assert whmcs.drain()
    signatures = receiver.got[0][0]["webhook-signature"].split()
    assert [text[:3] for text in signatures] == ["v1,", "v1,"]
    assert signatures[0] != signatures[1]


def test_every_hook_has_its_event(
    whmcs: SimulatedWhmcs, receiver: Receiver, api: Caller, client: int, department: int, agent: int
) -> None:
    whmcs.addon.connect(receiver.url)
    service = whmcs.add_service(client, "Server", "client.example")
    ticket = whmcs.create_ticket(client, "s", "t", department_id=department)
    other = whmcs.create_ticket(client, "s", "t", department_id=department)
    whmcs.client_reply(ticket, "c")
    whmcs.agent_reply(ticket, agent, "a")
    whmcs.agent_note(ticket, agent, "n")
    whmcs.change(
        ticket, agent, priority="High", subject="x", deptid=whmcs.add_department("Other"), flag=agent, status="Closed"
    )
    whmcs.merge([other], ticket, agent)
    whmcs.split(ticket, [whmcs.ticket(ticket).replies[0].id], agent)
    whmcs.delete(ticket, agent)
    invoice = whmcs.add_invoice(client, [("Front", Decimal(10))])
    for act in (whmcs.pay, whmcs.refund, whmcs.cancel, whmcs.unpay):
        act(invoice)
    whmcs.change_service(service, status="Suspended")
    whmcs.close_network_issue(whmcs.open_network_issue("Power", "server"))
    api.ask("AddAnnouncement", title="t", announcement="a")
    whmcs.addon.ping()
    assert set(heard(whmcs, receiver)) == set(TYPES)


def test_who_did_it_is_told(
    whmcs: SimulatedWhmcs, receiver: Receiver, api: Caller, ticket: int, agent: int, department: int
) -> None:
    whmcs.addon.connect(receiver.url)
    whmcs.agent_note(ticket, agent, "n")
    whmcs.create_guest_ticket("Eve", "eve@guest.example", "s", "t", department_id=department)
    whmcs.addon.ping()
    assert whmcs.drain()
    assert {event["type"]: event.get("by") for event in receiver.events} == {
        "ticket.note_added": {"admin": str(agent)},
        "ticket.opened": None,
        "test.ping": None,
    }


def test_of_a_call_only_what_the_hook_itself_names_is_known(
    whmcs: SimulatedWhmcs, receiver: Receiver, api: Caller, ticket: int
) -> None:
    whmcs.addon.connect(receiver.url)
    api.ask("AddTicketNote", ticketid=ticket, message="n")
    api.ask("UpdateTicket", ticketid=ticket, priority="High")
    api.ask("AddTicketReply", ticketid=ticket, message="a", adminusername="deskside")
    assert whmcs.drain()
    robot = {"admin": str(whmcs.api_admin_id)}
    assert {event["type"]: event.get("by") for event in receiver.events} == {
        "ticket.note_added": robot,
        "ticket.priority_changed": None,
        "ticket.agent_replied": None,
    }


def test_a_merge_and_a_split_tell_of_each_ticket(
    whmcs: SimulatedWhmcs, receiver: Receiver, ticket: int, client: int, department: int, agent: int
) -> None:
    other = whmcs.create_ticket(client, "s", "t", department_id=department)
    whmcs.client_reply(ticket, "c")
    whmcs.addon.connect(receiver.url)
    made = whmcs.split(ticket, [1], agent)
    whmcs.merge([other], ticket, agent)
    assert whmcs.drain()
    told = sorted((event["type"], event["ticket"]) for event in receiver.events)
    assert told == sorted(
        [("ticket.split", str(key)) for key in (ticket, made)]
        + [("ticket.merged", str(key)) for key in (ticket, other)]
    )


def test_what_the_api_does_echoes(whmcs: SimulatedWhmcs, receiver: Receiver, api: Caller, ticket: int) -> None:
    whmcs.addon.connect(receiver.url)
    api.ask("AddTicketNote", ticketid=ticket, message="ours")
    assert whmcs.drain()
    assert receiver.events[0]["type"] == "ticket.note_added"
    assert receiver.events[0]["by"] == {"admin": str(whmcs.api_admin_id)}
    whmcs.api_fires_hooks = False
    api.ask("AddTicketNote", ticketid=ticket, message="ours")
    assert whmcs.drain()
    assert len(receiver.got) == 1


def test_no_event_carries_what_opens_a_ticket_or_what_was_written(
    whmcs: SimulatedWhmcs, receiver: Receiver, client: int, department: int, agent: int
) -> None:
    whmcs.addon.connect(receiver.url)
    ticket = whmcs.create_ticket(client, "SUBJECT-CANARY", "TEXT-CANARY", department_id=department)
    whmcs.agent_note(ticket, agent, "TEXT-CANARY")
    assert whmcs.drain()
    sent = b"".join(body for _, body in receiver.got)
    for canary in (whmcs.ticket(ticket).c, whmcs.ticket(ticket).tid, "CANARY"):
        assert canary.encode() not in sent


def test_some_transitions_are_told_to_nobody(
    whmcs: SimulatedWhmcs, receiver: Receiver, ticket: int, agent: int, client: int, clock: SettableClock
) -> None:
    whmcs.change(ticket, agent, flag=agent)
    whmcs.addon.connect(receiver.url)
    whmcs.change(ticket, agent, flag=0, cc="x@client.example")
    whmcs.change(ticket, agent, hooks=False, status="On Hold")
    whmcs.agent_reply(ticket, agent, "Hello")
    assert heard(whmcs, receiver) == ["ticket.agent_replied"]
    clock.forward(3 * 86400)
    assert whmcs.close_inactive() == [ticket]
    assert heard(whmcs, receiver) == []


def test_a_change_to_what_it_was_is_no_change(
    whmcs: SimulatedWhmcs, receiver: Receiver, ticket: int, agent: int
) -> None:
    whmcs.addon.connect(receiver.url)
    whmcs.change(ticket, agent, priority="Medium", status="Open", subject="Site down")
    assert heard(whmcs, receiver) == []


def test_a_refused_event_is_sent_again_by_the_cron_under_the_same_id(
    whmcs: SimulatedWhmcs, receiver: Receiver, clock: SettableClock, ticket: int, agent: int
) -> None:
    whmcs.addon.connect(receiver.url)
    receiver.answers = [(503, {}), (401, {})]
    whmcs.agent_note(ticket, agent, "n")
    assert whmcs.drain()
    assert whmcs.cron() == 0
    clock.forward(60)
    assert whmcs.cron() == 1
    assert whmcs.drain()
    clock.forward(119)
    assert whmcs.cron() == 0
    clock.forward(1)
    assert whmcs.cron() == 1
    assert whmcs.drain()
    assert whmcs.addon.outbox[0].answers == [503, 401, 200]
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert len({headers["webhook-timestamp"] for headers, _ in receiver.got}) == 3
    clock.forward(86400)
    assert whmcs.cron() == 0


def test_a_receiver_that_is_away_or_slow_loses_nothing(
    whmcs: SimulatedWhmcs, receiver: Receiver, clock: SettableClock, ticket: int, agent: int
) -> None:
    whmcs.addon.connect("http://127.0.0.1:1/nobody")
    whmcs.agent_note(ticket, agent, "n")
    assert whmcs.drain()
    receiver.hold = threading.Event()
    whmcs.addon.connect(receiver.url)
    clock.forward(60)
    assert whmcs.cron() == 1
    assert whmcs.drain()
    receiver.hold.set()
    receiver.hold = None
    clock.forward(120)
    assert whmcs.cron() == 1
    assert whmcs.drain()
    # The slow one had it the first time: the receiver must know it by its id.
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert whmcs.addon.outbox[0].answers == [None, None, 200]


def test_the_addon_can_be_off(
    whmcs: SimulatedWhmcs, receiver: Receiver, api: Caller, client: int, department: int
) -> None:
    whmcs.addon.connect(receiver.url)
    whmcs.addon.on = False
    ticket = whmcs.create_ticket(client, "s", "t", department_id=department)
    assert heard(whmcs, receiver) == []
    assert whmcs.addon.outbox == []
    assert [row["id"] for row in api.tickets(status="All Active Tickets")] == [str(ticket)]


def test_pushes_can_be_doubled_lost_and_reordered(
    whmcs: SimulatedWhmcs, receiver: Receiver, ticket: int, agent: int
) -> None:
    whmcs.addon.connect(receiver.url)
    whmcs.faults.next("push_duplicate", "ticket.note_added")
    whmcs.agent_note(ticket, agent, "n")
    assert whmcs.drain()
    assert len(receiver.got) == 2
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    receiver.got.clear()

    whmcs.faults.next("push_loss")
    whmcs.agent_note(ticket, agent, "n")
    assert heard(whmcs, receiver) == []

    whmcs.faults.next("push_reorder")
    whmcs.change(ticket, agent, priority="High")
    assert whmcs.addon.drain() is True
    receiver.got.clear()
    whmcs.faults.next("push_reorder")
    whmcs.change(ticket, agent, priority="Low")
    whmcs.change(ticket, agent, subject="x")
    assert heard(whmcs, receiver) == ["ticket.priority_changed", "ticket.subject_changed"]
