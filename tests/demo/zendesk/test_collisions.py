import pytest

from deskside.demo.zendesk import SimulatedZendesk
from tests.demo.clock import SettableClock
from tests.demo.zendesk.tools import Caller


@pytest.mark.parametrize("flag", [True, False, "true", "false"])
def test_safe_update_protects_whatever_its_value(
    zendesk: SimulatedZendesk, api: Caller, clock: SettableClock, ticket_id: int, agent_id: int, flag: object
) -> None:
    read = zendesk.ticket(ticket_id)["updated_at"]
    clock.forward(5)
    zendesk.change(ticket_id, agent_id, subject="Meanwhile")
    answer = api.put_ticket(ticket_id, subject="Mine", safe_update=flag, updated_stamp=read)
    assert answer.status_code == 409
    assert answer.json() == {
        "error": "UpdateConflict",
        "description": "Safe Update prevented the update due to outdated ticket data.",
    }
    assert zendesk.ticket(ticket_id)["subject"] == "Meanwhile"


def test_the_right_stamp_passes(zendesk: SimulatedZendesk, api: Caller, ticket_id: int) -> None:
    read = zendesk.ticket(ticket_id)["updated_at"]
    assert api.put_ticket(ticket_id, subject="Mine", safe_update=True, updated_stamp=read).status_code == 200


def test_without_the_key_the_stamp_means_nothing(api: Caller, ticket_id: int) -> None:
    assert api.put_ticket(ticket_id, subject="Mine", updated_stamp="2001-01-01T00:00:00Z").status_code == 200


def test_tags_are_protected_too(zendesk: SimulatedZendesk, api: Caller, ticket_id: int) -> None:
    stale = {"tags": ["a"], "updated_stamp": "2001-01-01T00:00:00Z", "safe_update": "true"}
    assert api.call("PUT", f"/tickets/{ticket_id}/tags", stale).status_code == 409
    fresh = {**stale, "updated_stamp": zendesk.ticket(ticket_id)["updated_at"]}
    assert api.call("PUT", f"/tickets/{ticket_id}/tags.json", fresh).json() == {"tags": ["a"]}


def test_put_adds_post_sets_and_delete_removes(zendesk: SimulatedZendesk, api: Caller, ticket_id: int) -> None:
    path = f"/tickets/{ticket_id}/tags"
    api.call("PUT", path, {"tags": ["a", "b"]})
    api.call("PUT", path, {"tags": ["c"]})
    assert zendesk.ticket(ticket_id)["tags"] == ["a", "b", "c"]
    assert api.call("DELETE", path, {"tags": ["b"]}).json() == {"tags": ["a", "c"]}
    answer = api.call("POST", path, {"tags": ["z"]})
    assert (answer.status_code, answer.json()) == (201, {"tags": ["z"]})
    assert api.call("GET", path).json() == {"tags": ["z"]}
