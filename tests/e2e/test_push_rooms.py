"""The screens of chains, digests and polls in a real browser, on a desk and on a phone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from deskside.store.database import utc_now
from deskside.store.push_tables import push
from push.chains import by_hand, store
from push.digests import drafts
from push.polls import polls, votes
from push.sending import gates
from tests.e2e.conftest import Server, Window, open_window, sign_in
from tests.e2e.test_push_pages import server, world
from tests.push.chains import people as chains
from tests.push.digests.stories import HOUR, Desk, entry, settings
from tests.push.polls.test_polls import ASKED
from tests.push.sending.world import World
from tests.webhooks.desk import HOSTILE

__all__ = ["server", "world"]
LONG = "w" * 110


def write_step(page: Page, step: int, title: str) -> None:
    page.locator(f'[name="s{step}-en-title"]').fill(title)
    page.locator(f'[name="s{step}-en-url"]').fill("https://portal.example/hello")


def test_a_chain_is_written_let_in_edited_and_run_dry(window: Window, world: World) -> None:
    world.crowd(3)
    page = window.page
    page.get_by_role("link", name="Push").click()
    page.get_by_role("link", name="Chains").click()
    page.get_by_role("link", name="New chain").click()
    page.get_by_label("Name").fill("Welcome")
    page.get_by_label("Entry").select_option("manual")
    write_step(page, 0, "Hello")
    page.get_by_role("button", name="Add a step").click()
    write_step(page, 1, "Tips")
    page.get_by_role("button", name="Keep the draft").click()
    page.locator("#sure-activate summary").click()
    page.get_by_role("button", name="Yes, let people in").click()
    page.locator("#sure-enter summary").click()
    page.get_by_role("button", name="Let them in").click()
    expect(page.locator(".totals")).to_contain_text("3inside")

    page.get_by_role("link", name="Edit").click()
    page.locator('[name="s0-key"]').fill("greeting")
    page.get_by_role("button", name="See whom it touches").click()
    expect(page.locator("#review")).to_contain_text("Wait for a step that is gone")
    page.get_by_label("They go on in the new version").check()
    page.get_by_role("button", name="Keep it as version 2").click()
    expect(page.locator("#steps")).to_contain_text("version 2")

    page.get_by_role("link", name="Dry run").click()
    page.get_by_label("Time zone of the made-up one").fill("Europe/Berlin")
    page.get_by_label("Enters on").fill("2027-03-27")
    page.get_by_role("button", name="Run it dry").click()
    expect(page.locator("#line")).to_contain_text("the clocks move by +1 h")


def test_a_poll_is_made_asked_and_closed(window: Window, world: World) -> None:
    world.crowd(2)
    page = window.page
    page.goto("/polls/new")
    page.get_by_label("Question").fill("Was this useful?")
    page.get_by_label("Option 1").fill("Yes")
    page.get_by_label("Option 2").fill("No")
    page.get_by_role("button", name="Make the poll").click()
    page.locator("#sure-ask summary").click()
    page.get_by_role("button", name="Yes, ask them").click()
    expect(page.locator("#asked")).to_contain_text("everybody")
    page.locator("#sure-close summary").click()
    page.get_by_role("button", name="Yes, close it").click()
    expect(page.locator(".heading")).to_contain_text("closed")


@pytest.fixture
def filled(world: World) -> World:
    """Something in each room, with names as long and as hostile as they may be."""
    people = world.crowd(12)
    now = world.hand.now
    with world.database.begin() as connection:
        steps = {
            "steps": [
                chains.step("hello", after={"minutes": 5}, clicked="thanks"),
                chains.step("tips", after={"days": 2}, window="11:00-14:00", days=[0, 1], following=""),
                chains.step("thanks" + "s" * 34),
            ]
        }
        steps["steps"][0]["clicked"] = "thanks" + "s" * 34
        row = chains.chain(connection, steps, name=LONG, entry="manual")
        by_hand.enter(connection, row, "", gates.Manners(world.manners.zone), now)
        store.create(connection, name="Only a draft", entry="manual", definition=steps, by="ann", now=now)
        desk = Desk(connection)
        names = ("A new data centre in Helsinki", "IPv6 for every plan", HOSTILE, LONG, "Backups twice a day")
        published = utc_now() - 3 * HOUR
        found = [entry(f"e{number}", title=name, published_at=published) for number, name in enumerate(names)]
        desk.found(*found, at=utc_now() - 2 * HOUR)
        drafts.make(connection, settings(), utc_now(), "ann")
        drafts.make(connection, settings(), utc_now(), "ann")
        number = polls.create(connection, LONG, polls.Question(ASKED.question, ASKED.options, True), "ann", now)
        poll = polls.get(connection, number)
        assert poll is not None
        for place, person in enumerate(people):
            votes.vote(connection, poll, person, "o0" if place % 3 else "o2", now, HOSTILE if place < 2 else None)
        for place, row in enumerate(chains.sends(connection)):
            copy = {"send": row.id, "subscription": 1, "origin": "https://push.example", "state": "accepted"}
            seen = {"shown_at": now if place < 9 else None, "clicked_at": now if place < 4 else None}
            connection.execute(sa.insert(push).values(**copy, **seen, token=f"t{row.id}", tried_at=now))
            chains.settle(connection, row, now)
    return world


@pytest.fixture
def pictures(tmp_path: Path) -> Iterator[Path]:
    """Where a picture of each page goes."""
    yield tmp_path


PATHS = {
    "chains": "/chains",
    "chain": "/chains/1",
    "chain-edit": "/chains/1/edit",
    "chain-dry": "/chains/1/rehearsal?zone=Europe/Berlin&day=2027-03-26&time=21:00&click=hello",
    "digests": "/digests",
    "source": "/digests/sources/1",
    "source-new": "/digests/sources/new?kind=feed",
    "polls": "/polls",
    "poll": "/polls/1",
    "poll-new": "/polls/new",
}


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_page_scrolls_sideways_and_none_complains(
    chromium: Browser, server: Server, filled: World, pictures: Path, width: int
) -> None:
    context, window = open_window(chromium, server, viewport={"width": width, "height": 800})
    page = window.page
    sign_in(page)
    for name, path in PATHS.items():
        page.goto(path)
        page.screenshot(path=pictures / f"{name}-{width}.png", full_page=True)
        page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    context.close()
    assert window.complaints == []
