"""The double's shapes beside what was recorded of, or reported from, the real Zendesk."""

import json
from typing import Any

import pytest
import yaml
from jsonschema import Draft4Validator  # type: ignore[import-untyped]

from deskside.demo.zendesk import SimulatedZendesk
from tests.demo.receiver import Receiver
from tests.demo.zendesk.tools import Caller
from tests.shared import shared


def fixture(path: str) -> Any:
    return json.loads(shared(f"fixtures/zendesk/{path}").read_text())


def kind(value: Any) -> str:
    if isinstance(value, dict):
        return "object"
    return {list: "list", str: "text", bool: "bool", int: "number", float: "number"}.get(type(value), "null")


def unlike(ours: Any, real: Any, at: str = "") -> list[str]:
    """Keys of `real` that `ours` lacks or gives another type; nulls match anything."""
    if real is None or ours is None:
        return []
    if kind(ours) != kind(real):
        return [f"{at}: {kind(ours)} instead of {kind(real)}"]
    if isinstance(real, list):
        return unlike(ours[0], real[0], f"{at}[]") if ours and real else []
    if not isinstance(real, dict):
        return []
    found = [f"{at}.{key}: missing" for key in real if key not in ours]
    for key in real:
        if key in ours:
            found += unlike(ours[key], real[key], f"{at}.{key}")
    return found


@pytest.mark.parametrize(
    "name",
    ["created.doc", "comment_added", "custom_field_changed", "priority_changed", "status_changed", "tags_changed"],
)
def test_an_event_has_the_shape_of_the_known_one(
    zendesk: SimulatedZendesk, api: Caller, receiver: Receiver, client_id: int, agent_id: int, name: str
) -> None:
    known = fixture(f"webhook_events/ticket_{name}.json")["body"]
    field = zendesk.add_ticket_field("integer", "Score")
    api.webhook(receiver.url, known["type"])
    ticket_id = zendesk.create_ticket(client_id, "s", "t", tags=["old"])
    said = {"body": "x", "public": True}
    fields = [{"id": field, "value": 1}]
    zendesk.change(ticket_id, agent_id, comment=said, custom_fields=fields, priority="low", status="open", tags=["new"])
    assert zendesk.drain()
    ours = receiver.events[0]
    assert unlike(ours, known) == []
    assert set(ours) == set(known)
    assert set(ours["detail"]) == set(known["detail"])


@pytest.mark.parametrize(
    ("path", "collection"),
    [("recorded_sbruno/016_count_next_page.json", "tickets"), ("recorded_sbruno/010_count_next_page.json", "users")],
)
def test_rows_have_the_keys_of_recorded_ones(
    zendesk: SimulatedZendesk, api: Caller, client_id: int, ticket_id: int, path: str, collection: str
) -> None:
    real = fixture(path)["json"]
    ours = api.call("GET", f"/{collection}/show_many?ids={ticket_id if collection == 'tickets' else client_id}").json()
    assert unlike(ours, real) == []


def test_comments_have_the_keys_of_recorded_ones(zendesk: SimulatedZendesk, api: Caller, ticket_id: int) -> None:
    real = fixture("recorded_sbruno/020_comments_count.json")["json"]
    assert unlike(api.call("GET", f"/tickets/{ticket_id}/comments").json(), real) == []


@pytest.mark.parametrize(
    ("name", "method", "path", "body", "fault"),
    [
        ("shapes_from_live_reports/users_me_anonymous_200", "GET", "/users/me", None, ""),
        ("errors_reconstructed/401", "GET", "/tickets", None, ""),
        ("errors_reconstructed/403", "GET", "/tickets", None, ""),
        ("errors_reconstructed/409_update_conflict", "GET", "/tickets", None, "update_conflict"),
        ("errors_reconstructed/409_database_conflict", "GET", "/tickets", None, "database_conflict"),
        ("errors_reconstructed/429_plaintext", "GET", "/tickets", None, "too_many_requests"),
        ("shapes_from_live_reports/tickets_400_invalid_pagination_depth", "GET", "/tickets?page=101", None, ""),
        ("shapes_from_live_reports/ticket_update_422_priority_reset", "PUT", "/tickets/1", {"priority": None}, ""),
        ("shapes_from_live_reports/ticket_update_422_closed", "PUT", "/tickets/2", {"subject": "x"}, ""),
    ],
)
def test_refusals_are_the_reported_ones(
    zendesk: SimulatedZendesk, client_id: int, agent_id: int, name: str, method: str, path: str, body: Any, fault: str
) -> None:
    known = fixture(f"{name}.json")
    zendesk.create_ticket(client_id, "s", "t", priority="low")
    zendesk.set_status(zendesk.create_ticket(client_id, "s", "t"), "closed", agent_id)
    scope = None if "anonymous" in name or "401" in name else "users:read" if "403" in name else "read write"
    with Caller(zendesk, scope=scope) as caller:
        if fault:
            zendesk.faults.next(fault)
        answer = caller.call(method, path, {"ticket": body} if body else None)
    assert answer.status_code == known["status"]
    assert (answer.text if isinstance(known["body"], str) else answer.json()) == known["body"]


def nullable(schema: Any) -> Any:
    """The schema with every type also allowing null: the real one answers null where the specification does not."""
    if isinstance(schema, list):
        return [nullable(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    copy = {key: nullable(value) for key, value in schema.items() if key not in ("example", "enum", "format")}
    if "oneOf" in copy:
        # A null fits all of the choices once they are nullable.
        copy["anyOf"] = copy.pop("oneOf")
    if isinstance(copy.get("type"), str):
        copy["type"] = [copy["type"], "null"]
    return copy


class Loader(yaml.CSafeLoader):
    """Reads a bare `=` as text."""


Loader.add_constructor("tag:yaml.org,2002:value", lambda loader, node: node.value)


@pytest.fixture(scope="module")
def specification() -> Any:
    return yaml.load(shared("fixtures/zendesk/oas.yaml").read_text(), Loader)


@pytest.mark.slow
def test_answers_fit_the_specification_where_it_can_be_trusted(
    zendesk: SimulatedZendesk, api: Caller, client_id: int, agent_id: int, specification: Any
) -> None:
    ticket_id = zendesk.create_ticket(client_id, "s", "t")
    field = zendesk.add_ticket_field("tagger", "Band", [("A", "a")])
    condition = {"field": "status", "operator": "less_than", "value": "solved"}
    view = api.call("POST", "/views", {"view": {"title": "V", "all": [condition]}}).json()["view"]["id"]
    api.put_ticket(ticket_id, comment={"body": "n", "public": False})
    root = {"components": {"schemas": nullable(specification["components"]["schemas"])}}
    calls = [
        ("/tickets/{ticket_id}", f"/tickets/{ticket_id}"),
        ("/tickets/{ticket_id}/comments", f"/tickets/{ticket_id}/comments"),
        ("/tickets/{ticket_id}/audits", f"/tickets/{ticket_id}/audits"),
        ("/tickets/{ticket_id}/tags", f"/tickets/{ticket_id}/tags"),
        ("/tickets/show_many", f"/tickets/show_many?ids={ticket_id}"),
        ("/incremental/tickets/cursor", "/incremental/tickets/cursor?start_time=1"),
        ("/users/{user_id}", f"/users/{client_id}"),
        ("/organizations", "/organizations"),
        ("/groups", "/groups"),
        ("/ticket_fields/{ticket_field_id}", f"/ticket_fields/{field}"),
        ("/views/{view_id}", f"/views/{view}"),
        ("/views/{view_id}/count", f"/views/{view}/count"),
        ("/search", "/search?query=type:ticket"),
    ]
    wrong = []
    for template, path in calls:
        stated = specification["paths"][f"/api/v2{template}"]["get"]["responses"]["200"]
        schema = nullable(stated["content"]["application/json"]["schema"])
        answer = api.call("GET", path)
        assert answer.status_code == 200, path
        wrong += [
            f"{path} {list(error.absolute_path)}: {error.message[:120]}"
            for error in Draft4Validator({**root, **schema}).iter_errors(answer.json())
        ]
    assert wrong == []
