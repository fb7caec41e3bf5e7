"""What was said on a ticket, by the comments."""

from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.zendesk.desk import ZendeskDesk
from deskside.errors import Gone
from deskside.ports import Correspondence
from tests.adapters.zendesk.account import Account, Answer

COMMENTS = "/api/v2/tickets/5/comments.json"


def comment(number: int, author: int, text: str, *, public: bool = True) -> dict[str, Any]:
    return {
        "id": number,
        "author_id": author,
        "public": public,
        "body": f"**{text}**",
        "plain_body": text,
        "created_at": f"2026-11-01T1{number}:00:00Z",
    }


def page(*rows: dict[str, Any]) -> Answer:
    return Answer({"comments": list(rows), "meta": {"has_more": False}})


@pytest.fixture
def staffed(account: Account) -> Account:
    for number, role in ((11, "end-user"), (21, "agent"), (22, "admin")):
        account.on("GET", f"/api/v2/users/{number}.json", Answer({"user": {"id": number, "name": "A", "role": role}}))
    account.on("GET", "/api/v2/users/31.json", Answer({"error": "RecordNotFound", "description": "x"}, 404))
    return account


def test_public_comments_are_told_the_first_first_with_whose_they_are(staffed: Account, desk: ZendeskDesk) -> None:
    rows = [
        comment(5, 31, "from somebody who is gone"),
        comment(4, 22, "from an admin"),
        comment(3, 21, "between us", public=False),
        comment(2, 21, "from an agent"),
        comment(1, 11, "help"),
    ]
    staffed.on("GET", COMMENTS, page(*rows))
    assert isinstance(desk, Correspondence)
    told = desk.replies("5")
    assert [(item.text, item.from_agent) for item in told] == [
        ("help", False),
        ("from an agent", True),
        ("from an admin", True),
        ("from somebody who is gone", False),
    ]
    assert told[0].at == datetime(2026, 11, 1, 11, tzinfo=UTC)


def test_who_wrote_often_is_asked_for_once(staffed: Account, desk: ZendeskDesk) -> None:
    staffed.on("GET", COMMENTS, page(*(comment(number, 11, "x") for number in (3, 2, 1))))
    desk.replies("5")
    assert len(staffed.asked()) == 2


def test_a_ticket_that_is_not_there_is_gone(account: Account, desk: ZendeskDesk) -> None:
    account.on("GET", COMMENTS, Answer({"error": "RecordNotFound", "description": "Not found"}, 404))
    with pytest.raises(Gone):
        desk.replies("5")
