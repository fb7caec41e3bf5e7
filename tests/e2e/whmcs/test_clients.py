"""A client sees the own place on the own ticket."""

from decimal import Decimal

import pytest
from playwright.sync_api import Browser, expect

from deskside.model.boost import Offer, Offers
from tests.adapters.whmcs.addon.receiving import Deskside
from tests.doubles.whmcs_server import Whmcs
from tests.e2e.whmcs.conftest import window


@pytest.fixture
def link(whmcs: Whmcs, behind: Deskside) -> str:
    """Where Cleo's ticket is."""
    behind.shelf.ticket("7", minute=0, client="Otto O'Other")
    behind.shelf.ticket("1", minute=10, client_id="1", client="Cleo Client")
    row = whmcs.table("tbltickets")[0]
    return f"/viewticket.php?tid={row['tid']}&c={row['c']}"


def test_a_client_sees_place_and_promise_in_the_own_time(chromium: Browser, whmcs: Whmcs, link: str) -> None:
    with window(chromium, whmcs.client(1), link, timezone_id="Asia/Kolkata") as cleo:
        place = cleo.page.locator(".deskside-client")
        expect(place).to_contain_text("Number 2 in line")
        expect(place).to_contain_text("Nobody can newly go ahead of you after")
        expect(place.locator("time")).not_to_contain_text("UTC")
        above = cleo.page.evaluate("document.querySelector('#main-body').firstElementChild.className")
        assert "deskside-client" in above


def test_who_else_has_the_link_sees_the_ticket_and_no_place(chromium: Browser, whmcs: Whmcs, link: str) -> None:
    with window(chromium, whmcs.stranger(), link) as stranger:
        expect(stranger.page.locator("#main-body")).to_contain_text("Since this morning.")
        assert stranger.page.locator(".deskside").count() == 0


def test_without_deskside_the_page_is_as_ever(chromium: Browser, whmcs: Whmcs, behind: Deskside, link: str) -> None:
    behind.go()
    with window(chromium, whmcs.client(1), link) as cleo:
        expect(cleo.page.locator("#main-body")).to_contain_text("Since this morning.")
        expect(cleo.page.locator(".deskside-client")).to_be_hidden()


def test_the_offer_of_pushes_does_no_harm_before_there_are_any(
    chromium: Browser, whmcs: Whmcs, behind: Deskside, link: str
) -> None:
    with window(chromium, whmcs.client(1), "about:blank") as cleo:
        errors: list[str] = []
        cleo.page.on("pageerror", lambda error: errors.append(str(error)))
        with cleo.page.expect_event("requestfailed", lambda request: request.url == f"{behind.url}/push/deskside.js"):
            cleo.page.goto(link)
        expect(cleo.page.locator(".deskside-client")).to_contain_text("Number 2 in line")
        assert errors == []


def test_a_client_buys_a_better_place(chromium: Browser, whmcs: Whmcs, behind: Deskside) -> None:
    behind.shelf.ticket("9", minute=0)
    behind.shelf.ticket("1", minute=10, client_id="1")
    behind.wiring.boost_offers = Offers((Offer("front", Decimal("9.00"), "EUR", 2, 1),))
    row = next(row for row in whmcs.table("tbltickets") if row["id"] == 1)
    path = f"/viewticket.php?tid={row['tid']}&c={row['c']}"
    with window(chromium, whmcs.client(1), path) as desk:
        button = desk.page.get_by_role("button", name="To the front, place 1 instead of 2, for €9.00")
        # On a busy machine the first look may have come to nothing.
        with desk.page.expect_response("**action=place"):
            desk.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(button).to_be_visible()
        desk.page.once("dialog", lambda dialog: dialog.dismiss())
        button.click()
        assert behind.wiring.boosts == []
        desk.page.once("dialog", lambda dialog: dialog.accept())
        with desk.page.expect_response("**action=boost.ask"):
            button.click()
        (wanted,) = behind.wiring.boosts
        assert (wanted["ticket"], wanted["kind"], wanted["expected"]) == ("1", "front", 1)
