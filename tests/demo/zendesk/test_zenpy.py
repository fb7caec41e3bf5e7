"""What the real client library makes of the double."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from zenpy import Zenpy
from zenpy.lib.api_objects import Comment, CustomField, Ticket, TicketField, Trigger, View, Webhook
from zenpy.lib.exception import RecordNotFoundException

from deskside.demo.zendesk import SimulatedZendesk
from tests.demo.zendesk.tools import Caller

REAL = "https://sub.zendesk.com"


class Redirecting(HTTPAdapter):
    """Sends what is meant for the real host to the double."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base

    def send(self, request: requests.PreparedRequest, **more: Any) -> requests.Response:  # type: ignore[override]
        copy = request.copy()
        copy.url = (request.url or "").replace(REAL, self.base)
        response = super().send(copy, **more)
        response.request, response.url = request, request.url or ""
        return response


@pytest.fixture
def client(zendesk: SimulatedZendesk, api: Caller) -> Iterator[Any]:
    api.mount(REAL, Redirecting(zendesk.url))
    api.authorized = True  # type: ignore[attr-defined]
    yield Zenpy(session=api, subdomain="sub", disable_cache=True)


def test_a_note_with_fields_goes_in_by_one_update(zendesk: SimulatedZendesk, client: Any, ticket_id: int) -> None:
    options = [{"name": "Ahead", "value": "ds_ahead"}]
    band = client.ticket_fields.create(TicketField(type="tagger", title="Band", custom_field_options=options))
    key = client.ticket_fields.create(TicketField(type="text", title="Key"))
    change = Ticket(
        id=ticket_id,
        comment=Comment(html_body="<p>Down</p>", public=False),
        custom_fields=[CustomField(id=band.id, value="ds_ahead"), CustomField(id=key.id, value="0001")],
    )
    answer = client.tickets.update(change)
    assert answer.ticket.tags == ["ds_ahead"]
    assert [comment.public for comment in client.tickets.comments(ticket_id)] == [True, False]
    assert [audit.id for audit in client.tickets.audits(ticket_id)][-1] == answer.audit.id


def test_tags_are_added_set_and_removed(zendesk: SimulatedZendesk, client: Any, ticket_id: int) -> None:
    client.tickets.add_tags(ticket_id, ["a", "b"])
    client.tickets.delete_tags(ticket_id, ["a"])
    assert zendesk.ticket(ticket_id)["tags"] == ["b"]
    client.tickets.set_tags(ticket_id, ["c"])
    assert zendesk.ticket(ticket_id)["tags"] == ["c"]


def test_lists_and_exports_are_read_to_their_end(zendesk: SimulatedZendesk, client: Any, client_id: int) -> None:
    zendesk.incremental_hold_seconds = 0
    ids = [zendesk.create_ticket(client_id, f"Stuck {number}", "t") for number in range(5)]
    since = datetime(2026, 1, 1, tzinfo=UTC)
    assert [ticket.id for ticket in client.tickets.incremental(start_time=since, per_page=2)] == ids
    assert [ticket.id for ticket in client.tickets()] == ids
    assert sorted(ticket.id for ticket in client.search("stuck", type="ticket")) == ids
    assert sorted(ticket.id for ticket in client.tickets(ids=ids)) == ids


def test_a_view_is_made_executed_and_counted(zendesk: SimulatedZendesk, client: Any, ticket_id: int) -> None:
    condition = {"field": "status", "operator": "less_than", "value": "solved"}
    view = client.views.create(View(title="Queue", all=[condition], output={"columns": ["nice_id"]}))
    assert [ticket.id for ticket in client.views.tickets(view)] == [ticket_id]
    assert [client.views.count(view).value for _ in range(2)] == [None, 1]


def test_webhooks_and_triggers_are_managed(zendesk: SimulatedZendesk, client: Any, client_id: int) -> None:
    hook = client.webhooks.create(
        Webhook(
            name="hook",
            endpoint="http://127.0.0.1:1/x",
            http_method="POST",
            request_format="json",
            status="active",
            subscriptions=["conditional_ticket_events"],
        )
    )
    assert client.webhooks.show_secret(hook).algorithm == "SHA256"
    hook.name = "renamed"
    client.webhooks.patch(hook)
    assert [row.name for row in client.webhooks.list()] == ["renamed"]
    every = [{"field": "update_type", "operator": "is", "value": "Create"}]
    actions = [{"field": "notification_webhook", "value": [hook.id, "{{ticket.id}}"]}]
    client.triggers.create(Trigger(title="Tell", conditions={"all": every, "any": []}, actions=actions))
    zendesk.create_ticket(client_id, "s", "t")
    assert zendesk.drain()
    invocation = next(iter(client.webhooks.invocations(hook)))
    assert [row.status for row in client.webhooks.invocation_attempts(hook.id, invocation.id)] == ["terminated"]
    client.webhooks.delete(hook)
    assert zendesk.state.webhooks == {}


def test_an_unknown_ticket_is_its_not_found_error(client: Any) -> None:
    with pytest.raises(RecordNotFoundException):
        client.tickets(id=4711)
