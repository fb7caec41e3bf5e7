"""Lists, the incremental export, the search."""

from deskside.demo.zendesk import SimulatedZendesk
from tests.demo.clock import SettableClock
from tests.demo.zendesk.tools import Caller


def start(clock: SettableClock, ago: int = 3600) -> str:
    return f"/incremental/tickets/cursor.json?start_time={int(clock().timestamp()) - ago}"


def test_links_next_is_there_even_on_the_last_page(zendesk: SimulatedZendesk, api: Caller, client_id: int) -> None:
    ids = [zendesk.create_ticket(client_id, "s", "t") for _ in range(3)]
    first = api.call("GET", "/tickets.json?page[size]=2").json()
    last = api.get(first["links"]["next"], timeout=10).json()
    assert [row["id"] for row in first["tickets"] + last["tickets"]] == ids
    assert (first["meta"]["has_more"], last["meta"]["has_more"]) == (True, False)
    assert last["links"]["next"].startswith(zendesk.url)


def test_only_three_attributes_sort_a_list_with_cursors(api: Caller, ticket_id: int) -> None:
    assert api.call("GET", "/tickets?page[size]=2&sort=-updated_at").status_code == 200
    assert api.call("GET", "/tickets?page[size]=2&sort=priority").status_code == 400
    assert api.call("GET", "/tickets?page[size]=101").status_code == 400


def test_offset_paging_ends_at_page_100(api: Caller) -> None:
    answer = api.call("GET", "/tickets?page=101")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "InvalidPaginationDepth")


def test_comments_page_both_ways_and_sort(zendesk: SimulatedZendesk, api: Caller, ticket_id: int) -> None:
    for text in ("two", "three"):
        api.put_ticket(ticket_id, comment={"body": text, "public": False})
    path = f"/tickets/{ticket_id}/comments.json"
    old = api.call("GET", f"{path}?per_page=2&sort_order=desc").json()
    assert [row["body"] for row in old["comments"]] == ["three", "two"]
    assert (old["count"], old["next_page"] is None) == (3, False)
    new = api.call("GET", f"{path}?page[size]=2&sort=-created_at&sort_order=asc").json()
    assert [row["body"] for row in new["comments"]] == ["three", "two"]
    lost = api.call("GET", f"{path}?page[size]=2&sort_order=desc").json()
    assert [row["body"] for row in lost["comments"]] == ["My site is down", "two"]
    assert "ip_address" in old["comments"][0]["metadata"]["system"]


def test_a_start_time_must_be_a_minute_old(zendesk: SimulatedZendesk, api: Caller, clock: SettableClock) -> None:
    answer = api.call("GET", start(clock, 59))
    assert (answer.status_code, answer.json()["error"]) == (400, "StartTimeTooRecent")
    assert api.call("GET", start(clock, 61)).status_code == 200
    assert api.call("GET", "/incremental/tickets/cursor").status_code == 400


def test_a_change_is_held_back_for_a_minute(api: Caller, clock: SettableClock, ticket_id: int) -> None:
    path = start(clock)
    assert api.call("GET", path).json()["tickets"] == []
    clock.forward(61)
    page = api.call("GET", path).json()
    assert [row["id"] for row in page["tickets"]] == [ticket_id]
    assert page["end_of_stream"] is True


def test_a_cursor_brings_each_change_once_and_deleted_tickets_too(
    zendesk: SimulatedZendesk, api: Caller, clock: SettableClock, client_id: int, agent_id: int
) -> None:
    zendesk.incremental_hold_seconds = 0
    one, two = (zendesk.create_ticket(client_id, "s", "t") for _ in range(2))
    page = api.call("GET", f"{start(clock)}&per_page=1").json()
    assert ([row["id"] for row in page["tickets"]], page["end_of_stream"]) == ([one], False)
    page = api.get(page["after_url"], timeout=10).json()
    assert ([row["id"] for row in page["tickets"]], page["end_of_stream"]) == ([two], True)
    cursor = page["after_cursor"]
    empty = api.call("GET", "/incremental/tickets/cursor", params={"cursor": cursor}).json()
    assert (empty["tickets"], empty["after_cursor"]) == ([], cursor)
    zendesk.soft_delete(one, agent_id)
    changed = api.call("GET", "/incremental/tickets/cursor", params={"cursor": cursor}).json()["tickets"]
    assert [(row["id"], row["status"]) for row in changed] == [(one, "deleted")]


def test_a_system_change_moves_only_the_generated_time(
    zendesk: SimulatedZendesk, api: Caller, clock: SettableClock, ticket_id: int
) -> None:
    before = zendesk.ticket(ticket_id)
    clock.forward(120)
    zendesk.set_slas(ticket_id, [])
    after = zendesk.ticket(ticket_id)
    assert after["updated_at"] == before["updated_at"]
    assert after["generated_timestamp"] == before["generated_timestamp"] + 120


def test_a_broken_cursor_is_400(api: Caller) -> None:
    assert api.call("GET", "/incremental/tickets/cursor?cursor=nonsense!").status_code == 400


def test_side_loads_bring_who_and_where(zendesk: SimulatedZendesk, api: Caller, ticket_id: int) -> None:
    given = api.call("GET", f"/tickets/{ticket_id}?include=users,organizations").json()
    assert [user["name"] for user in given["users"]] == ["Ada Client"]
    assert [item["name"] for item in given["organizations"]] == ["Client Ltd"]


def test_the_search_index_lags(
    zendesk: SimulatedZendesk, api: Caller, clock: SettableClock, client_id: int, agent_id: int
) -> None:
    zendesk.search_lag_seconds = 120
    ticket_id = zendesk.create_ticket(client_id, "Mail is stuck", "t", tags=["mail"])
    query = {"query": "type:ticket tags:mail status<solved"}
    assert api.call("GET", "/search.json", params=query).json()["count"] == 0
    clock.forward(121)
    assert [row["id"] for row in api.call("GET", "/search", params=query).json()["results"]] == [ticket_id]
    zendesk.set_status(ticket_id, "solved", agent_id)
    assert api.call("GET", "/search", params=query).json()["results"][0]["status"] == "new"
    clock.forward(121)
    assert api.call("GET", "/search", params=query).json()["count"] == 0


def test_a_search_shows_a_thousand_rows_and_counts_them_all(zendesk: SimulatedZendesk, api: Caller) -> None:
    for number in range(1001):
        zendesk.add_user(f"Person {number}", None)
    last = api.call("GET", "/search?query=type:user person&page=10").json()
    assert (last["count"], len(last["results"]), last["next_page"]) == (1001, 100, None)
    too_far = api.call("GET", "/search?query=type:user person&page=11")
    assert (too_far.status_code, too_far.json()["error"]) == (422, "invalid")
    assert api.call("GET", "/search?query=x&page[size]=5").status_code == 400


def test_people_are_found(zendesk: SimulatedZendesk, api: Caller, client_id: int) -> None:
    organization = zendesk.add_organization("Acme", external_id="c-7", fields={"plan": "business"})
    given = api.call("GET", f"/organizations/{organization}.json").json()["organization"]
    assert given["organization_fields"] == {"plan": "business"}
    assert api.call("GET", "/organizations/search?external_id=c-7").json()["count"] == 1
    assert api.call("GET", "/organizations/search?name=acm").json()["count"] == 0
    assert api.call("GET", f"/users/show_many?ids={client_id},1").json()["count"] == 1
    assert api.call("GET", "/users/search?query=email:ada@client.example").json()["count"] == 1
    assert [row["key"] for row in api.call("GET", "/organization_fields").json()["organization_fields"]] == ["plan"]
