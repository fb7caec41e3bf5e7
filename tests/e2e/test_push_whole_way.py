"""Web push from a yes on our page to a click that is counted: our page, worker, store and sender, in real browsers.

Nothing is simulated but the push services, which are on loopback, and the desktop that shows notifications.
"""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from deskside import app
from deskside.store import migrate
from deskside.store.database import Row, open_database, reading, utc_now
from deskside.store.push_tables import push, send, subscription
from jobs.push import LANE
from push.campaigns import drafts
from push.campaigns.definition import Draft
from push.model import Button, Content, Kind, Variant
from push.sending.gates import manners
from push.wire import vapid
from tests.doubles.autopush import Autopush
from tests.doubles.certificates import root
from tests.doubles.fcm import Fcm
from tests.doubles.notifications import Desktop, Shown
from tests.e2e.browsers.driver import Driver, wait_until
from tests.e2e.browsers.firefox import Firefox
from tests.e2e.conftest import Engine
from tests.running import running

OPS = "ann"


class Deskside:
    """One that runs, and what ops do with it."""

    def __init__(self, parts: app.Parts, url: str) -> None:
        self._parts, self.url = parts, url

    def campaign(self, title: str, kind: Kind = Kind.SERVICE) -> int:
        """A campaign for everybody, at once; its number."""
        content = Content(
            title,
            "Grüße & <b>so on</b>",
            f"{self.url}/push/?opened={title}",
            buttons=(
                Button("Open", f"{self.url}/push/?first={title}"),
                Button("More", f"{self.url}/push/?more={title}"),
            ),
        )
        settings = self._parts.context.push
        assert settings is not None
        with self._parts.database.begin() as connection:
            draft = Draft(title, kind, (Variant("A", {"en": content}),))
            number = drafts.create(connection, draft, OPS, utc_now())
            drafts.schedule_it(connection, number, manners(settings), utc_now())
            # The clock's next look would be some seconds away.
            self._parts.context.engine.enqueue(connection, "push.tick", lane=LANE)
        return number

    def copies(self, number: int) -> list[Row]:
        """The messages of a campaign that left, with what is known of each."""
        query = sa.select(push).join(send, send.c.id == push.c.send).where(send.c.campaign == number)
        with reading(self._parts.database) as connection:
            return list(connection.execute(query))

    def copy(self, number: int, state: str) -> Row:
        """The only message of a campaign, once it has this state."""
        (found,) = wait_until(
            lambda: [row for row in self.copies(number) if row.state == state], f"a message is {state}"
        )
        return found

    def browsers(self) -> list[Row]:
        """The subscriptions that are alive."""
        with reading(self._parts.database) as connection:
            return list(connection.execute(sa.select(subscription).where(subscription.c.state == "alive")))


@pytest.fixture(scope="module")
def deskside(
    tmp_path_factory: pytest.TempPathFactory, mozilla: tuple[Autopush, str], google: tuple[Fcm, list[str]]
) -> Iterator[Deskside]:
    """One that may post to both push services."""
    folder = tmp_path_factory.mktemp("push")
    (folder / "root.pem").write_bytes(root().pem)
    services = [service.origin.removeprefix("https://") for service in (mozilla[0], google[0])]
    environment = {
        "DESKSIDE_PUSH__VAPID_PRIVATE_KEY": vapid.private_text(vapid.generate()),
        "DESKSIDE_PUSH__SUBJECT": "mailto:ops@example.com",
        "DESKSIDE_PUSH__ENDPOINTS": ",".join(services),
        "DESKSIDE_PUSH__CA_FILE": str(folder / "root.pem"),
        # The tests run at any hour, one after the other.
        "DESKSIDE_PUSH__QUIET": "",
        "DESKSIDE_PUSH__GAP_MINUTES": "0",
    }
    database_url = f"sqlite:///{folder}/deskside.db"
    database = open_database(database_url)
    migrate.upgrade(database)
    database.dispose()
    with running(database_url, environment) as (parts, url):
        yield Deskside(parts, url)


def say_yes(driver: Driver, deskside: Deskside) -> None:
    """Open our page and turn notifications on."""
    driver.allow_notifications(deskside.url)
    driver.close_others()
    driver.open(f"{deskside.url}/push/")
    wait_for(driver, "ask")
    driver.click("form button.main")
    wait_for(driver, "on")


def say_no(driver: Driver, deskside: Deskside) -> None:
    """Turn them off again, if they are on."""
    driver.open(f"{deskside.url}/push/")
    wait_until(lambda: state(driver) in {"on", "ask"}, "the page says how things are")
    if state(driver) == "on":
        driver.click("[data-off]")
        wait_for(driver, "off")


def state(driver: Driver) -> str:
    """What our page shows."""
    return str(driver.evaluate("document.querySelector('[data-push]').dataset.shown ?? ''"))


def wait_for(driver: Driver, wanted: str) -> None:
    """Wait until our page shows this."""
    wait_until(lambda: state(driver) == wanted, f"the page shows {wanted}; it shows {state(driver)}")


@pytest.fixture
def subscribed(engine: Engine, deskside: Deskside) -> Iterator[Engine]:
    """A browser whose user said yes, and no in the end."""
    say_yes(engine.driver, deskside)
    yield engine
    say_no(engine.driver, deskside)


@pytest.fixture
def subscribed_firefox(push_firefox: Firefox, deskside: Deskside) -> Iterator[Firefox]:
    say_yes(push_firefox, deskside)
    yield push_firefox
    say_no(push_firefox, deskside)


def shown(desktop: Desktop, title: str) -> Shown:
    """The notification of a campaign."""
    return desktop.shown.wait(lambda notification: notification.title == title)


def test_a_promo_is_shown_and_its_click_counted(subscribed: Engine, deskside: Deskside, push_desktop: Desktop) -> None:
    title = f"Promo-{subscribed.name}"
    number = deskside.campaign(title, Kind.PROMO)
    notification = shown(push_desktop, title)
    assert "Grüße" in notification.body
    wait_until(lambda: deskside.copy(number, "accepted").shown_at, "the showing is counted")
    assert deskside.copy(number, "accepted").clicked_at is None
    push_desktop.click(notification)
    wait_until(lambda: deskside.copy(number, "accepted").clicked_at, "the click is counted")
    assert deskside.copy(number, "accepted").button is None
    wait_until(lambda: f"{deskside.url}/push/?opened={title}" in subscribed.driver.addresses(), "the page opens")


def test_a_button_leads_to_its_own_page_and_is_counted_as_itself(
    subscribed: Engine, deskside: Deskside, push_desktop: Desktop
) -> None:
    title = f"Buttons-{subscribed.name}"
    number = deskside.campaign(title)
    notification = shown(push_desktop, title)
    push_desktop.click(notification, notification.button("More"))
    wait_until(lambda: deskside.copy(number, "accepted").clicked_at, "the click is counted")
    assert deskside.copy(number, "accepted").button == 1
    wait_until(lambda: f"{deskside.url}/push/?more={title}" in subscribed.driver.addresses(), "the page opens")


def test_what_leaves_is_padded_signed_and_over_http_2(
    subscribed: Engine, deskside: Deskside, push_desktop: Desktop
) -> None:
    title = f"Wire-{subscribed.name}"
    before = len(subscribed.requests.posts)
    deskside.campaign(title)
    shown(push_desktop, title)
    post = subscribed.requests.posts.wait(since=before)
    assert (post.status, post.http_version) == (201, "2")
    assert len(post.body) % 256 == (86 + 1 + 16) % 256
    assert 0 < int(post.headers["ttl"]) <= 24 * 3600
    assert len(post.headers["topic"]) == 32


def test_a_browser_that_was_turned_off_gets_nothing_more(engine: Engine, deskside: Deskside) -> None:
    say_yes(engine.driver, deskside)
    say_no(engine.driver, deskside)
    assert deskside.browsers() == []


def test_a_service_that_says_gone_ends_a_subscription(subscribed: Engine, deskside: Deskside) -> None:
    with subscribed.requests.answering(410):
        deskside.copy(deskside.campaign(f"Gone-{subscribed.name}"), "gone")
    assert deskside.browsers() == []


def test_a_visit_brings_back_a_browser_that_was_given_up_by_mistake(
    subscribed: Engine, deskside: Deskside, push_desktop: Desktop
) -> None:
    with subscribed.requests.answering(410):
        deskside.copy(deskside.campaign(f"Lost-{subscribed.name}"), "gone")
    subscribed.driver.open(f"{deskside.url}/push/")
    wait_for(subscribed.driver, "on")
    title = f"Found-{subscribed.name}"
    deskside.campaign(title)
    assert shown(push_desktop, title)


def test_a_browser_whose_service_forgot_it_tells_of_its_new_endpoint_by_itself(
    subscribed_firefox: Firefox, deskside: Deskside, mozilla: tuple[Autopush, str], push_desktop: Desktop
) -> None:
    (before,) = deskside.browsers()
    mozilla[0].forget_browsers()
    wait_until(lambda: [row for row in deskside.browsers() if row.endpoint != before.endpoint], "it tells")
    (after,) = deskside.browsers()
    assert after.subscriber == before.subscriber
    deskside.campaign("Renewed")
    assert shown(push_desktop, "Renewed")


def test_a_browser_that_was_away_gets_only_the_newest_of_one_tag(
    subscribed_firefox: Firefox, deskside: Deskside, mozilla: tuple[Autopush, str], push_desktop: Desktop
) -> None:
    before = len(push_desktop.shown)
    with mozilla[0].offline():
        deskside.copy(deskside.campaign("Waiting"), "accepted")
    assert shown(push_desktop, "Waiting")
    assert len(push_desktop.shown) == before + 1
