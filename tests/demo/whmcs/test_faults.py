import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from deskside.demo.whmcs import SimulatedWhmcs
from tests.demo.whmcs.tools import Caller


def notes(whmcs: SimulatedWhmcs, ticket: int) -> int:
    return len(whmcs.ticket(ticket).notes)


def test_a_broken_web_server_answers_no_json_and_did_nothing(whmcs: SimulatedWhmcs, api: Caller, ticket: int) -> None:
    whmcs.faults.next("server_error", "addticket*", count=2, status=502)
    assert api.call("GetTickets").status_code == 200
    answers = [api.call("AddTicketNote", ticketid=ticket, message="n") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [502, 502]
    assert "<h1>" in answers[0].text
    assert notes(whmcs, ticket) == 0
    api.ask("AddTicketNote", ticketid=ticket, message="n")


def test_a_firewall_is_403_without_json(whmcs: SimulatedWhmcs, api: Caller) -> None:
    whmcs.faults.next("waf")
    answer = api.call("GetTickets")
    assert (answer.status_code, answer.headers["Content-Type"]) == (403, "text/html")
    with pytest.raises(ValueError, match="Expecting value"):
        answer.json()


@pytest.mark.parametrize(
    ("kind", "acted", "reason"),
    [
        ("drop_after", 1, "closed connection without response"),
        ("drop_before", 0, "closed connection without response"),
        ("reset", 0, "reset by peer"),
    ],
)
def test_a_broken_connection_tells_nothing(
    whmcs: SimulatedWhmcs, api: Caller, ticket: int, kind: str, acted: int, reason: str
) -> None:
    whmcs.faults.next(kind, "AddTicketNote")
    with pytest.raises(requests.ConnectionError, match=reason):
        api.call("AddTicketNote", ticketid=ticket, message="n")
    assert notes(whmcs, ticket) == acted
    assert whmcs.requests[-1].action == "AddTicketNote"


def test_it_can_act_after_the_caller_was_cut_off(whmcs: SimulatedWhmcs, api: Caller, ticket: int) -> None:
    whmcs.faults.next("lag", seconds=0.2)
    with pytest.raises(requests.ConnectionError):
        api.call("AddTicketNote", ticketid=ticket, message="late")
    assert notes(whmcs, ticket) == 0
    wait = threading.Event()
    assert any(notes(whmcs, ticket) or wait.wait(0.02) for _ in range(500))


def test_it_can_be_slow(whmcs: SimulatedWhmcs, api: Caller) -> None:
    whmcs.faults.next("slow", seconds=2)
    with pytest.raises(requests.Timeout):
        api.post(f"{whmcs.url}/includes/api.php", data={"action": "GetTickets"}, timeout=0.1)


def test_calls_at_once_are_counted(whmcs: SimulatedWhmcs, api: Caller) -> None:
    whmcs.latency_seconds = 0.3
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: Caller(whmcs).ask("GetTickets"), range(3)))
    assert whmcs.most_at_once == 3


def test_an_unknown_kind_is_refused(whmcs: SimulatedWhmcs) -> None:
    with pytest.raises(ValueError, match="unknown fault 'nonsense'"):
        whmcs.faults.next("nonsense")


def test_the_simulation_is_commanded_over_http_too(whmcs: SimulatedWhmcs, api: Caller, ticket: int) -> None:
    control = f"{whmcs.url}/__control__"
    assert api.post(f"{control}/faults", json={"kind": "server_error"}, timeout=10).status_code == 201
    assert api.get(f"{control}/faults", timeout=10).json()["faults"][0]["kind"] == "server_error"
    assert api.call("GetTickets").status_code == 500
    assert api.post(f"{control}/faults", json={"kind": "nonsense"}, timeout=10).status_code == 400
    api.post(f"{control}/faults", json={"kind": "server_error"}, timeout=10)
    assert api.delete(f"{control}/faults", timeout=10).status_code == 204
    assert api.ask("GetTickets")["result"] == "success"
    whmcs.addon.connect("http://127.0.0.1:1/nobody")
    whmcs.addon.ping()
    assert whmcs.drain()
    assert api.post(f"{control}/cron", timeout=10).json() == {"sent": 0}
    assert api.get(f"{control}/outbox", timeout=10).json()["events"][0]["type"] == "test.ping"
    assert api.put(f"{control}/addon", json={"on": False}, timeout=10).json() == {"on": False}
    assert api.put(f"{control}/addon", json={"on": "no"}, timeout=10).status_code == 400
    assert whmcs.addon.on is False


def test_it_comes_back_at_the_same_address(whmcs: SimulatedWhmcs, api: Caller, ticket: int) -> None:
    url = whmcs.url
    whmcs.stop()
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=5)
    whmcs.start()
    assert whmcs.url == url
    assert Caller(whmcs).tickets()[0]["id"] == str(ticket)
