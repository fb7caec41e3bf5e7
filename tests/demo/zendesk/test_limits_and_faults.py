import threading
from collections.abc import Callable

import pytest
import requests

from deskside.demo.zendesk import SimulatedZendesk
from tests.demo.clock import SettableClock
from tests.demo.receiver import Receiver
from tests.demo.zendesk.tools import Caller


def eventually(condition: Callable[[], bool]) -> bool:
    wait = threading.Event()
    return any(condition() or wait.wait(0.01) for _ in range(500))


def test_every_answer_tells_what_is_left(zendesk: SimulatedZendesk, api: Caller, ticket_id: int) -> None:
    for answer, left in ((api.call("GET", f"/tickets/{ticket_id}"), "699"), (api.call("GET", "/nothing"), "698")):
        assert answer.headers["X-Rate-Limit"] == answer.headers["ratelimit-limit"] == "700"
        assert answer.headers["X-Rate-Limit-Remaining"] == answer.headers["ratelimit-remaining"] == left
        assert answer.headers["ratelimit-reset"] == "60"
    listed = api.call("GET", "/tickets").headers["zendesk-ratelimit-tickets-index"]
    assert listed == "total=100; remaining=99; resets=60"


def test_a_429_is_plain_text_with_a_retry_after(
    zendesk: SimulatedZendesk, api: Caller, clock: SettableClock, ticket_id: int
) -> None:
    zendesk.limits.account = 2
    api.call("GET", f"/tickets/{ticket_id}")
    clock.forward(10)
    answers = [api.call("GET", f"/tickets/{ticket_id}") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[1].text == "Number of allowed API requests per minute exceeded"
    assert answers[1].headers["Content-Type"].startswith("text/plain")
    assert answers[1].headers["Retry-After"] == "50"
    clock.forward(50)
    assert api.call("GET", f"/tickets/{ticket_id}").status_code == 200


def test_a_ticket_takes_thirty_updates_in_ten_minutes(
    zendesk: SimulatedZendesk, api: Caller, clock: SettableClock, ticket_id: int
) -> None:
    codes = [api.put_ticket(ticket_id, subject=f"s{number}").status_code for number in range(31)]
    assert codes == [200] * 30 + [429]
    assert zendesk.ticket(ticket_id)["subject"] == "s29"


def test_an_account_takes_so_many_updates_a_minute(zendesk: SimulatedZendesk, api: Caller, client_id: int) -> None:
    zendesk.limits.account_updates = 2
    ids = [zendesk.create_ticket(client_id, "s", "t") for _ in range(3)]
    assert [api.put_ticket(key, subject="x").status_code for key in ids] == [200, 200, 429]


def test_the_export_takes_ten_calls_a_minute(api: Caller) -> None:
    codes = [api.call("GET", "/incremental/tickets/cursor?start_time=1").status_code for _ in range(11)]
    assert codes == [200] * 10 + [429]


@pytest.mark.parametrize(
    ("kind", "options", "status", "text"),
    [
        ("update_conflict", {}, 409, "UpdateConflict"),
        ("database_conflict", {}, 409, "DatabaseConflict"),
        ("too_many_requests", {"retry_after": 7}, 429, "Number of allowed"),
        ("server_error", {"status": 502}, 502, "Something is wrong"),
    ],
)
def test_a_fault_answers_so_often_and_nothing_happened(
    zendesk: SimulatedZendesk, api: Caller, ticket_id: int, kind: str, options: dict[str, int], status: int, text: str
) -> None:
    zendesk.faults.next(kind, method="PUT", path="/tickets/*", count=2, **options)
    assert api.call("GET", f"/tickets/{ticket_id}").status_code == 200
    answers = [api.put_ticket(ticket_id, subject="new") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [status] * 2
    assert text in answers[0].text
    assert "X-Rate-Limit" in answers[0].headers
    assert zendesk.ticket(ticket_id)["subject"] == "Site down"
    assert api.put_ticket(ticket_id, subject="new").status_code == 200


def test_it_can_act_and_drop_the_connection(zendesk: SimulatedZendesk, api: Caller, ticket_id: int) -> None:
    zendesk.faults.next("drop_after", path=f"/tickets/{ticket_id}")
    with pytest.raises(requests.ConnectionError):
        api.put_ticket(ticket_id, subject="new")
    assert zendesk.ticket(ticket_id)["subject"] == "new"


def test_it_can_drop_the_connection_without_acting(zendesk: SimulatedZendesk, api: Caller, ticket_id: int) -> None:
    zendesk.faults.next("drop_before")
    with pytest.raises(requests.ConnectionError):
        api.put_ticket(ticket_id, subject="new")
    assert zendesk.ticket(ticket_id)["subject"] == "Site down"
    assert zendesk.requests[-1].method == "PUT"


def test_it_can_act_after_the_caller_was_cut_off(zendesk: SimulatedZendesk, api: Caller, ticket_id: int) -> None:
    zendesk.faults.next("lag", seconds=0.2)
    with pytest.raises(requests.ConnectionError):
        api.put_ticket(ticket_id, comment={"body": "late", "public": False})
    assert len(zendesk.comments(ticket_id)) == 1
    assert eventually(lambda: len(zendesk.comments(ticket_id)) == 2)


def test_it_can_be_slow(zendesk: SimulatedZendesk, api: Caller, ticket_id: int) -> None:
    zendesk.faults.next("slow", seconds=5)
    with pytest.raises(requests.Timeout):
        api.request("GET", f"{zendesk.url}/api/v2/tickets/{ticket_id}", timeout=0.1)


def test_deliveries_can_be_doubled_lost_and_reordered(
    zendesk: SimulatedZendesk, api: Caller, receiver: Receiver, client_id: int
) -> None:
    api.webhook(receiver.url, "zen:event-type:ticket.created")
    zendesk.faults.next("webhook_duplicate", path="*ticket.created")
    doubled = zendesk.create_ticket(client_id, "s", "t")
    assert zendesk.drain()
    assert [event["detail"]["id"] for event in receiver.events] == [str(doubled)] * 2
    assert len({event["id"] for event in receiver.events}) == 1

    receiver.got.clear()
    zendesk.faults.next("webhook_loss")
    zendesk.create_ticket(client_id, "s", "t")
    assert (zendesk.drain(), receiver.got, zendesk.deliveries[-1].status) == (True, [], "lost")

    zendesk.faults.next("webhook_reorder")
    late = zendesk.create_ticket(client_id, "s", "t")
    early = zendesk.create_ticket(client_id, "s", "t")
    assert zendesk.drain()
    assert [event["detail"]["id"] for event in receiver.events] == [str(early), str(late)]


def test_faults_are_ordered_over_http_too(zendesk: SimulatedZendesk, api: Caller, ticket_id: int) -> None:
    control = f"{zendesk.url}/__control__/faults"
    order = {"kind": "server_error", "method": "GET", "path": "/tickets/*", "status": 500}
    assert requests.post(control, json=order, timeout=10).status_code == 201
    assert api.call("GET", f"/tickets/{ticket_id}").status_code == 500
    assert requests.post(control, json={"kind": "nonsense"}, timeout=10).status_code == 400
    requests.post(control, json=order, timeout=10)
    assert requests.delete(control, timeout=10).status_code == 204
    assert api.call("GET", f"/tickets/{ticket_id}").status_code == 200


def test_links_can_lead_to_another_host(zendesk: SimulatedZendesk, api: Caller) -> None:
    zendesk.world.link_base = "http://evil.example"
    page = api.call("GET", "/incremental/tickets/cursor?start_time=1").json()
    assert page["after_url"].startswith("http://evil.example/")
