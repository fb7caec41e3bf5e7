"""`deskside connect zendesk`: made once, mended when changed, and nobody else's things touched."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from adapters.zendesk.desk import ZendeskDesk
from adapters.zendesk.events import SUBSCRIPTIONS
from adapters.zendesk.settings import Settings
from deskside.errors import Permanent, Transient
from deskside.ports import Step
from deskside.store.bindings import RememberedBindings
from tests.adapters.zendesk.account import Account, Answer
from tests.adapters.zendesk.admin import FIELDS, SIGNING_SECRET, VIEWS, WEBHOOKS, Admin
from tests.adapters.zendesk.conftest import OWN_USER, MemoryBindings

BASE = "https://deskside.example.com/"
ENDPOINT = "https://deskside.example.com/webhooks/zendesk"


@pytest.fixture
def bindings() -> MemoryBindings:
    return MemoryBindings()


@pytest.fixture
def admin(account: Account) -> Admin:
    return Admin(account)


def actions(steps: Sequence[Step]) -> list[str]:
    return [step.action for step in steps]


def test_an_empty_account_gets_everything_and_its_ids_are_remembered(
    admin: Admin, desk: ZendeskDesk, bindings: MemoryBindings
) -> None:
    steps = desk.connect(BASE, dry_run=False)
    assert actions(steps) == ["create"] * 5
    band, key = admin.fields[1:]
    assert (band["title"], band["type"]) == ("Queue band", "tagger")
    assert [option["value"] for option in band["custom_field_options"]] == [
        "deskside_band_emergency", "deskside_band_ahead", "deskside_band_normal",
    ]  # fmt: skip
    assert (key["title"], key["type"]) == ("Queue key", "text")
    assert admin.webhooks[0]["endpoint"] == ENDPOINT
    assert admin.webhooks[0]["subscriptions"] == list(SUBSCRIPTIONS)
    assert bindings.values == {
        "field:band": str(band["id"]), "field:key": str(key["id"]), "view": str(admin.views[0]["id"]),
        "webhook": "W1", "webhook_secret": SIGNING_SECRET, "own_user": OWN_USER,
    }  # fmt: skip


def test_the_view_shows_unsolved_tickets_by_the_key(account: Account, admin: Admin, desk: ZendeskDesk) -> None:
    desk.connect(BASE, dry_run=False)
    (sent,) = account.asked("POST", VIEWS)
    band, key = (row["id"] for row in admin.fields[1:])
    view = sent.json["view"]
    assert view["all"] == [{"field": "status", "operator": "less_than", "value": "solved"}]
    assert (view["output"]["sort_by"], view["output"]["sort_order"]) == (str(key), "asc")
    assert view["output"]["columns"][-2:] == [band, key]
    assert len(view["output"]["columns"]) <= 10


def test_a_second_run_makes_nothing(admin: Admin, desk: ZendeskDesk) -> None:
    desk.connect(BASE, dry_run=False)
    before = len(admin.writes())
    assert actions(desk.connect(BASE, dry_run=False)) == ["keep"] * 5
    assert len(admin.writes()) == before


def test_what_exists_is_found_again_when_the_ids_were_forgotten(
    admin: Admin, desk: ZendeskDesk, bindings: MemoryBindings
) -> None:
    desk.connect(BASE, dry_run=False)
    remembered = dict(bindings.values)
    bindings.values.clear()
    assert actions(desk.connect(BASE, dry_run=False)) == ["keep"] * 4 + ["create"]
    assert bindings.values == remembered
    assert (len(admin.fields), len(admin.views), len(admin.webhooks)) == (3, 1, 1)


def test_a_dry_run_changes_nothing_and_remembers_nothing(
    admin: Admin, desk: ZendeskDesk, bindings: MemoryBindings
) -> None:
    steps = desk.connect(BASE, dry_run=True)
    assert actions(steps) == ["create"] * 5
    assert admin.writes() == []
    assert bindings.values == {}


def test_the_secret_is_in_no_step(admin: Admin, desk: ZendeskDesk) -> None:
    for _ in range(2):
        assert SIGNING_SECRET not in repr(desk.connect(BASE, dry_run=False))


def test_a_secret_that_was_reset_is_taken_over(admin: Admin, desk: ZendeskDesk, bindings: MemoryBindings) -> None:
    desk.connect(BASE, dry_run=False)
    admin.secret = "another-signing-secret"
    assert desk.connect(BASE, dry_run=False)[-1].action == "update"
    assert bindings.values["webhook_secret"] == "another-signing-secret"


def test_drift_is_mended_and_what_an_admin_added_stays(account: Account, admin: Admin, desk: ZendeskDesk) -> None:
    desk.connect(BASE, dry_run=False)
    band, key = admin.fields[1:]
    own = {"id": 9, "name": "Later", "value": "later", "position": 4, "raw_name": "Later"}
    band["custom_field_options"] = [own, *band["custom_field_options"][:2]]
    key["active"] = False
    admin.views[0]["execution"] = {"sort": {"id": "created", "order": "desc"}}
    admin.webhooks[0].update(
        status="inactive", subscriptions=["zen:event-type:ticket.created", "zen:event-type:user.x"]
    )
    before = len(admin.writes())
    assert actions(desk.connect(BASE, dry_run=True)) == ["update"] * 4 + ["keep"]
    assert len(admin.writes()) == before
    assert actions(desk.connect(BASE, dry_run=False)) == ["update"] * 4 + ["keep"]
    assert {option["value"] for option in band["custom_field_options"]} == {
        "later", "deskside_band_emergency", "deskside_band_ahead", "deskside_band_normal",
    }  # fmt: skip
    assert {"id": 9, "name": "Later", "value": "later"} in band["custom_field_options"]
    assert key["active"] is True
    assert admin.webhooks[0]["status"] == "active"
    assert set(admin.webhooks[0]["subscriptions"]) == {*SUBSCRIPTIONS, "zen:event-type:user.x"}
    assert actions(desk.connect(BASE, dry_run=False)) == ["keep"] * 5


def test_what_an_admin_renamed_is_still_ours(admin: Admin, desk: ZendeskDesk) -> None:
    desk.connect(BASE, dry_run=False)
    admin.fields[1]["title"] = "Band"
    admin.views[0]["title"] = "Our queue"
    assert actions(desk.connect(BASE, dry_run=False)) == ["keep"] * 5


def test_what_only_bears_our_title_is_left_alone(admin: Admin, desk: ZendeskDesk) -> None:
    foreign = [{"id": 5, "name": "Gold", "value": "gold"}]
    admin.add_field(title="Queue band", type="tagger", custom_field_options=foreign)
    admin.add_field(title="Queue key", type="integer")
    admin.add_view(title="Deskside queue", restriction={"type": "User", "id": 3})
    admin.add_webhook(name="Deskside", endpoint="https://staging.example.com/webhooks/zendesk", subscriptions=[])
    admin.add_webhook(name="by trigger", endpoint=ENDPOINT, subscriptions=["conditional_ticket_events"])
    assert actions(desk.connect(BASE, dry_run=False)) == ["create"] * 5
    assert admin.fields[1]["custom_field_options"] == foreign
    assert all(seen.method == "POST" for seen in admin.writes())


def test_a_deskside_that_moved_takes_its_webhook_along(admin: Admin, desk: ZendeskDesk) -> None:
    desk.connect(BASE, dry_run=False)
    desk.connect("https://new.example.com", dry_run=False)
    assert [row["endpoint"] for row in admin.webhooks] == ["https://new.example.com/webhooks/zendesk"]


def test_a_thing_that_was_deleted_is_made_again(admin: Admin, desk: ZendeskDesk, bindings: MemoryBindings) -> None:
    desk.connect(BASE, dry_run=False)
    admin.views.clear()
    assert actions(desk.connect(BASE, dry_run=False)) == ["keep", "keep", "create", "keep", "keep"]
    assert bindings.values["view"] == str(admin.views[0]["id"])


def test_the_service_field_is_made_only_when_it_is_wanted(
    admin: Admin, settings: Settings, bindings: MemoryBindings
) -> None:
    wanted = ZendeskDesk(replace(settings, service_field=True), RememberedBindings(bindings, keep=0.0))
    wanted.connect(BASE, dry_run=False)
    assert [row["title"] for row in admin.fields[1:]] == ["Queue band", "Queue key", "Service"]
    assert bindings.values["field:service"] == str(admin.fields[3]["id"])


@pytest.mark.parametrize("base", ["http://deskside.example.com", "deskside.example.com", "", "https://"])
def test_an_address_zendesk_cannot_post_to_is_refused_before_anything_is_made(
    admin: Admin, desk: ZendeskDesk, base: str
) -> None:
    with pytest.raises(Permanent, match="base_url"):
        desk.connect(base, dry_run=False)
    assert admin.account.seen == []


@pytest.mark.parametrize("base", ["http://127.0.0.1:8642", "http://localhost:8642", "https://127.0.0.1"])
def test_a_real_account_gets_no_webhook_to_its_own_machine(base: str) -> None:
    far = Settings(url="https://acme.zendesk.com", client_id="a", client_secret="b")
    with pytest.raises(Permanent, match="public https address"):
        ZendeskDesk(far, MemoryBindings()).connect(base, dry_run=False)


def test_a_demonstration_on_this_machine_needs_no_tls(admin: Admin, desk: ZendeskDesk) -> None:
    desk.connect("http://127.0.0.1:8642", dry_run=False)
    assert admin.webhooks[0]["endpoint"] == "http://127.0.0.1:8642/webhooks/zendesk"


def test_without_an_admins_rights_the_refusal_is_told(account: Account, admin: Admin, desk: ZendeskDesk) -> None:
    account.on("POST", FIELDS, Answer({"error": {"title": "Forbidden", "message": "admins only"}}, 403))
    with pytest.raises(Permanent, match="admins only"):
        desk.connect(BASE, dry_run=False)


def test_a_run_that_broke_off_is_finished_by_the_next(
    account: Account, admin: Admin, desk: ZendeskDesk, bindings: MemoryBindings
) -> None:
    account.on("GET", WEBHOOKS, Answer("busy", 429, {"Retry-After": "5"}))
    with pytest.raises(Transient):
        desk.connect(BASE, dry_run=False)
    account.on("GET", WEBHOOKS, lambda _: Answer({"webhooks": admin.webhooks, "meta": {"has_more": False}}))
    assert actions(desk.connect(BASE, dry_run=False)) == ["keep", "keep", "keep", "create", "create"]
    assert len(admin.fields) == 3


def test_what_stands_on_a_later_page_is_found_too(account: Account, admin: Admin, desk: ZendeskDesk) -> None:
    desk.connect(BASE, dry_run=False)
    following = f"{account.url}{VIEWS}?page[after]=x"
    many = {"views": [{"id": 8, "title": "x"}], "meta": {"has_more": True}, "links": {"next": following}}
    account.on(
        "GET",
        VIEWS,
        lambda seen: Answer(
            {"views": admin.views, "meta": {"has_more": False}} if "page[after]" in seen.query else many
        ),
    )
    assert actions(desk.connect(BASE, dry_run=False)) == ["keep"] * 5


def test_a_next_link_to_another_host_gets_no_token(account: Account, admin: Admin, desk: ZendeskDesk) -> None:
    evil = {"views": [{"id": 8, "title": "x"}], "meta": {"has_more": True}, "links": {"next": "https://evil.example/"}}
    account.on("GET", VIEWS, Answer(evil))
    with pytest.raises(Permanent, match="not on 127"):
        desk.connect(BASE, dry_run=False)
