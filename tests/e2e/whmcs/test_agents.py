"""Two agents, one ticket: one writes, the other sees who and cannot send, and nobody's text is lost."""

import json
import re

import pytest
from playwright.sync_api import Browser, expect

from tests.adapters.whmcs.addon.receiving import Deskside
from tests.doubles.whmcs_server import Whmcs
from tests.e2e.whmcs.conftest import Sit, window
from tests.webhooks.desk import DOWN, HOSTILE, VIP

ADA, BEN = 1, 2
SELECTORS = {"replyForm": "#my-frmaddticketreply", "replyField": "#my-replymessage", "replyButton": "#my-btnpostreply"}


@pytest.fixture(autouse=True)
def queue(behind: Deskside) -> None:
    shelf = behind.shelf
    shelf.ticket("7", minute=30, contributions=[DOWN], health="down", subject="All is lost", client="Otto O'Other")
    shelf.ticket("1", minute=90, contributions=[VIP], subject="My server is slow", client="Cleo Client", health="down")
    shelf.check("1")


def replies(whmcs: Whmcs) -> list[str]:
    return [row["message"] for row in whmcs.table("tblticketreplies")]


def test_the_panel_shows_health_place_and_people(sit: Sit) -> None:
    panel = sit(ADA).panel
    expect(panel).to_contain_text("web-3 is down")
    expect(panel).to_contain_text("2 of 2 waiting")
    expect(panel).to_contain_text("the ticket has the tag vip")
    expect(panel).to_contain_text("Nobody yet.")
    panel.locator("summary").first.click()
    expect(panel).to_contain_text("no answer to 4 of 4 pings")


def test_who_comes_second_sees_who_writes_and_cannot_send(sit: Sit, whmcs: Whmcs) -> None:
    ada, ben = sit(ADA), sit(BEN)
    expect(ben.panel).to_contain_text("Nobody yet.")
    ada.field.press_sequentially("I will look")
    expect(ada.notice).to_contain_text("You are writing the reply")
    ben.look()
    expect(ben.notice).to_contain_text("Ada Admin is writing a reply")
    expect(ben.panel).to_contain_text("Ada Admin is writing a reply")
    expect(ben.button).to_be_disabled()
    ben.field.press_sequentially("So do I")
    ben.page.evaluate("document.querySelector('#frmAddTicketReply').requestSubmit()")
    expect(ben.notice).to_contain_text("Ada Admin is writing a reply")
    expect(ben.field).to_have_value("So do I")
    assert replies(whmcs) == []
    ada.button.click()
    expect(ada.page.locator("#ticketreplies")).to_contain_text("I will look")
    assert replies(whmcs) == ["I will look"]


def test_a_take_over_is_seen_by_both(sit: Sit, whmcs: Whmcs) -> None:
    ada, ben = sit(ADA), sit(BEN)
    ada.field.press_sequentially("I will")
    expect(ada.notice).to_contain_text("You are writing")
    ben.look()
    ben.page.once("dialog", lambda dialog: dialog.accept())
    ben.page.get_by_role("button", name="Take over from Ada Admin").click()
    expect(ben.notice).to_contain_text("You took it over from Ada Admin.")
    expect(ben.button).to_be_enabled()
    # Ada's page believes in its lease until it hears otherwise, but the server does not.
    ada.field.press_sequentially(" look")
    ada.button.click()
    expect(ada.notice).to_contain_text("Ben Berg is writing a reply")
    expect(ada.field).to_have_value("I will look")
    assert replies(whmcs) == []
    ben.field.fill("Done")
    ben.button.click()
    expect(ben.page.locator("#ticketreplies")).to_contain_text("Done")


def test_leaving_gives_the_lock_back(sit: Sit, whmcs: Whmcs) -> None:
    ada, ben = sit(ADA), sit(BEN)
    ada.field.press_sequentially("I will")
    expect(ada.notice).to_contain_text("You are writing")
    ben.look()
    expect(ben.button).to_be_disabled()
    ada.page.goto("about:blank")
    # The page looks by itself every ten seconds.
    expect(ben.button).to_be_enabled(timeout=20_000)
    assert whmcs.requests("action=lock.release")
    expect(ben.notice).to_be_empty()


def test_who_never_typed_takes_the_lock_by_sending(sit: Sit, whmcs: Whmcs) -> None:
    ada, ben = sit(ADA), sit(BEN)
    ada.page.evaluate("document.querySelector('#replymessage').value = 'A predefined reply'")
    ada.button.click()
    expect(ada.page.locator("#ticketreplies")).to_contain_text("A predefined reply")
    ben.page.evaluate("document.querySelector('#replymessage').value = 'Another'")
    ben.page.once("dialog", lambda dialog: dialog.accept())
    ben.page.evaluate("document.querySelector('#frmAddTicketReply').requestSubmit()")
    expect(ben.notice).to_contain_text("Ada Admin is writing a reply")
    assert replies(whmcs) == ["A predefined reply"]


def test_without_deskside_everybody_can_send(sit: Sit, whmcs: Whmcs, behind: Deskside) -> None:
    behind.go()
    ben = sit(BEN)
    expect(ben.notice).to_contain_text("Replies are not locked")
    ben.field.press_sequentially("Here is what to do")
    ben.button.click()
    expect(ben.page.locator("#ticketreplies")).to_contain_text("Here is what to do")


def test_deskside_going_away_frees_who_was_blocked(sit: Sit, whmcs: Whmcs, behind: Deskside) -> None:
    ada, ben = sit(ADA), sit(BEN)
    ada.field.press_sequentially("I will")
    expect(ada.notice).to_contain_text("You are writing")
    ben.look()
    expect(ben.button).to_be_disabled()
    behind.go()
    ben.look()
    expect(ben.button).to_be_enabled()
    expect(ben.notice).to_contain_text("Replies are not locked")


def test_what_the_browser_could_not_know_the_server_turns_back_and_the_text_stays(sit: Sit, whmcs: Whmcs) -> None:
    ada, ben = sit(ADA), sit(BEN)
    # Scripts that cannot reach the addon fail open.
    ben.page.route("**/addonmodules.php*", lambda route: route.fulfill(status=502, body="broken"))
    ada.field.press_sequentially("I will")
    expect(ada.notice).to_contain_text("You are writing")
    text = "A long answer\nof <b>two</b> lines & more"
    ben.field.fill(text)
    ben.button.click()
    ben.page.wait_for_url("**deskside_refused=1")
    ben.page.unroute("**/addonmodules.php*")
    ben.look()
    expect(ben.field).to_have_value(text)
    expect(ben.notice).to_contain_text("Ada Admin is writing a reply")
    assert replies(whmcs) == []
    ben.complaints.clear()  # Chromium tells of the 502.


def test_a_text_that_was_not_sent_is_offered_when_the_agent_comes_back(sit: Sit) -> None:
    ada = sit(ADA)
    ada.field.press_sequentially("Half a sentence")
    expect(ada.notice).to_contain_text("You are writing")
    ada.page.goto("/admin/supporttickets.php")
    ada.page.go_back()
    ada.page.reload()
    expect(ada.field).to_have_value("")
    ada.page.get_by_role("button", name="Put it back").click()
    expect(ada.field).to_have_value("Half a sentence")


def test_a_text_that_was_sent_is_not_offered_again(sit: Sit) -> None:
    ada = sit(ADA)
    ada.field.press_sequentially("All done now")
    ada.button.click()
    expect(ada.page.locator("#ticketreplies")).to_contain_text("All done now")
    expect(ada.panel).to_contain_text("waiting")
    expect(ada.page.get_by_role("button", name="Put it back")).to_have_count(0)
    assert ada.page.evaluate("sessionStorage.length") == 0


def test_the_stock_warning_that_the_ticket_changed_still_comes(sit: Sit, whmcs: Whmcs) -> None:
    ada = sit(ADA)
    expect(ada.panel).to_contain_text("waiting")
    whmcs.local_api("AddTicketReply", ticketid=1, clientid=1, message="One more thing")
    ada.field.press_sequentially("I will look")
    expect(ada.notice).to_contain_text("You are writing")
    ada.button.click()
    ada.page.locator("#ticketChangedDialog .continue").click()
    expect(ada.page.locator("#ticketreplies")).to_contain_text("I will look")


def test_another_theme_degrades_to_a_banner_and_can_be_told(sit: Sit, whmcs: Whmcs) -> None:
    whmcs.execute("UPDATE tbladmins SET template = 'renamed'")
    ben = sit(BEN)
    expect(ben.notice).to_contain_text("nothing is locked")
    expect(ben.panel).to_contain_text("2 of 2 waiting")
    whmcs.insert("mod_deskside_state", {"name": "setting_selectors", "value": json.dumps(SELECTORS)})
    ada = sit(ADA)
    ada.page.locator("#my-replymessage").press_sequentially("I will")
    expect(ada.notice).to_contain_text("You are writing")
    ben.look()
    expect(ben.notice).to_contain_text("Ada Admin is writing a reply")
    ben.page.reload()
    expect(ben.page.locator("#my-btnpostreply")).to_be_disabled()


def test_text_from_outside_is_only_text(sit: Sit, behind: Deskside) -> None:
    behind.shelf.ticket("1", minute=90, subject=HOSTILE, client=HOSTILE, agent_name=HOSTILE)
    behind.shelf.check("1", headline=HOSTILE)
    ada = sit(ADA)
    ada.page.on("dialog", lambda dialog: ada.complaints.append(dialog.message))
    expect(ada.panel).to_contain_text("<script>alert('x')</script>")
    assert ada.panel.locator("img, script, iframe, style").count() == 0


def test_even_a_fragment_with_markup_of_its_own_brings_nothing_active(sit: Sit) -> None:
    ada = sit(ADA)
    ada.page.on("dialog", lambda dialog: ada.complaints.append(dialog.message))
    found = ada.page.evaluate(
        """() => { const box = document.createElement('div');
        box.appendChild(Deskside.clean('<img src=x onerror=alert(1)><svg onload=alert(2)></svg><p onclick="alert(3)"'
          + ' style="color:red" class="a">t<a href="javascript:alert(4)">l</a></p><form action="/x"><b>f</b></form>'));
        document.body.appendChild(box); return box.innerHTML; }"""
    )
    assert found == '<p class="a">t<a>l</a></p>'


def test_above_the_list_stands_the_queue(chromium: Browser, whmcs: Whmcs, sit: Sit) -> None:
    ada = sit(ADA)
    ada.field.press_sequentially("I will")
    expect(ada.notice).to_contain_text("You are writing")
    with window(chromium, whmcs.admin(BEN), whmcs.admin_path("supporttickets.php")) as ben:
        entries = ben.page.locator(".deskside-queue > li")
        expect(entries).to_have_count(2)
        expect(entries.nth(0)).to_contain_text("All is lost")
        expect(entries.nth(1)).to_contain_text("Ada Admin is writing a reply")
        expect(entries.nth(0)).to_contain_text(re.compile(r"\+72\sh"))
        assert ben.complaints == []
