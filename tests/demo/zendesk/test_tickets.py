import pytest

from deskside.demo.zendesk import SimulatedZendesk
from tests.demo.clock import SettableClock
from tests.demo.zendesk.tools import Caller

CLOSED = {
    "error": "RecordInvalid",
    "description": "Record validation errors",
    "details": {"status": [{"description": "closed prevents ticket update"}]},
}


def test_a_ticket_has_integer_ids_lower_case_words_and_its_fields_twice(
    zendesk: SimulatedZendesk, api: Caller, client_id: int
) -> None:
    field = zendesk.add_ticket_field("text", "Key")
    ticket_id = zendesk.create_ticket(client_id, "Hello", "World", custom_fields={field: "7"}, priority="high")
    ticket = api.call("GET", f"/tickets/{ticket_id}.json").json()["ticket"]
    assert (ticket["id"], ticket["status"], ticket["priority"]) == (ticket_id, "new", "high")
    assert ticket["custom_fields"] == ticket["fields"] == [{"id": field, "value": "7"}]
    assert ticket["created_at"] == "2026-03-02T09:00:00Z"
    assert "comments" not in ticket


def test_an_unknown_id_and_an_unknown_endpoint_are_different_404s(api: Caller) -> None:
    assert api.call("GET", "/tickets/4711").json()["error"] == "RecordNotFound"
    assert api.call("GET", "/nothing").json()["error"] == "InvalidEndpoint"
    assert api.call("PATCH", "/tickets/1").json()["error"] == "InvalidEndpoint"


def test_a_comment_without_public_inherits_from_the_first_one(
    zendesk: SimulatedZendesk, api: Caller, ticket_id: int
) -> None:
    api.put_ticket(ticket_id, comment={"body": "diagnosis"})
    assert zendesk.comments(ticket_id)[-1]["public"] is True
    private = api.call("POST", "/tickets", {"ticket": {"comment": {"body": "inner", "public": False}}}).json()["ticket"]
    api.put_ticket(private["id"], comment={"body": "more"})
    assert [comment["public"] for comment in zendesk.comments(private["id"])] == [False, False]


def test_html_belongs_in_html_body(zendesk: SimulatedZendesk, api: Caller, ticket_id: int) -> None:
    html = "<p>One <b>two</b></p><script>evil()</script><!-- hidden -->"
    api.put_ticket(ticket_id, comment={"html_body": html, "public": False})
    api.put_ticket(ticket_id, comment={"body": "<p>One <b>two</b></p>", "public": False})
    first, second = zendesk.comments(ticket_id)[1:]
    assert first["html_body"] == '<div class="zd-comment" dir="auto"><p>One <b>two</b></p></div>'
    assert (first["body"], second["body"]) == ("One two", "One two")
    assert "<b>" not in second["html_body"]


def test_a_private_note_leaves_the_status_alone(zendesk: SimulatedZendesk, api: Caller, ticket_id: int) -> None:
    api.put_ticket(ticket_id, comment={"body": "note", "public": False})
    assert zendesk.ticket(ticket_id)["status"] == "new"


def test_a_clients_reply_reopens_a_solved_ticket(
    zendesk: SimulatedZendesk, ticket_id: int, client_id: int, agent_id: int
) -> None:
    zendesk.set_status(ticket_id, "solved", agent_id)
    zendesk.comment(ticket_id, client_id, "Still broken")
    assert zendesk.ticket(ticket_id)["status"] == "open"


def test_an_update_answers_the_audit_of_what_really_happened(api: Caller, ticket_id: int) -> None:
    answer = api.put_ticket(
        ticket_id, comment={"body": "note", "public": False}, priority="high", metadata={"run": "r1"}
    ).json()
    assert answer["ticket"]["priority"] == "high"
    assert answer["audit"]["metadata"]["custom"] == {"run": "r1"}
    assert [event["type"] for event in answer["audit"]["events"]] == ["Comment", "Change"]
    assert api.call("GET", f"/tickets/{ticket_id}/audits").json()["audits"][-1] == answer["audit"]


def test_updated_at_stays_when_nothing_changes(
    zendesk: SimulatedZendesk, api: Caller, clock: SettableClock, ticket_id: int
) -> None:
    before = zendesk.ticket(ticket_id)["updated_at"]
    clock.forward(90)
    answer = api.put_ticket(ticket_id, subject="Site down", metadata={"run": "r1"}).json()
    assert (answer["audit"]["events"], answer["ticket"]["updated_at"]) == ([], before)


def test_custom_fields_merge_and_unknown_ids_vanish_silently(
    zendesk: SimulatedZendesk, api: Caller, ticket_id: int
) -> None:
    one, two = zendesk.add_ticket_field("text", "One"), zendesk.add_ticket_field("integer", "Two")
    api.put_ticket(ticket_id, custom_fields=[{"id": one, "value": "a"}])
    answer = api.put_ticket(ticket_id, custom_fields=[{"id": two, "value": 7}, {"id": 4711, "value": "x"}])
    assert answer.status_code == 200
    assert answer.json()["ticket"]["custom_fields"] == [{"id": one, "value": "a"}, {"id": two, "value": "7"}]


def test_tags_in_a_put_replace_every_tag(zendesk: SimulatedZendesk, api: Caller, ticket_id: int) -> None:
    api.put_ticket(ticket_id, tags=["One", "two three"])
    api.put_ticket(ticket_id, tags=["four"])
    assert zendesk.ticket(ticket_id)["tags"] == ["four"]


def test_a_drop_down_sets_its_tag_and_loses_its_value_with_it(
    zendesk: SimulatedZendesk, api: Caller, ticket_id: int
) -> None:
    field = zendesk.add_ticket_field("tagger", "Band", [("Ahead", "ds_ahead"), ("Normal", "ds_normal")])
    api.put_ticket(ticket_id, tags=["vip"], custom_fields=[{"id": field, "value": "ds_ahead"}])
    assert zendesk.ticket(ticket_id)["tags"] == ["vip", "ds_ahead"]
    api.put_ticket(ticket_id, custom_fields=[{"id": field, "value": "ds_normal"}])
    assert zendesk.ticket(ticket_id)["tags"] == ["vip", "ds_normal"]
    api.put_ticket(ticket_id, tags=["vip"])
    assert zendesk.ticket(ticket_id)["custom_fields"] == [{"id": field, "value": None}]


@pytest.mark.parametrize(
    ("kind", "value"), [("tagger", "nothing"), ("integer", "12 or so"), ("integer", 10**12), ("date", "soon")]
)
def test_a_value_the_field_cannot_hold_is_422(
    zendesk: SimulatedZendesk, api: Caller, ticket_id: int, kind: str, value: object
) -> None:
    field = zendesk.add_ticket_field(kind, "Field", [("A", "a")] if kind == "tagger" else ())
    answer = api.put_ticket(ticket_id, subject="New", custom_fields=[{"id": field, "value": value}])
    assert answer.status_code == 422
    assert answer.json()["details"]["base"][0]["ticket_field_id"] == field
    assert zendesk.ticket(ticket_id)["subject"] == "Site down"


def test_taking_a_ticket_moves_its_group_and_opens_it(
    zendesk: SimulatedZendesk, api: Caller, ticket_id: int, agent_id: int, group_id: int
) -> None:
    ticket = api.put_ticket(ticket_id, assignee_id=agent_id).json()["ticket"]
    assert (ticket["group_id"], ticket["status"]) == (group_id, "open")


def test_a_client_cannot_be_assignee(api: Caller, ticket_id: int, client_id: int) -> None:
    assert api.put_ticket(ticket_id, assignee_id=client_id).status_code == 422


def test_nothing_goes_back_to_new_and_no_priority_is_cleared(api: Caller, ticket_id: int) -> None:
    api.put_ticket(ticket_id, status="open", priority="high")
    assert api.put_ticket(ticket_id, status="new").status_code == 422
    answer = api.put_ticket(ticket_id, priority=None)
    assert answer.status_code == 422
    assert answer.json()["details"]["priority"] == [{"description": "Priority: cannot be reset"}]


def test_solving_needs_an_assignee_and_names_every_missing_field(
    zendesk: SimulatedZendesk, api: Caller, ticket_id: int
) -> None:
    field = zendesk.add_ticket_field("tagger", "Root cause", [("Disk", "disk")], required=True)
    answer = api.put_ticket(ticket_id, status="solved")
    assert answer.status_code == 422
    missing = answer.json()["details"]["base"]
    assert [item["ticket_field_type"] for item in missing] == ["FieldAssignee", "FieldTagger"]
    assert missing[1] == {
        "description": "Root cause: is required when solving a ticket",
        "error": None,
        "ticket_field_id": field,
        "ticket_field_type": "FieldTagger",
    }


def test_a_closed_ticket_takes_no_change(zendesk: SimulatedZendesk, api: Caller, ticket_id: int, agent_id: int) -> None:
    zendesk.set_status(ticket_id, "closed", agent_id)
    for answer in (
        api.put_ticket(ticket_id, subject="x"),
        api.call("PUT", f"/tickets/{ticket_id}/tags", {"tags": ["x"]}),
    ):
        assert (answer.status_code, answer.json()) == (422, CLOSED)


def test_an_idempotency_key_makes_one_ticket_for_two_hours(
    zendesk: SimulatedZendesk, api: Caller, clock: SettableClock
) -> None:
    body, key = {"ticket": {"subject": "s", "comment": {"body": "b"}}}, {"Idempotency-Key": "k1"}
    first = api.call("POST", "/tickets.json", body, headers=key)
    again = api.call("POST", "/tickets.json", body, headers=key)
    assert (first.status_code, first.headers["x-idempotency-lookup"]) == (201, "miss")
    assert (again.json(), again.headers["x-idempotency-lookup"]) == (first.json(), "hit")
    other = api.call("POST", "/tickets.json", {"ticket": {"comment": {"body": "c"}}}, headers=key)
    assert (other.status_code, other.json()["error"]) == (400, "IdempotentRequestError")
    clock.forward(7201)
    with Caller(zendesk) as later:
        assert later.call("POST", "/tickets.json", body, headers=key).headers["x-idempotency-lookup"] == "miss"
    assert len(zendesk.tickets()) == 2


def test_a_put_does_not_honour_an_idempotency_key(zendesk: SimulatedZendesk, api: Caller, ticket_id: int) -> None:
    for _ in range(2):
        note = {"ticket": {"comment": {"body": "note", "public": False}}}
        api.call("PUT", f"/tickets/{ticket_id}", note, headers={"Idempotency-Key": "k"})
    assert len(zendesk.comments(ticket_id)) == 3


def test_bad_json_is_422_and_a_missing_wrapper_400(zendesk: SimulatedZendesk, api: Caller, ticket_id: int) -> None:
    url = f"{zendesk.url}/api/v2/tickets/{ticket_id}.json"
    assert api.put(url, data="{", headers={"Content-Type": "application/json"}, timeout=10).status_code == 422
    assert api.call("PUT", f"/tickets/{ticket_id}", {"subject": "x"}).status_code == 400


def test_a_deleted_ticket_is_404_until_it_is_restored(
    zendesk: SimulatedZendesk, api: Caller, ticket_id: int, agent_id: int
) -> None:
    assert api.call("DELETE", f"/tickets/{ticket_id}").status_code == 204
    assert api.call("GET", f"/tickets/{ticket_id}").status_code == 404
    assert zendesk.ticket(ticket_id)["status"] == "deleted"
    zendesk.undelete(ticket_id, agent_id)
    assert api.call("GET", f"/tickets/{ticket_id}").json()["ticket"]["status"] == "open"


def test_show_many_leaves_out_what_is_not_there(zendesk: SimulatedZendesk, api: Caller, client_id: int) -> None:
    wanted = [zendesk.create_ticket(client_id, "s", "t") for _ in range(3)]
    rows = api.call("GET", f"/tickets/show_many?ids={','.join(map(str, [*wanted, 99]))}").json()
    assert sorted(row["id"] for row in rows["tickets"]) == wanted
    many = ",".join(map(str, range(101)))
    assert api.call("GET", f"/tickets/show_many?ids={many}").json()["error"] == "TooManyValues"


def test_a_bulk_job_says_completed_although_a_row_failed(
    zendesk: SimulatedZendesk, api: Caller, client_id: int, agent_id: int
) -> None:
    good, closed = (zendesk.create_ticket(client_id, "s", "t") for _ in range(2))
    zendesk.set_status(closed, "closed", agent_id)
    batch = {"tickets": [{"id": good, "additional_tags": ["x"]}, {"id": closed, "additional_tags": ["x"]}]}
    job = api.call("PUT", "/tickets/update_many", batch).json()["job_status"]
    assert (job["status"], job["total"], job["results"]) == ("queued", None, None)
    seen = [api.call("GET", f"/job_statuses/{job['id']}.json").json()["job_status"] for _ in range(2)]
    assert [item["status"] for item in seen] == ["working", "completed"]
    results = {row["id"]: row for row in seen[1]["results"]}
    assert results[good]["success"] is True
    assert results[closed]["error"] == "TicketUpdateFailed"
    assert "success" not in results[closed]


def test_more_than_a_hundred_rows_are_refused(api: Caller) -> None:
    answer = api.call("PUT", "/tickets/update_many", {"tickets": [{"id": n} for n in range(101)]})
    assert (answer.status_code, answer.json()["max_count"]) == (400, 100)


def test_a_merged_ticket_is_closed_and_tagged(
    zendesk: SimulatedZendesk, api: Caller, ticket_id: int, client_id: int
) -> None:
    target = zendesk.create_ticket(client_id, "The same", "again")
    assert api.call("POST", f"/tickets/{target}/merge", {"ids": [ticket_id]}).status_code == 200
    merged = zendesk.ticket(ticket_id)
    assert (merged["status"], merged["tags"]) == ("closed", ["closed_by_merge"])


def test_the_live_service_level_is_404_until_there_is_one(
    zendesk: SimulatedZendesk, api: Caller, clock: SettableClock, ticket_id: int
) -> None:
    path = f"/tickets/{ticket_id}/slas/policy_metrics.json"
    assert api.call("GET", path).status_code == 404
    breach, now = clock(), clock.now
    clock.forward(-3 * 3600)
    zendesk.set_slas(ticket_id, [("next_reply_time", "active", breach), ("first_reply_time", "achieved", now)])
    metrics = api.call("GET", path).json()["policy_metrics"]
    assert metrics[0] == {
        "breach_at": "2026-03-02T09:00:00Z",
        "stage": "active",
        "metric": "next_reply_time",
        "hours": 3,
    }
    clock.forward(3 * 3600 + 50 * 3600)
    with Caller(zendesk) as later:
        assert later.call("GET", path).json()["policy_metrics"][0]["days"] == -2
