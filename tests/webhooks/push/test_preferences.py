"""A person's own page behind a link."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from deskside.store.database import reading, utc_now
from deskside.store.push_tables import consent, subscriber, subscription
from push.subscribers import tokens
from tests.webhooks.desk import HOSTILE
from tests.webhooks.push.browser import Browser, signed

Browsers = Callable[[], Browser]


def link(browser: Browser) -> str:
    """The page of whoever agrees in this browser."""
    found: str = browser.agree("news", identity=signed("ann")).get_json()["preferences"]
    return urlsplit(found).path


@pytest.fixture
def path(browser: Browser) -> str:
    return link(browser)


@pytest.fixture
def client(browser: Browser) -> FlaskClient:
    return browser.client


def person(database: sa.Engine) -> sa.Row[tuple[object, ...]]:
    with reading(database) as connection:
        return connection.execute(sa.select(subscriber)).one()


def text(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True).replace("\N{NO-BREAK SPACE}", " ")


def test_the_page_shows_what_was_chosen(client: FlaskClient, path: str) -> None:
    page = text(client, path)
    assert 'value="news" checked' in page
    assert 'value="outages" checked' not in page
    assert "22:00 to 08:00" in page and "Europe/Berlin" in page
    assert "Retired" not in page


def test_wishes_are_kept(client: FlaskClient, path: str, database: sa.Engine) -> None:
    wishes = {"topic": ["outages"], "language": "ru", "per_week": "2", "quiet_from": "23:30", "quiet_to": "06:15"}
    answer = client.post(path, data=wishes)
    assert answer.status_code == 303
    assert "Сохранено." in text(client, answer.headers["Location"])
    row = person(database)
    assert (row.language, row.per_week, row.quiet_from, row.quiet_to) == ("ru", 2, 23 * 60 + 30, 6 * 60 + 15)
    with reading(database) as connection:
        last = connection.execute(sa.select(consent).order_by(consent.c.id.desc())).first()
    assert last is not None and (last.action, last.topics) == ("changed", ["outages"])


def test_an_empty_form_is_the_portals_own_manner(client: FlaskClient, path: str, database: sa.Engine) -> None:
    client.post(path, data={"quiet_from": "23:30", "quiet_to": "06:15", "per_week": "2"})
    client.post(path, data={"per_week": "", "quiet_from": "", "quiet_to": ""})
    row = person(database)
    assert (row.per_week, row.quiet_from, row.quiet_to) == (None, None, None)


@pytest.mark.parametrize("quiet", [("23:30", ""), ("08:00", "08:00"), ("25:00", "07:00"), ("soon", "later")])
def test_quiet_hours_that_are_none_bring_the_form_back(
    client: FlaskClient, path: str, database: sa.Engine, quiet: tuple[str, str]
) -> None:
    answer = client.post(path, data={"topic": ["outages"], "quiet_from": quiet[0], "quiet_to": quiet[1]})
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "Give two different times" in page
    assert f'value="{quiet[0]}"' in page and 'value="outages" checked' in page
    assert person(database).quiet_from is None


def test_values_nobody_offered_are_not_kept(client: FlaskClient, path: str, database: sa.Engine) -> None:
    client.post(path, data={"per_week": "-3", "language": "xx", "topic": ["retired", HOSTILE]})
    row = person(database)
    assert (row.per_week, row.language) == (None, "en")


def test_a_pause_and_its_end(client: FlaskClient, path: str, database: sa.Engine) -> None:
    client.post(f"{path}/pause", data={"weeks": "4"})
    until = person(database).paused_until
    assert until is not None and 27 <= (until - utc_now()).days <= 28
    assert "Paused until" in text(client, path)
    client.post(f"{path}/pause", data={"weeks": "0"})
    assert person(database).paused_until is None
    client.post(f"{path}/pause", data={"weeks": "4000"})
    assert person(database).paused_until is None


def test_one_browser_is_stopped_and_then_all(browsers: Browsers, database: sa.Engine) -> None:
    one, other = browsers(), browsers()
    path = link(one)
    link(other)
    with reading(database) as connection:
        ids = connection.scalars(sa.select(subscription.c.id).order_by(subscription.c.id)).all()
    one.client.post(f"{path}/stop", data={"browser": str(ids[1])})
    assert other.visit().get_json()["left"] is True
    assert one.visit().get_json()["subscribed"] is True
    one.client.post(f"{path}/stop", data={"browser": "all"})
    assert one.visit().get_json()["left"] is True
    assert "You get no more notifications" in text(one.client, path)
    assert person(database).left_at is not None


def test_a_browser_of_somebody_else_cannot_be_stopped(browser: Browser, browsers: Browsers, path: str) -> None:
    other = browsers()
    other.agree(identity=signed("bob"))
    browser.client.post(f"{path}/stop", data={"browser": "2"})
    assert other.visit().get_json()["subscribed"] is True


def test_their_data_holds_all_but_what_could_be_sent_to(client: FlaskClient, path: str, browser: Browser) -> None:
    answer = client.get(f"{path}/data.json")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    found = answer.get_json()
    assert found["person"]["person"] == "ann"
    assert found["topics"] == ["news"]
    assert [item["action"] for item in found["consent"]] == ["given"]
    assert found["browsers"][0]["push_service"] == "https://fcm.googleapis.com"
    assert browser.endpoint not in answer.get_data(as_text=True)
    assert browser.auth not in answer.get_data(as_text=True)


def test_deleted_is_deleted(client: FlaskClient, path: str, database: sa.Engine, browser: Browser) -> None:
    assert "Everything is deleted" in client.post(f"{path}/delete").get_data(as_text=True)
    with reading(database) as connection:
        assert [connection.scalar(sa.select(sa.func.count()).select_from(table)) for table in (
            subscriber, subscription, consent,
        )] == [0, 0, 0]  # fmt: skip
    for answer in (client.get(path), client.post(path), client.get(f"{path}/data.json"), client.post(f"{path}/stop")):
        assert answer.status_code == 404
    assert browser.visit(identity=signed("ann")).get_json()["subscribed"] is False


@pytest.mark.parametrize("token", ["x", "WzFd.rubbish", tokens.preferences("another secret", 1), "x" * 500])
def test_a_link_that_is_not_ours_leads_nowhere(client: FlaskClient, path: str, token: str) -> None:
    answer = client.get(f"/push/preferences/{token}")
    assert answer.status_code == 404
    assert "This link leads nowhere" in answer.get_data(as_text=True)


def test_looking_changes_nothing(client: FlaskClient, path: str, database: sa.Engine) -> None:
    before = person(database)
    for what in ("", "/data.json", "?done=stopped", "?weeks=4"):
        client.get(path + what)
    assert person(database) == before


def test_the_address_is_told_to_nobody(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Set-Cookie" not in headers


def test_too_many_looks_are_answered_as_a_page_for_visitors(client: FlaskClient, path: str) -> None:
    answer = [client.get(path) for _ in range(61)][-1]
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "60"
    page = answer.get_data(as_text=True)
    assert "Acme Hosting" in page and "/queue" not in page
