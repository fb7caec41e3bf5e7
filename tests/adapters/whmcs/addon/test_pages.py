"""What the pages of WHMCS carry of Deskside, who may ask for it, and what the settings page does."""

import html
import json
import re
from typing import Any

import pytest
import requests

from tests.adapters.whmcs.addon.receiving import Deskside
from tests.doubles.whmcs_server import Visitor, Whmcs

CONFIG = re.compile(r'data-deskside="([^"]*)"')
SETTINGS = "addonmodules.php?module=deskside"


def config(page: requests.Response) -> dict[str, Any]:
    """What the scripts of a page go by."""
    found = CONFIG.search(page.text)
    assert found is not None, page.text
    read: dict[str, Any] = json.loads(html.unescape(found[1]))
    return read


def ticket_page(whmcs: Whmcs, visitor: Visitor, number: int = 1) -> requests.Response:
    return visitor.get(whmcs.admin_path("supporttickets.php"), action="view", id=number)


def ask(whmcs: Whmcs, visitor: Visitor, action: str, **fields: str) -> dict[str, Any]:
    answer = visitor.post(whmcs.admin_path(f"{SETTINGS}&action={action}"), fields)
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    found: dict[str, Any] = answer.json()
    return found


def settings_form(whmcs: Whmcs, visitor: Visitor, do: str, **fields: Any) -> str:
    page = visitor.get(whmcs.admin_path(SETTINGS)).text
    token = re.search(r'name="deskside_token" value="(\w+)"', page)
    assert token is not None
    types = re.findall(r'name="events\[\]" value="([\w.]+)"', page)
    sent = {"deskside_do": do, "deskside_token": token[1], "events[]": types, "server_lock": "1", "push": "1", **fields}
    return visitor.post(whmcs.admin_path(SETTINGS), sent).text


def test_the_ticket_page_gets_a_place_and_asks_nobody(whmcs: Whmcs, behind: Deskside) -> None:
    page = ticket_page(whmcs, whmcs.admin())
    assert config(page)["ticket"] == "1"
    assert 'src="../modules/addons/deskside/assets/lock.js' in page.text
    assert behind.asked == []


def test_the_scripts_and_the_style_are_where_the_page_says(whmcs: Whmcs) -> None:
    page = ticket_page(whmcs, whmcs.admin())
    named = re.findall(r'"\.\./(modules/addons/deskside/assets/[^"?]+)', page.text)
    assert len(named) == 5
    for path in named:
        assert requests.get(f"{whmcs.base_url}/{path}", timeout=10).status_code == 200


def test_an_agent_is_answered_with_the_panel(whmcs: Whmcs, behind: Deskside) -> None:
    behind.shelf.ticket("1", subject="My server is slow", client="1")
    ben = whmcs.admin(2)
    token = config(ticket_page(whmcs, ben))["token"]
    found = ask(whmcs, ben, "panel", ticket="1", deskside_token=token)
    assert found["ok"]
    assert "of 1 waiting" in found["html"]
    assert behind.asked == [
        ("/embed/whmcs", {"type": "panel", "agent": {"id": "2", "name": "Ben Berg", "language": "en"}, "ticket": "1"})
    ]


def test_a_token_is_good_for_one_agent_one_session_and_one_ticket(whmcs: Whmcs, behind: Deskside) -> None:
    ada, ben = whmcs.admin(1), whmcs.admin(2)
    token = config(ticket_page(whmcs, ada))["token"]
    config(ticket_page(whmcs, ben))
    assert ask(whmcs, ada, "panel", ticket="1", deskside_token=token)["ok"]
    for visitor, fields in (
        (ben, {"ticket": "1", "deskside_token": token}),
        (whmcs.admin(1), {"ticket": "1", "deskside_token": token}),
        (ada, {"ticket": "2", "deskside_token": token}),
        (ada, {"ticket": "1", "deskside_token": ""}),
        (ada, {"ticket": "1"}),
    ):
        assert ask(whmcs, visitor, "panel", **fields) == {"ok": False, "denied": True}
    assert ask(whmcs, ada, "everything", ticket="1", deskside_token=token)["denied"]
    assert len(behind.asked) == 1


def test_a_role_without_access_gets_whmcs_own_refusal(whmcs: Whmcs, behind: Deskside) -> None:
    dora = whmcs.admin(4)
    token = config(ticket_page(whmcs, dora))["token"]
    answer = dora.post(whmcs.admin_path(f"{SETTINGS}&action=panel"), {"ticket": "1", "deskside_token": token})
    assert answer.status_code == 403
    assert behind.asked == []


def test_while_deskside_is_away_the_answer_says_so_at_once(whmcs: Whmcs, behind: Deskside) -> None:
    ada = whmcs.admin()
    token = config(ticket_page(whmcs, ada))["token"]
    behind.go()
    assert ask(whmcs, ada, "panel", ticket="1", deskside_token=token) == {"ok": False, "away": True}
    behind.come()
    assert ask(whmcs, ada, "panel", ticket="1", deskside_token=token) == {"ok": False, "away": True}
    assert behind.asked == []
    assert "away; tried again in" in ada.get(whmcs.admin_path(SETTINGS)).text


def test_above_the_list_is_the_queue(whmcs: Whmcs, behind: Deskside) -> None:
    behind.shelf.ticket("1", subject="My server is slow")
    ada = whmcs.admin()
    token = config(ada.get(whmcs.admin_path("supporttickets.php")))["token"]
    assert "My server is slow" in ask(whmcs, ada, "queue", deskside_token=token)["html"]


def test_the_test_button_proves_both_ways(whmcs: Whmcs, behind: Deskside) -> None:
    page = settings_form(whmcs, whmcs.admin(), "test")
    assert "Deskside took a test event" in page
    assert "Deskside answers what pages ask" in page
    assert behind.types() == ["test.ping"]
    behind.change_secret("whsec_YW5vdGhlciBzZWNyZXQ=")
    assert page.count("deskside-bad") == 0
    assert "does not accept the signature" in settings_form(whmcs, whmcs.admin(), "test")


def test_settings_are_kept_and_the_secret_is_never_shown(whmcs: Whmcs, behind: Deskside) -> None:
    ada = whmcs.admin()
    secret = "whsec_bmV3IHNlY3JldA=="
    page = settings_form(
        whmcs, ada, "save", address=behind.url + "/", secret=secret, selectors='{"replyForm": "#my-frm"}'
    )
    assert "Saved." in page
    assert secret not in page
    assert secret not in ada.get(whmcs.admin_path(SETTINGS)).text
    behind.change_secret(secret)
    assert "Deskside took a test event" in settings_form(whmcs, ada, "test")
    assert config(ticket_page(whmcs, ada))["selectors"]["replyForm"] == "#my-frm"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("address", "ftp://a.example"),
        ("address", "https://me:pw@a.example"),
        ("address", "a.example"),
        ("selectors", "no json"),
        ("selectors", '{"other": "#a"}'),
    ],
)
def test_what_cannot_be_used_is_refused_and_changes_nothing(whmcs: Whmcs, field: str, value: str) -> None:
    before = whmcs.table("mod_deskside_state")
    page = settings_form(whmcs, whmcs.admin(), "save", **{"address": "", "selectors": "", field: value})
    assert "Nothing was changed." in page
    assert whmcs.table("mod_deskside_state") == before


def test_a_form_without_its_token_changes_nothing(whmcs: Whmcs) -> None:
    ada = whmcs.admin()
    ada.get(whmcs.admin_path(SETTINGS))
    page = ada.post(whmcs.admin_path(SETTINGS), {"deskside_do": "save", "address": "https://evil.example"}).text
    assert "The form was too old." in page
    assert "evil" not in repr(whmcs.table("mod_deskside_state"))


def test_only_the_named_roles_see_the_settings(whmcs: Whmcs) -> None:
    page = whmcs.admin(2).get(whmcs.admin_path(SETTINGS)).text
    assert "Your role may not change the settings" in page
    assert 'name="address"' not in page


def test_a_reply_that_another_writes_is_turned_back_with_its_text(whmcs: Whmcs, behind: Deskside) -> None:
    ada, ben = whmcs.admin(1), whmcs.admin(2)
    token = config(ticket_page(whmcs, ada))["token"]
    assert ask(whmcs, ada, "lock.take", ticket="1", deskside_token=token)["lock"]["granted"]
    path = whmcs.admin_path("supporttickets.php?action=viewticket&id=1")
    text = "My <b>own</b> answer & more"
    answer = ben.post(path, {"postreply": "1", "postaction": "Answered", "message": text}, follow=False)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "supporttickets.php?action=viewticket&id=1&deskside_refused=1"
    assert whmcs.table("tblticketreplies") == []
    page = ben.get(path + "&deskside_refused=1")
    assert config(page)["refused"] is True
    assert config(page)["kept"] == text
    assert config(ticket_page(whmcs, ben))["kept"] == ""
    assert ada.post(path, {"postreply": "1", "postaction": "Answered", "message": "Mine"}).status_code == 200
    assert [reply["message"] for reply in whmcs.table("tblticketreplies")] == ["Mine"]


@pytest.mark.parametrize("why", ["away", "silent", "switched off", "session comes later", "note"])
def test_the_server_lets_a_reply_through_when_it_cannot_know(whmcs: Whmcs, behind: Deskside, why: str) -> None:
    ada, ben = whmcs.admin(1), whmcs.admin(2)
    token = config(ticket_page(whmcs, ada))["token"]
    ask(whmcs, ada, "lock.take", ticket="1", deskside_token=token)
    if why == "away":
        behind.go()
    elif why == "silent":
        behind.fall_silent()
    elif why == "switched off":
        whmcs.insert("mod_deskside_state", {"name": "setting_server_lock", "value": "off"})
    elif why == "session comes later":
        whmcs.set(session_after_hooks=True)
    path = whmcs.admin_path("supporttickets.php?action=viewticket&id=1")
    action = "note" if why == "note" else "Answered"
    assert ben.post(path, {"postreply": "1", "postaction": action, "message": "Mine"}, follow=False).status_code == 302
    table = "tblticketnotes" if why == "note" else "tblticketreplies"
    assert [row["message"] for row in whmcs.table(table)] == ["Mine"]


def test_an_unpacked_but_unconfigured_addon_shows_nothing(whmcs: Whmcs, behind: Deskside) -> None:
    file = whmcs.root / "modules/addons/deskside/deskside_config.php"
    file.write_text("<?php\nreturn ['url' => '{{DESKSIDE_URL}}', 'secret' => '{{DESKSIDE_SECRET}}'];\n")
    assert CONFIG.search(ticket_page(whmcs, whmcs.admin()).text) is None
    assert "not set" in whmcs.admin().get(whmcs.admin_path(SETTINGS)).text
