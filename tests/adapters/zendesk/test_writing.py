"""What the desk writes: private, protected, once, and nothing of anybody else's touched."""

from typing import Any

import pytest

from adapters.zendesk.desk import ZendeskDesk
from deskside.errors import Conflict, Gone, Permanent, Transient, UnknownOutcome
from deskside.model.effect import Note, Placement, Receipt, TagChange
from tests.adapters.zendesk.account import Account, Answer, shown, ticket_row, updated
from tests.adapters.zendesk.conftest import OWN_USER, MemoryBindings

TICKET = "/api/v2/tickets/5.json"
TAGS = "/api/v2/tickets/5/tags.json"
COMMENTS = "/api/v2/tickets/5/comments.json"
NOTE = Note("health:5:1", ("web-1 is <down>",))


# Notes


def test_a_note_is_private_escaped_marked_and_protected(account: Account, desk: ZendeskDesk) -> None:
    account.on("GET", TICKET, shown(ticket_row()))
    account.on("PUT", TICKET, updated(ticket_row()))
    assert desk.add_note("5", NOTE) == Receipt("77")
    (sent,) = account.asked("PUT")
    comment = sent.json["ticket"]["comment"]
    assert comment["public"] is False
    assert comment["html_body"] == "<p>web-1 is &lt;down&gt;</p><p><small>[deskside health:5:1]</small></p>"
    assert sent.json["ticket"]["metadata"] == {"deskside": "health:5:1"}
    assert (sent.json["ticket"]["safe_update"], sent.json["ticket"]["updated_stamp"]) == (True, "2026-11-01T11:00:00Z")
    assert "tags" not in sent.json["ticket"]


def test_somebodys_change_in_between_is_a_conflict_and_nothing_is_left_to_be_sent_later(
    account: Account, desk: ZendeskDesk
) -> None:
    account.on("GET", TICKET, shown(ticket_row()))
    account.on("PUT", TICKET, Answer({"error": "UpdateConflict", "description": "x"}, 409), updated(ticket_row()))
    with pytest.raises(Conflict):
        desk.add_note("5", NOTE)
    desk.set_placement("5", Placement("normal", "000001"))
    assert "comment" not in account.asked("PUT")[1].json["ticket"]


def test_a_note_whose_answer_is_lost_has_an_unknown_outcome_and_is_sent_once(
    account: Account, desk: ZendeskDesk
) -> None:
    account.on("GET", TICKET, shown(ticket_row()))
    for answer in (Answer("bad gateway", 502), Answer({"strange": 1})):
        account.on("PUT", TICKET, answer)
        with pytest.raises(UnknownOutcome):
            desk.add_note("5", NOTE)
    assert len(account.asked("PUT")) == 2


@pytest.mark.parametrize("status", ["closed", "deleted"])
def test_a_closed_ticket_takes_no_more(account: Account, desk: ZendeskDesk, status: str) -> None:
    account.on("GET", TICKET, shown(ticket_row(status=status)))
    for call in (
        lambda: desk.add_note("5", NOTE),
        lambda: desk.change_tags("5", TagChange(("a",))),
        lambda: desk.set_placement("5", Placement("normal", "1")),
    ):
        with pytest.raises(Gone, match=status):
            call()
    assert account.asked("PUT") == []


def comment(number: int, text: str = "hello", **changes: Any) -> dict[str, Any]:
    row = {
        "id": number, "audit_id": 1000 + number, "type": "Comment", "author_id": int(OWN_USER), "public": False,
        "body": text, "plain_body": text, "html_body": f'<div class="zd-comment"><p dir="auto">{text}</p></div>',
    }  # fmt: skip
    return row | changes


def comments(rows: list[dict[str, Any]], after: str | None = None) -> Answer:
    links = {"next": "https://evil.example/", "prev": None}
    return Answer({"comments": rows, "meta": {"has_more": after is not None, "after_cursor": after}, "links": links})


STAMP = "[deskside health:5:1]"


def test_a_note_is_found_among_the_newest_comments(account: Account, desk: ZendeskDesk) -> None:
    account.on("GET", COMMENTS, comments([comment(2)], "next page"), comments([comment(1, STAMP)]))
    assert desk.find_note("5", "health:5:1") == Receipt("1001")
    first, second = account.asked("GET", COMMENTS)
    assert first.query == {"page[size]": "100", "sort": "-created_at"}
    assert second.query["page[after]"] == "next page"


@pytest.mark.parametrize(
    "changes",
    [{"public": True}, {"author_id": 11}, {"author_id": 11, "public": True}, {"public": None}, {"author_id": None}],
)
def test_a_marker_typed_by_anybody_else_is_not_our_note(
    account: Account, desk: ZendeskDesk, changes: dict[str, Any]
) -> None:
    account.on("GET", COMMENTS, comments([comment(1, STAMP, **changes)]))
    assert desk.find_note("5", "health:5:1") is None


def test_the_search_for_a_note_ends(account: Account, desk: ZendeskDesk) -> None:
    account.on("GET", COMMENTS, comments([comment(1)], "again"))
    assert desk.find_note("5", "health:5:1") is None
    assert len(account.asked("GET", COMMENTS)) == 5


def test_another_marker_is_another_note(account: Account, desk: ZendeskDesk) -> None:
    account.on("GET", COMMENTS, comments([comment(1, "[deskside health:5:12]")]))
    assert desk.find_note("5", "health:5:1") is None


def test_our_own_user_is_asked_for_once(account: Account, desk: ZendeskDesk, bindings: MemoryBindings) -> None:
    del bindings.values["own_user"]
    account.on("GET", COMMENTS, comments([comment(1, STAMP)]))
    assert desk.find_note("5", "health:5:1") is not None
    desk.find_note("5", "health:5:1")
    assert len(account.asked("GET", "/api/v2/users/me.json")) == 1
    assert bindings.values["own_user"] == OWN_USER


def test_an_anonymous_answer_is_no_user(account: Account, desk: ZendeskDesk, bindings: MemoryBindings) -> None:
    del bindings.values["own_user"]
    account.on("GET", "/api/v2/users/me.json", Answer({"user": {"id": None, "name": "Anonymous user"}}))
    with pytest.raises(Permanent, match="nobody"):
        desk.find_note("5", "health:5:1")


# Tags and places


def test_tags_are_added_and_removed_and_never_replaced(account: Account, desk: ZendeskDesk) -> None:
    fresh = "2026-11-01T11:00:01Z"
    account.on("GET", TICKET, shown(ticket_row(tags=["a", "b"])), shown(ticket_row(updated_at=fresh)))
    account.on("PUT", TAGS, Answer({"tags": ["a", "b", "c"]}))
    account.on("DELETE", TAGS, Answer({"tags": ["b", "c"]}))
    desk.change_tags("5", TagChange(add=("c", "b"), remove=("a", "z")))
    (added,), (removed,) = account.asked("PUT"), account.asked("DELETE")
    assert added.json == {"tags": ["c"], "updated_stamp": "2026-11-01T11:00:00Z", "safe_update": "true"}
    assert removed.json == {"tags": ["a"], "updated_stamp": fresh, "safe_update": "true"}
    assert account.asked("POST") == []


def test_tags_that_are_as_wanted_are_not_sent(account: Account, desk: ZendeskDesk) -> None:
    account.on("GET", TICKET, shown(ticket_row(tags=["a"])))
    desk.change_tags("5", TagChange(add=("a",), remove=("z",)))
    assert len(account.asked()) == 1


def test_a_place_is_two_fields_in_one_update(account: Account, desk: ZendeskDesk) -> None:
    account.on("GET", TICKET, shown(ticket_row()))
    account.on("PUT", TICKET, updated(ticket_row(), 78))
    assert desk.set_placement("5", Placement("emergency", "000000000745")) == Receipt("78")
    (sent,) = account.asked("PUT")
    assert sent.json["ticket"] == {
        "id": 5,
        "custom_fields": [{"id": 41, "value": "deskside_band_emergency"}, {"id": 42, "value": "000000000745"}],
        "safe_update": True,
        "updated_stamp": "2026-11-01T11:00:00Z",
    }


def test_a_place_that_is_there_already_is_not_written(account: Account, desk: ZendeskDesk) -> None:
    fields = [{"id": 41, "value": "deskside_band_normal"}, {"id": 42, "value": "1"}]
    account.on("GET", TICKET, shown(ticket_row(custom_fields=fields)))
    assert desk.set_placement("5", Placement("normal", "1")) == Receipt()
    assert account.asked("PUT") == []


def test_a_place_needs_what_connect_makes(account: Account, desk: ZendeskDesk, bindings: MemoryBindings) -> None:
    del bindings.values["field:key"]
    with pytest.raises(Permanent, match="deskside connect zendesk"):
        desk.set_placement("5", Placement("normal", "1"))
    assert account.asked() == []


def test_a_field_that_zendesk_dropped_silently_is_told(account: Account, desk: ZendeskDesk) -> None:
    account.on("GET", TICKET, shown(ticket_row()))
    account.on("PUT", TICKET, updated(ticket_row(custom_fields=[{"id": 41, "value": "deskside_band_normal"}])))
    with pytest.raises(Permanent, match=r"42.*deskside connect zendesk"):
        desk.set_placement("5", Placement("normal", "1"))


def test_a_busy_account_gets_notes_before_places(account: Account, desk: ZendeskDesk) -> None:
    used = {"X-Rate-Limit": "400", "X-Rate-Limit-Remaining": "150"}
    account.on("GET", TICKET, Answer({"ticket": ticket_row()}, 200, used))
    account.on("PUT", TICKET, Answer({"ticket": ticket_row(), "audit": {"id": 1}}, 200, used))
    desk.add_note("5", NOTE)
    with pytest.raises(Transient, match="150 of 400"):
        desk.set_placement("5", Placement("normal", "1"))
    desk.add_note("5", NOTE)
    assert len(account.asked("PUT")) == 2
