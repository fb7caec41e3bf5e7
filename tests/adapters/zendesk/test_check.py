"""`deskside check`: proof instead of hope, and a cure with every failure."""

from collections.abc import Sequence

import pytest

from adapters.zendesk.desk import ZendeskDesk
from deskside.ports import CheckResult
from tests.adapters.zendesk.account import Account, Answer
from tests.adapters.zendesk.admin import INVOCATIONS, Admin
from tests.adapters.zendesk.conftest import OWN_USER, MemoryBindings

TICKETS, TOKEN_INFO, ME = "/api/v2/tickets.json", "/api/v2/oauth/tokens/current.json", "/api/v2/users/me.json"


@pytest.fixture
def bindings() -> MemoryBindings:
    return MemoryBindings()


@pytest.fixture
def admin(account: Account, desk: ZendeskDesk) -> Admin:
    """An account on which everything is as it should be."""
    admin = Admin(account)
    limits = {"X-Rate-Limit": "700", "X-Rate-Limit-Remaining": "690"}
    account.on("GET", TICKETS, Answer({"tickets": []}, 200, limits))
    account.on("GET", TOKEN_INFO, Answer({"token": {"scopes": ["read", "write"], "user_id": 900}}))
    account.on("GET", INVOCATIONS, Answer({"invocations": [{"status": "success", "status_code": 200}]}))
    desk.connect("https://deskside.example.com", dry_run=False)
    return admin


def failed(results: Sequence[CheckResult]) -> dict[str, CheckResult]:
    assert all(result.cure for result in results if not result.ok)
    return {result.name: result for result in results if not result.ok}


def test_a_good_account_passes_every_check(admin: Admin, desk: ZendeskDesk) -> None:
    results = desk.check()
    assert failed(results) == {}
    assert [result.name.removeprefix("zendesk ") for result in results] == [
        "credentials", "scopes", "user", "fields", "view", "webhook secret", "webhook", "deliveries", "limits",
    ]  # fmt: skip
    assert results[-1].message == "690 of 700 requests are left this minute"


def test_credentials_are_proved_by_a_ticket_list_and_not_by_a_friendly_me(
    account: Account, admin: Admin, desk: ZendeskDesk
) -> None:
    account.on("GET", TICKETS, Answer({"error": "Couldn't authenticate you"}, 401))
    results = desk.check()
    assert [result.name for result in results] == ["zendesk credentials"]
    assert "OAuth clients" in results[0].cure
    assert not results[0].ok


def test_an_anonymous_user_is_no_user(account: Account, admin: Admin, desk: ZendeskDesk) -> None:
    account.on("GET", ME, Answer({"user": {"id": None, "name": "Anonymous user", "role": "end-user"}}))
    assert list(failed(desk.check())) == ["zendesk user"]


def test_a_scope_that_was_not_granted_is_named(account: Account, admin: Admin, desk: ZendeskDesk) -> None:
    account.on("GET", TOKEN_INFO, Answer({"token": {"scopes": ["read"]}}))
    found = failed(desk.check())["zendesk scopes"]
    assert found.message == "asked for but not granted: write"


def test_an_end_users_token_is_not_enough(account: Account, admin: Admin, desk: ZendeskDesk) -> None:
    account.on("GET", ME, Answer({"user": {"id": int(OWN_USER), "role": "end-user"}}))
    assert "end-user" in failed(desk.check())["zendesk user"].message


def test_what_connect_made_and_somebody_unmade_is_named(admin: Admin, desk: ZendeskDesk) -> None:
    admin.fields[1]["active"] = False
    del admin.fields[2]
    admin.views[0]["execution"]["sort_order"] = "desc"
    admin.webhooks[0]["subscriptions"] = []
    found = failed(desk.check())
    assert found["zendesk fields"].message == "'Queue band' is not active; 'Queue key' is missing"
    assert "order" in found["zendesk view"].message
    assert "subscriptions" in found["zendesk webhook"].message
    assert all("deskside connect zendesk" in result.cure for result in found.values())


def test_before_connect_everything_it_makes_is_missing(account: Account, desk: ZendeskDesk) -> None:
    Admin(account)
    account.on("GET", TICKETS, Answer({"tickets": []}))
    account.on("GET", TOKEN_INFO, Answer({"token": {"scopes": ["read", "write"]}}))
    assert set(failed(desk.check())) == {
        "zendesk fields", "zendesk view", "zendesk webhook secret", "zendesk webhook",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "ok"),
    [
        ([], True),
        ([{"status": "success", "status_code": 200}, {"status_code": 502}, {"status": "success"}], True),
        ([{"status": "failed", "status_code": 502}, {"status": "success", "status_code": 200}], False),
        ([{"status": "success"}, {"status": "terminated", "status_code": 403}, {"status_code": 500}], False),
        ([{"status": "circuit_broken", "status_code": 0}], False),
        ([{"status": "throttled"}], True),
    ],
)  # fmt: skip
def test_deliveries_that_failed_lately_are_told(
    account: Account, admin: Admin, desk: ZendeskDesk, *, rows: list[dict[str, object]], ok: bool
) -> None:
    account.on("GET", INVOCATIONS, Answer({"invocations": rows, "meta": {"has_more": False}}))
    assert ("zendesk deliveries" not in failed(desk.check())) is ok


def test_one_check_that_cannot_be_made_does_not_hide_the_others(
    account: Account, admin: Admin, desk: ZendeskDesk
) -> None:
    account.on("GET", "/api/v2/views.json", Answer({"error": {"title": "Forbidden", "message": ""}}, 403))
    account.on("GET", INVOCATIONS, Answer("<html>", 500))
    assert set(failed(desk.check())) == {"zendesk view", "zendesk deliveries"}


def test_another_user_of_the_same_account_becomes_our_own(
    account: Account, admin: Admin, desk: ZendeskDesk, bindings: MemoryBindings
) -> None:
    account.on("GET", ME, Answer({"user": {"id": 901, "role": "agent"}}))
    desk.check()
    assert bindings.values["own_user"] == "901"
