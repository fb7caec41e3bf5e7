"""The stock script of the double's ticket page, in a real browser: what an addon's own script has to live with."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.doubles.whmcs_server import Whmcs, missing, running_whmcs

TICKET = "/admin/supporttickets.php?action=view&id=1"
BLOCK = """
document.addEventListener('submit', function (event) {
    if (event.target.querySelector('[name=postreply][value="1"]')) {
        event.preventDefault();
        event.stopImmediatePropagation();
        document.title = 'held';
    }
}, true);
"""


@pytest.fixture
def whmcs() -> Iterator[Whmcs]:
    if missing():
        pytest.skip(missing())
    with running_whmcs() as whmcs:
        yield whmcs


def page_of(chromium: Browser, whmcs: Whmcs, admin: int) -> Page:
    context = chromium.new_context(base_url=whmcs.base_url)
    context.add_cookies(whmcs.admin(admin).browser_cookies)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(TICKET)
    return page


def test_a_reply_is_validated_and_then_posted(chromium: Browser, whmcs: Whmcs) -> None:
    page = page_of(chromium, whmcs, 1)
    page.fill("#replymessage", "It's done")
    page.click("#btnPostReply")
    expect(page.locator("#ticketreplies")).to_contain_text("It's done")
    assert whmcs.table("tblticketreplies")[0]["admin"] == "Ada Admin"
    page.context.close()


def test_a_ticket_that_changed_meanwhile_asks_and_may_be_clicked_through(chromium: Browser, whmcs: Whmcs) -> None:
    page = page_of(chromium, whmcs, 1)
    whmcs.local_api("AddTicketReply", ticketid=1, clientid=1, message="One more thing")
    page.fill("#replymessage", "It's done")
    page.click("#btnPostReply")
    expect(page.locator("#ticketChangedDialog")).to_contain_text("A new reply has been posted")
    assert len(whmcs.table("tblticketreplies")) == 1
    page.click("#ticketChangedDialog .continue")
    expect(page.locator("#ticketreplies")).to_contain_text("It's done")
    page.context.close()


def test_a_note_is_posted_without_validation(chromium: Browser, whmcs: Whmcs) -> None:
    page = page_of(chromium, whmcs, 1)
    page.fill("#replynote", "Look at the disk")
    page.click("#btnAddNote")
    expect(page.locator(".note")).to_contain_text("Look at the disk")
    page.context.close()


def test_focus_on_the_box_tells_the_others_and_leaving_ends_it(chromium: Browser, whmcs: Whmcs) -> None:
    ada = page_of(chromium, whmcs, 1)
    with ada.expect_response("**/supporttickets.php"):
        ada.focus("#replymessage")
    ben = page_of(chromium, whmcs, 2)
    expect(ben.locator("#replyingAdminMsg")).to_contain_text("Ada Admin viewed and started making a reply")
    ada.goto("/admin/index.php")  # leaves with a beacon, of which nobody waits for the end
    for _ in range(50):
        ben.reload()
        if ben.locator("#replyingAdminMsg").is_hidden():
            break
    expect(ben.locator("#replyingAdminMsg")).to_be_hidden()
    for page in (ada, ben):
        page.context.close()


@pytest.mark.parametrize("template", ["blend", "renamed"])
def test_a_capturing_handler_runs_before_the_stock_one(chromium: Browser, whmcs: Whmcs, template: str) -> None:
    whmcs.execute("UPDATE tbladmins SET template = ? WHERE id = 1", template)
    page = page_of(chromium, whmcs, 1)
    page.add_script_tag(content=BLOCK)
    posted: list[str] = []
    page.on("request", lambda request: posted.append(request.post_data or ""))
    stock = template == "blend"
    box, button = ("#replymessage", "#btnPostReply") if stock else ("#my-replymessage", "#my-btnpostreply")
    page.fill(box, "Not yet")
    page.click(button)
    expect(page).to_have_title("held")
    assert page.input_value(box) == "Not yet"
    assert whmcs.table("tblticketreplies") == []
    assert not any("validatereply" in body for body in posted)
    page.context.close()
