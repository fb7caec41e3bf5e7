"""The desk as the pipeline uses it, against a server on loopback."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.zendesk import plugin
from adapters.zendesk.desk import ZendeskDesk
from adapters.zendesk.settings import Settings
from adapters.zendesk.signature import SIGNATURE, TIMESTAMP, sign
from deskside.errors import Gone, NotAuthentic, Permanent
from deskside.model.effect import Note, Placement, TagChange
from deskside.model.ticket import Agent, ServiceLevel, Status
from deskside.store.bindings import RememberedBindings
from tests.adapters.zendesk.account import Account, Answer, Seen, shown, ticket_row
from tests.adapters.zendesk.conftest import OWN_USER, MemoryBindings

TICKET = "/api/v2/tickets/5.json"
TAGS = "/api/v2/tickets/5/tags.json"
COMMENTS = "/api/v2/tickets/5/comments.json"
LEVELS = "/api/v2/tickets/5/slas/policy_metrics.json"
EXPORT = "/api/v2/incremental/tickets/cursor.json"
NOTE = Note("health:5:1", ("web-1 is <down>",))
ANN = {"id": 11, "name": "Ann", "email": "Ann@Acme.example"}
ACME = {"id": 12, "name": "Acme", "external_id": "ACME", "organization_fields": {"plan": "gold"}, "tags": []}
BESIDE = {"users": [ANN], "organizations": [ACME], "groups": [{"id": 7, "name": "Support"}]}


# Reading


def test_a_ticket_is_read_with_its_client_and_service_level_in_two_requests(
    account: Account, desk: ZendeskDesk
) -> None:
    account.on("GET", TICKET, shown(ticket_row(), **BESIDE))
    level = {"metric": "first_reply_time", "stage": "active", "breach_at": "2026-11-01T12:00:00Z", "hours": 1}
    account.on("GET", LEVELS, Answer({"policy_metrics": [level]}))
    ticket = desk.read_ticket("5")
    assert (ticket.id, ticket.pool, ticket.requester_name) == ("5", "Support", "Ann")
    assert ticket.client.aliases == {"12", "acme", "ann@acme.example"}
    assert ticket.client.fields == {"plan": "gold"}
    assert ticket.service_level == ServiceLevel("first_reply_time", datetime(2026, 11, 1, 12, tzinfo=UTC))
    assert len(account.asked()) == 2


def test_who_has_it_and_when_it_was_first_answered_come_with_the_ticket(account: Account, desk: ZendeskDesk) -> None:
    bob = {"id": 21, "name": "Bob", "locale": "ru-RU"}
    metrics = {"ticket_id": 5, "replies": 2, "reply_time_in_minutes": {"calendar": 90, "business": 30}}
    beside = BESIDE | {"users": [{**ANN, "locale": "en-150"}, bob], "metric_sets": [{"ticket_id": 6}, metrics]}
    account.on("GET", TICKET, shown(ticket_row(assignee_id=21), **beside))
    ticket = desk.read_ticket("5")
    assert (ticket.agent, ticket.language) == (Agent("21", "Bob", "ru"), "en")
    assert ticket.first_reply_at == ticket.created_at + timedelta(minutes=90)


def test_what_was_not_side_loaded_is_asked_for(account: Account, desk: ZendeskDesk, bindings: MemoryBindings) -> None:
    del bindings.values["group:7"]
    account.on("GET", TICKET, shown(ticket_row()))
    account.on("GET", "/api/v2/users/11.json", Answer({"user": ANN}))
    account.on("GET", "/api/v2/organizations/12.json", Answer({"organization": ACME}))
    account.on("GET", "/api/v2/groups/7.json", Answer({"group": {"id": 7, "name": "Hosting"}}))
    ticket = desk.read_ticket("5")
    assert (ticket.pool, ticket.client.name, ticket.requester_name) == ("Hosting", "Acme", "Ann")


def test_what_we_may_not_see_is_left_out(account: Account, desk: ZendeskDesk) -> None:
    account.on("GET", TICKET, shown(ticket_row(group_id=8)))
    for path in ("users/11", "organizations/12", "groups/8"):
        account.on("GET", f"/api/v2/{path}.json", Answer({"error": {"title": "Forbidden", "message": ""}}, 403))
    ticket = desk.read_ticket("5")
    assert (ticket.client.id, ticket.client.aliases, ticket.pool) == ("12", {"12"}, "group 8")


def test_a_ticket_of_no_group_waits_in_a_pool_of_its_own(account: Account, desk: ZendeskDesk) -> None:
    account.on("GET", TICKET, shown(ticket_row(group_id=None), **BESIDE))
    assert desk.read_ticket("5").pool == "unassigned"


def test_a_group_that_is_renamed_keeps_its_pool(account: Account, desk: ZendeskDesk, bindings: MemoryBindings) -> None:
    account.on("GET", TICKET, shown(ticket_row(), **BESIDE | {"groups": [{"id": 7, "name": "Support EU"}]}))
    assert desk.read_ticket("5").pool == "Support"
    del bindings.values["group:7"]
    assert desk.read_ticket("5").pool == "Support EU"
    assert bindings.values["group:7"] == "Support EU"


def test_what_an_agent_put_into_the_service_field_has_a_name(
    account: Account, desk: ZendeskDesk, bindings: MemoryBindings
) -> None:
    account.on("GET", TICKET, shown(ticket_row(), **BESIDE))
    assert "service" not in desk.read_ticket("5").fields
    bindings.put("field:service", "43")
    assert desk.read_ticket("5").fields["service"] == "web-1"


@pytest.mark.parametrize(
    "answer",
    [Answer({"error": "RecordNotFound", "description": "Not found"}, 404), shown(ticket_row(status="deleted"))],
)
def test_a_ticket_that_is_not_there_is_gone(account: Account, desk: ZendeskDesk, answer: Answer) -> None:
    account.on("GET", TICKET, answer)
    with pytest.raises(Gone):
        desk.read_ticket("5")


@pytest.mark.parametrize("ticket_id", ["", "0", "x", "../users/me", "5/../6", "5.json", "-5", "٥"])
def test_an_id_that_is_no_number_never_becomes_a_path(account: Account, desk: ZendeskDesk, ticket_id: str) -> None:
    calls: list[Callable[[], object]] = [
        lambda: desk.read_ticket(ticket_id),
        lambda: desk.add_note(ticket_id, NOTE),
        lambda: desk.find_note(ticket_id, "m"),
        lambda: desk.change_tags(ticket_id, TagChange(("a",))),
        lambda: desk.set_placement(ticket_id, Placement("normal", "1")),
    ]
    for call in calls:
        with pytest.raises(Gone):
            call()
    assert account.asked() == []


@pytest.mark.parametrize(
    ("answer", "asks"),
    [
        (Answer({"error": "RecordNotFound"}, 404), 2),
        (Answer({"error": "InvalidEndpoint"}, 404), 1),
        (Answer({"error": {"title": "Forbidden", "message": ""}}, 403), 1),
    ],
)
def test_an_account_without_service_levels_is_not_asked_at_every_ticket(
    account: Account, desk: ZendeskDesk, answer: Answer, asks: int
) -> None:
    account.on("GET", TICKET, shown(ticket_row(), **BESIDE))
    account.on("GET", LEVELS, answer)
    assert desk.read_ticket("5").service_level is None
    assert desk.read_ticket("5").service_level is None
    assert len(account.asked("GET", LEVELS)) == asks


def test_an_answer_that_is_no_ticket_is_permanent(account: Account, desk: ZendeskDesk) -> None:
    account.on("GET", TICKET, Answer({"tickets": []}))
    with pytest.raises(Permanent, match="ticket"):
        desk.read_ticket("5")


# Changes


def page(rows: list[dict[str, Any]], cursor: str, *, end: bool) -> Answer:
    return Answer(
        {"tickets": rows, "after_cursor": cursor, "after_url": "https://evil.example/x", "end_of_stream": end}
    )


def test_changes_begin_an_hour_ago_and_go_on_by_cursor(account: Account, desk: ZendeskDesk) -> None:
    deleted = ticket_row(id=6, status="deleted")
    account.on("GET", EXPORT, page([ticket_row(), deleted], "a+b/c==|1", end=False), page([], "end", end=True))
    first = desk.changes(None)
    start = datetime.fromtimestamp(int(account.asked("GET", EXPORT)[0].query["start_time"]), UTC)
    assert timedelta(minutes=59) < datetime.now(UTC) - start < timedelta(minutes=61)
    assert [(row.ticket_id, row.status) for row in first.sightings] == [("5", Status.OPEN), ("6", Status.DELETED)]
    assert (first.cursor, first.more) == ("a+b/c==|1", True)
    second = desk.changes(first.cursor)
    assert account.asked("GET", EXPORT)[1].query == {"cursor": "a+b/c==|1", "per_page": "500"}
    assert (second.sightings, second.cursor, second.more) == ((), "end", False)


def test_a_ticket_has_one_digest_however_it_was_seen(
    account: Account, desk: ZendeskDesk, bindings: MemoryBindings
) -> None:
    bindings.put("field:service", "43")
    for row in (
        ticket_row(),
        ticket_row(group_id=None, organization_id=None, priority="urgent", tags=[], custom_fields=[]),
        ticket_row(subject=None, description="\x00<b>\u202e", tags=["ü", "deskside_band_normal"], status="hold"),
    ):
        account.on("GET", TICKET, shown(row, **BESIDE))
        account.on("GET", EXPORT, page([row], "c", end=True))
        assert desk.changes("x").sightings[0].digest == desk.digest(desk.read_ticket("5"))


def test_our_own_writing_does_not_change_the_digest(account: Account, desk: ZendeskDesk) -> None:
    account.on("GET", TICKET, shown(ticket_row(), **BESIDE))
    before = desk.digest(desk.read_ticket("5"))
    fields = [{"id": 41, "value": "deskside_band_ahead"}, {"id": 42, "value": "0001"}, {"id": 43, "value": "web-1"}]
    tags = ["vip", "deskside_band_ahead", "deskside_down"]
    row = ticket_row(custom_fields=fields, tags=tags, updated_at="2026-11-02T00:00:00Z")
    account.on("GET", TICKET, shown(row, **BESIDE))
    assert desk.digest(desk.read_ticket("5")) == before


def test_an_account_in_which_nothing_happened_is_asked_from_the_same_start_again(
    account: Account, desk: ZendeskDesk
) -> None:
    account.on("GET", EXPORT, Answer({"tickets": [], "after_cursor": None, "after_url": None, "end_of_stream": True}))
    first = desk.changes(None)
    assert (first.sightings, first.more) == ((), False)
    second = desk.changes(first.cursor)
    assert second == first
    asked = account.asked("GET", EXPORT)
    assert asked[0].query == asked[1].query


def test_an_export_without_a_cursor_is_an_error_and_not_an_endless_loop(account: Account, desk: ZendeskDesk) -> None:
    account.on("GET", EXPORT, Answer({"tickets": [], "after_cursor": None, "end_of_stream": False}))
    with pytest.raises(Permanent, match="cursor"):
        desk.changes(None)
    account.on("GET", EXPORT, Answer({"something": 1}))
    with pytest.raises(Permanent):
        desk.changes(None)


# Deliveries


def delivery(secret: str, now: datetime) -> tuple[dict[str, str], bytes]:
    body = json.dumps({"id": "e1", "type": "zen:event-type:ticket.created", "subject": "zen:ticket:5"}).encode()
    timestamp = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {SIGNATURE.upper(): sign(secret, timestamp, body), TIMESTAMP.title(): timestamp}, body


def test_the_secret_that_connect_fetched_and_both_configured_ones_open_the_door(
    settings: Settings, bindings: MemoryBindings
) -> None:
    bindings.put("webhook_secret", "bound")
    both = Settings(url=settings.url, client_id="x", webhook_secret="first", webhook_secret_previous="second")
    desk = ZendeskDesk(both, RememberedBindings(bindings))
    now = datetime.now(UTC)
    for secret in ("bound", "first", "second"):
        accepted = desk.accept(*delivery(secret, now), now)
        assert (accepted.id, accepted.ticket_id) == ("e1", "5")
    with pytest.raises(NotAuthentic):
        desk.accept(*delivery("other", now), now)


def test_an_event_of_our_own_user_is_our_own(desk: ZendeskDesk, account: Account) -> None:
    body = {"type": "zen:event-type:ticket.tags_changed", "subject": "zen:ticket:5", "detail": {"actor_id": OWN_USER}}
    assert desk.parse({}, json.dumps(body).encode()).own
    assert account.seen == []


def test_a_secret_fetched_by_another_process_is_seen_without_a_restart(bindings: MemoryBindings) -> None:
    now = [0.0]
    remembered = RememberedBindings(bindings, keep=10.0, clock=lambda: now[0])
    assert remembered.get("webhook_secret") is None
    bindings.put("webhook_secret", "new")
    assert remembered.get("webhook_secret") is None
    now[0] = 10.0
    assert remembered.get("webhook_secret") == "new"


def test_an_agent_opens_the_ticket_where_agents_do(desk: ZendeskDesk, account: Account) -> None:
    assert desk.ticket_url("5") == f"{account.url}/agent/tickets/5"


def test_a_desk_is_built_without_touching_the_outside(account: Account) -> None:
    import sqlalchemy as sa

    loaded = plugin.schema().load({"url": account.url, "client_id": "a", "client_secret": "b"})
    desk = plugin.build(loaded, sa.create_engine("sqlite://"))
    assert desk.name == plugin.name == "zendesk"
    assert account.seen == []


def test_no_request_leaves_without_the_agent_of_deskside(account: Account, desk: ZendeskDesk) -> None:
    account.on("GET", TICKET, shown(ticket_row(), **BESIDE))
    desk.read_ticket("5")
    agents = {seen.headers["user-agent"] for seen in account.seen}
    assert all(re.fullmatch(r"Deskside/\S+", agent) for agent in agents)


def test_a_stranger_form_of_the_answer_is_survived(account: Account, desk: ZendeskDesk) -> None:
    def odd(_: Seen) -> Answer:
        return shown({"id": 5, "custom_fields": {"x": 1}, "tags": "vip", "via": None}, users=[None], groups=None)

    account.on("GET", TICKET, odd)
    ticket = desk.read_ticket("5")
    assert (ticket.id, ticket.status, ticket.client.id, ticket.tags) == ("5", Status.OPEN, "", frozenset())
