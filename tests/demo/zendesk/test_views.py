from typing import Any

import pytest

from deskside.demo.zendesk import SimulatedZendesk
from tests.demo.zendesk.tools import Caller

WAITING = {"field": "status", "operator": "less_than", "value": "pending"}


def make(api: Caller, output: dict[str, Any] | None = None, *conditions: dict[str, Any]) -> Any:
    body = {"view": {"title": "Queue", "all": list(conditions) or [WAITING], "output": output or {}}}
    return api.call("POST", "/views.json", body)


def test_a_view_is_made_with_201_and_comes_back_as_execution_and_conditions(
    zendesk: SimulatedZendesk, api: Caller
) -> None:
    key = zendesk.add_ticket_field("text", "Key")
    answer = make(api, {"columns": ["nice_id", "subject", key], "sort_by": str(key), "sort_order": "asc"})
    assert answer.status_code == 201
    view = answer.json()["view"]
    assert view["conditions"] == {"all": [WAITING], "any": []}
    assert view["execution"]["sort_by"] == str(key)
    assert view["execution"]["columns"][2] == {"id": key, "title": "Key", "type": "text"}


@pytest.mark.parametrize("kind", ["text", "textarea", "integer", "decimal", "regexp"])
def test_custom_texts_and_numbers_cannot_be_conditions(zendesk: SimulatedZendesk, api: Caller, kind: str) -> None:
    field = zendesk.add_ticket_field(kind, "Key")
    condition = {"field": f"custom_fields_{field}", "operator": "is", "value": "x"}
    assert make(api, None, WAITING, condition).status_code == 422


def test_a_drop_down_can(zendesk: SimulatedZendesk, api: Caller, client_id: int) -> None:
    field = zendesk.add_ticket_field("tagger", "Band", [("Ahead", "ds_ahead")])
    ahead = zendesk.create_ticket(client_id, "s", "t", custom_fields={field: "ds_ahead"})
    zendesk.create_ticket(client_id, "s", "t")
    view = make(api, None, WAITING, {"field": f"custom_fields_{field}", "operator": "is", "value": "ds_ahead"})
    rows = api.call("GET", f"/views/{view.json()['view']['id']}/tickets").json()["tickets"]
    assert [row["id"] for row in rows] == [ahead]


def test_a_view_needs_one_of_five_conditions(api: Caller) -> None:
    assert make(api, None, {"field": "priority", "operator": "is", "value": "high"}).status_code == 422


def test_ten_columns_are_the_most_and_some_cannot_sort(api: Caller) -> None:
    assert make(api, {"columns": ["nice_id"] * 11}).status_code == 422
    assert make(api, {"sort_by": "submitter"}).status_code == 422
    assert make(api, {"sort_by": "nonsense"}).status_code == 422


def test_rows_come_in_the_order_of_the_field_and_unkeyed_ones_last(
    zendesk: SimulatedZendesk, api: Caller, client_id: int
) -> None:
    key = zendesk.add_ticket_field("text", "Key")
    ids = [
        zendesk.create_ticket(client_id, "s", "t", custom_fields={key: value} if value else None)
        for value in ("000300", None, "000100", "000200")
    ]
    view = make(api, {"columns": ["nice_id", key], "sort_by": str(key), "sort_order": "asc"}).json()["view"]["id"]
    executed = api.call("GET", f"/views/{view}/execute.json").json()
    assert [row["ticket"]["id"] for row in executed["rows"]] == [ids[2], ids[3], ids[0], ids[1]]
    assert executed["rows"][0][str(key)] == "000100"
    listed = api.call("GET", f"/views/{view}/tickets", params={"sort_by": str(key), "sort_order": "desc"}).json()
    assert [row["id"] for row in listed["tickets"]] == [ids[0], ids[3], ids[2], ids[1]]


def test_an_integer_field_sorts_as_text(zendesk: SimulatedZendesk, api: Caller, client_id: int) -> None:
    key = zendesk.add_ticket_field("integer", "Key")
    ids = [zendesk.create_ticket(client_id, "s", "t", custom_fields={key: value}) for value in (9, 10)]
    view = make(api, {"sort_by": str(key), "sort_order": "asc"}).json()["view"]["id"]
    rows = api.call("GET", f"/views/{view}/tickets").json()["tickets"]
    assert [row["id"] for row in rows] == [ids[1], ids[0]]


def test_a_sort_in_the_query_is_lost_with_cursor_paging(zendesk: SimulatedZendesk, api: Caller, client_id: int) -> None:
    for _ in range(3):
        zendesk.create_ticket(client_id, "s", "t")
    view = make(api, {"sort_by": "nice_id", "sort_order": "asc"}).json()["view"]["id"]
    query = {"page[size]": "2", "sort_by": "nice_id", "sort_order": "desc"}
    rows = api.call("GET", f"/views/{view}/tickets", params=query).json()["tickets"]
    assert [row["id"] for row in rows] == [1, 2]


def test_the_first_count_is_still_being_made(zendesk: SimulatedZendesk, api: Caller, ticket_id: int) -> None:
    view = make(api).json()["view"]["id"]
    counts = [api.call("GET", f"/views/{view}/count.json").json()["view_count"] for _ in range(2)]
    assert [(item["value"], item["fresh"]) for item in counts] == [(None, False), (1, True)]


def test_a_view_is_executed_five_times_a_minute(api: Caller) -> None:
    view = make(api).json()["view"]["id"]
    codes = [api.call("GET", f"/views/{view}/execute").status_code for _ in range(6)]
    assert codes == [200] * 5 + [429]


def test_an_update_replaces_the_conditions(api: Caller, ticket_id: int) -> None:
    view = make(api).json()["view"]["id"]
    solved = [{"field": "status", "operator": "is", "value": "solved"}]
    assert api.call("PUT", f"/views/{view}", {"view": {"all": solved}}).status_code == 200
    assert api.call("GET", f"/views/{view}/tickets").json()["tickets"] == []
