"""The doubles of push services and desktop are like the real ones: real browsers take what a public library sends."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from py_vapid import Vapid

from tests.doubles.application_server import new_key, public_text, send
from tests.doubles.autopush import Autopush
from tests.doubles.notifications import Desktop, Shown
from tests.e2e.browsers.driver import wait_until
from tests.e2e.browsers.firefox import Firefox
from tests.e2e.conftest import Engine
from tests.e2e.playground import Playground, playground

KEY = new_key()
Subscription = dict[str, Any]


@pytest.fixture(scope="session")
def page() -> Iterator[Playground]:
    with playground() as served:
        yield served


@pytest.fixture
def autopush(mozilla: tuple[Autopush, str]) -> Autopush:
    return mozilla[0]


@pytest.fixture
def subscription(engine: Engine, page: Playground) -> Iterator[Subscription]:
    """Of the tab of the browser at hand, with `KEY`."""
    yield from subscribed(engine.driver, page)


@pytest.fixture
def firefox_subscription(push_firefox: Firefox, page: Playground) -> Iterator[Subscription]:
    yield from subscribed(push_firefox, page)


def subscribed(driver: Any, page: Playground) -> Iterator[Subscription]:
    driver.allow_notifications(page.origin)
    driver.close_others()
    driver.open(f"{page.origin}/")
    yield driver.evaluate(f"subscribe('{public_text(KEY)}')")
    driver.evaluate("unsubscribe()")


def titled(title: str) -> Any:
    """Whether a notification has this title."""
    return lambda shown: shown.title == title


def fresh(text: str) -> str:
    """A text that was never sent before."""
    return f"{text} {uuid.uuid4().hex[:8]}"


def shown(desktop: Desktop, subscription: Subscription, key: Vapid = KEY) -> Shown:
    """A notification that has just arrived."""
    text = fresh("Grüße")
    assert send(subscription, text, key).status_code == 201
    return desktop.shown.wait(titled(text))


def test_a_message_is_decrypted_by_the_worker_and_shown_by_the_desktop(
    subscription: Subscription, push_desktop: Desktop
) -> None:
    notification = shown(push_desktop, subscription)
    assert "wörld" in notification.body
    assert {"Open", "Later"} <= set(notification.buttons.values())


def test_a_click_opens_the_page(
    engine: Engine, subscription: Subscription, page: Playground, push_desktop: Desktop
) -> None:
    notification = shown(push_desktop, subscription)
    push_desktop.click(notification)
    said = page.reports.wait(lambda report: report.get("title") == notification.title)
    assert (said["what"], said["action"]) == ("click", "")
    wait_until(lambda: [address for address in engine.driver.addresses() if "/opened?" in address], "the page opens")


def test_a_button_says_which_it_was(subscription: Subscription, page: Playground, push_desktop: Desktop) -> None:
    notification = shown(push_desktop, subscription)
    push_desktop.click(notification, notification.button("Later"))
    said = page.reports.wait(lambda report: report.get("title") == notification.title)
    assert (said["what"], said["action"]) == ("click", "later")


def test_a_message_without_a_body_wakes_the_worker(
    subscription: Subscription, page: Playground, push_desktop: Desktop
) -> None:
    before = len(push_desktop.shown)
    assert send(subscription, None, KEY).status_code == 201
    push_desktop.shown.wait(titled("nothing said"), since=before)


def test_the_largest_message_passes_and_one_byte_more_does_not(
    engine: Engine, subscription: Subscription, page: Playground
) -> None:
    text = fresh("").ljust(3993, "x")
    assert send(subscription, text, KEY).status_code == 201
    assert page.reports.wait(lambda report: report.get("text") == text)
    assert send(subscription, text + "x", KEY).status_code == 413
    assert [len(post.body) for post in engine.requests.posts][-2:] == [4096, 4097]


def test_another_key_than_that_of_the_subscription_is_refused(engine: Engine, subscription: Subscription) -> None:
    assert send(subscription, "hello", new_key()).status_code == {"firefox": 401, "chromium": 403}[engine.name]


def test_an_endpoint_that_was_given_up_is_gone(engine: Engine, page: Playground) -> None:
    life = subscribed(engine.driver, page)
    subscription = next(life)
    with pytest.raises(StopIteration):
        next(life)
    wait_until(lambda: send(subscription, "hello", KEY).status_code == 410, "the service hears of it")


def test_a_service_that_lost_a_browser_makes_it_subscribe_anew(
    firefox_subscription: Subscription, autopush: Autopush, page: Playground, push_desktop: Desktop
) -> None:
    before = len(page.reports)
    autopush.forget_browsers()
    said = page.reports.wait(lambda report: report["what"] == "resubscribed", since=before)
    assert said["subscription"]["endpoint"] != firefox_subscription["endpoint"]
    assert send(firefox_subscription, "hello", KEY).status_code == 410
    assert shown(push_desktop, said["subscription"])


def test_a_browser_that_was_away_gets_what_waited_and_not_what_was_for_at_once(
    firefox_subscription: Subscription, autopush: Autopush, push_desktop: Desktop
) -> None:
    before, waiting = len(push_desktop.shown), fresh("waits")
    with autopush.offline():
        assert send(firefox_subscription, "at once or never", KEY, ttl=0).status_code == 201
        assert send(firefox_subscription, waiting, KEY, ttl=60).status_code == 201
        assert len(push_desktop.shown) == before
    push_desktop.shown.wait(titled(waiting))
    last = shown(push_desktop, firefox_subscription)
    assert [notification.title for notification in push_desktop.shown][before:] == [waiting, last.title]


def test_a_waiting_message_gives_way_to_a_newer_one_of_its_topic(
    firefox_subscription: Subscription, autopush: Autopush, push_desktop: Desktop
) -> None:
    before, newer, other = len(push_desktop.shown), fresh("newer"), fresh("other")
    with autopush.offline():
        send(firefox_subscription, "older", KEY, headers={"Topic": "news"})
        send(firefox_subscription, other, KEY, headers={"Topic": "weather"})
        send(firefox_subscription, newer, KEY, headers={"Topic": "news"})
    last = push_desktop.shown.wait(titled(newer)), push_desktop.shown.wait(titled(other))
    assert len(push_desktop.shown) == before + len(last)


def test_a_body_that_nobody_can_read_is_told_as_such(
    firefox_subscription: Subscription, autopush: Autopush, page: Playground
) -> None:
    before = len(autopush.acks)
    # Encrypted for another browser's keys.
    stranger = {**firefox_subscription, "keys": {**firefox_subscription["keys"], "auth": "AAAAAAAAAAAAAAAAAAAAAA"}}
    assert send(stranger, "hello", KEY).status_code == 201
    assert autopush.acks.wait(since=before)["code"] == 101
