"""A browser subscribes, visits, changes its endpoint, signs out, goes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from deskside.settings import Settings
from deskside.store.database import reading
from deskside.store.push_tables import consent, subscriber, subscription
from push.subscribers import registry
from tests.push.chains import people as chains
from tests.webhooks.desk import Asked, make_app
from tests.webhooks.push.browser import PORTAL, Browser, signed

Browsers = Callable[[], Browser]


def rows(database: sa.Engine, table: sa.Table) -> list[Any]:
    with reading(database) as connection:
        return list(connection.execute(sa.select(table).order_by(table.c.id)))


def alive(database: sa.Engine, person: str) -> int:
    """How many browsers of this user can be sent to."""
    with reading(database) as connection:
        ids = connection.scalars(sa.select(subscriber.c.id).where(subscriber.c.person == person)).all()
        return len(registry.devices(connection, ids))


def test_a_yes_is_kept_with_its_words_topics_and_source(browser: Browser, database: sa.Engine) -> None:
    answer = browser.agree("news", "outages", language="ru", source="portal")
    assert answer.status_code == 200
    said = answer.get_json()
    assert said["subscribed"] is True
    assert said["topics"] == ["news", "outages"]
    (person,) = rows(database, subscriber)
    assert (person.language, person.zone, person.source, person.person) == ("ru", "Europe/Berlin", "portal", None)
    (kept,) = rows(database, subscription)
    assert (kept.origin, kept.endpoint, kept.state) == ("https://fcm.googleapis.com", browser.endpoint, "alive")
    (given,) = rows(database, consent)
    assert (given.action, given.topics, given.language, given.source) == ("given", ["news", "outages"], "ru", "portal")
    assert "Acme Hosting может" in given.text


def test_the_words_kept_are_the_words_shown(browser: Browser, database: sa.Engine) -> None:
    shown = browser.client.get("/push/prompt?lang=en").get_json()["words"]
    assert browser.agree().status_code == 200
    assert rows(database, consent)[0].text == shown
    assert shown in browser.client.get("/push/?lang=en").get_data(as_text=True)


def test_topics_that_are_not_offered_are_not_chosen(browser: Browser) -> None:
    assert browser.agree("retired", "made up").get_json()["topics"] == []


def test_without_a_yes_an_unknown_browser_is_not_kept(browser: Browser, database: sa.Engine) -> None:
    assert browser.visit().get_json() == {"subscribed": False, "left": True}
    assert browser.visit(identity=signed("7")).get_json()["subscribed"] is False
    assert rows(database, subscription) == []


def test_a_visit_changes_nothing_but_the_time(browser: Browser, database: sa.Engine) -> None:
    browser.agree("news", language="ru")
    (before,) = rows(database, subscription)
    said = browser.visit(zone="Asia/Tokyo").get_json()
    assert said["subscribed"] is True and said["topics"] == ["news"]
    (after,) = rows(database, subscription)
    assert after.seen_at > before.seen_at
    (person,) = rows(database, subscriber)
    assert (person.zone, person.language) == ("Asia/Tokyo", "ru")
    assert len(rows(database, consent)) == 1


def test_a_zone_that_does_not_exist_is_not_kept(browser: Browser, database: sa.Engine) -> None:
    browser.agree(zone="Mars/Olympus")
    assert rows(database, subscriber)[0].zone == ""


def test_who_is_signed_in_is_known_from_the_portals_word(browser: Browser, database: sa.Engine) -> None:
    token = signed("7", client_id="acme", attributes={"plan": "pro"})
    assert browser.agree(identity=token).status_code == 200
    (person,) = rows(database, subscriber)
    assert (person.desk, person.person, person.client_id, person.attributes) == (
        "zendesk", "7", "acme", {"plan": "pro"},
    )  # fmt: skip


def test_signing_in_later_keeps_what_was_chosen_before(browser: Browser, database: sa.Engine) -> None:
    browser.agree("outages")
    assert browser.visit(identity=signed("7")).get_json()["topics"] == ["outages"]
    (person,) = rows(database, subscriber)
    assert person.person == "7"


def test_one_person_has_several_browsers(browsers: Browsers, database: sa.Engine) -> None:
    for browser in (browsers(), browsers()):
        browser.agree(identity=signed("7"))
    assert alive(database, "7") == 2
    assert len(rows(database, subscriber)) == 1


def test_an_anonymous_browser_joins_the_person_who_signs_in_there(browsers: Browsers, database: sa.Engine) -> None:
    at_work, at_home = browsers(), browsers()
    at_work.agree("news", identity=signed("7"))
    at_home.agree("outages")
    assert at_home.visit(identity=signed("7")).get_json()["topics"] == ["news", "outages"]
    assert alive(database, "7") == 2
    anonymous = rows(database, subscriber)[1]
    assert anonymous.left_at is not None


def test_a_shared_browser_goes_to_whoever_agreed(browser: Browser, browsers: Browsers, database: sa.Engine) -> None:
    browser.agree(identity=signed("ann"))
    browsers().agree(identity=signed("bob"))
    assert browser.visit(identity=signed("bob")).get_json()["subscribed"] is True
    assert (alive(database, "ann"), alive(database, "bob")) == (0, 2)


def test_a_shared_browser_is_silent_for_whoever_did_not_agree(browser: Browser, database: sa.Engine) -> None:
    browser.agree(identity=signed("ann"))
    assert browser.visit(identity=signed("bob")).get_json() == {"subscribed": False, "left": False}
    assert alive(database, "ann") == 0
    assert browser.visit(identity=signed("ann")).get_json()["subscribed"] is True
    assert alive(database, "ann") == 1


def test_signing_out_silences_a_browser_until_its_person_is_back(browser: Browser, database: sa.Engine) -> None:
    browser.agree(identity=signed("ann"))
    assert browser.end(signed_out=True).status_code == 204
    assert alive(database, "ann") == 0
    assert browser.visit().get_json()["subscribed"] is False
    assert browser.visit(identity=signed("ann")).get_json()["subscribed"] is True
    assert [row.action for row in rows(database, consent)] == ["given"]


def test_whoever_agrees_after_a_sign_out_is_somebody_else(browser: Browser, database: sa.Engine) -> None:
    browser.agree(identity=signed("ann"))
    browser.end(signed_out=True)
    browser.agree("outages")
    assert alive(database, "ann") == 0
    assert len(rows(database, subscriber)) == 2


def test_a_no_is_kept_and_no_visit_brings_the_browser_back(browser: Browser, database: sa.Engine) -> None:
    browser.agree(identity=signed("ann"))
    assert browser.end().status_code == 204
    (kept,) = rows(database, subscription)
    assert (kept.state, kept.endpoint, kept.p256dh, kept.auth) == ("left", "", b"", b"")
    assert [row.action for row in rows(database, consent)] == ["given", "withdrawn"]
    assert browser.visit(identity=signed("ann")).get_json() == {"subscribed": False, "left": True}
    browser.agree(identity=signed("ann"))
    assert alive(database, "ann") == 1
    assert rows(database, subscriber)[0].left_at is None


def test_the_first_browser_to_go_is_no_withdrawal_while_another_is_left(
    browsers: Browsers, database: sa.Engine
) -> None:
    one, other = browsers(), browsers()
    one.agree(identity=signed("ann"))
    other.agree(identity=signed("ann"))
    one.end()
    assert [row.action for row in rows(database, consent)] == ["given", "given", "changed"]
    other.end()
    assert rows(database, consent)[-1].action == "withdrawn"


def test_a_new_endpoint_takes_the_place_of_the_old_one(browser: Browser, database: sa.Engine) -> None:
    browser.agree("outages", identity=signed("ann"))
    old = browser.endpoint
    browser.new_endpoint()
    assert browser.visit(old=old).get_json()["topics"] == ["outages"]
    (kept,) = rows(database, subscription)
    assert kept.endpoint == browser.endpoint


def test_a_browser_whose_service_gave_it_up_is_told_to_subscribe_anew(browser: Browser, database: sa.Engine) -> None:
    browser.agree()
    with database.begin() as connection:
        connection.execute(sa.update(subscription).values(state="gone", strikes=2))
    assert browser.visit().get_json()["renew"] is True
    old = browser.endpoint
    browser.new_endpoint()
    assert browser.visit(old=old).get_json()["renew"] is False
    (kept,) = rows(database, subscription)
    assert (kept.state, kept.strikes) == ("alive", 0)


def test_a_portal_without_a_worker_names_its_browser_by_a_token(browser: Browser, database: sa.Engine) -> None:
    device = browser.agree().get_json()["device"]
    browser.origin = PORTAL
    assert browser.send("POST", {"device": device, "identity": signed("ann")}).get_json()["subscribed"] is True
    assert alive(database, "ann") == 1
    assert browser.send("DELETE", {"device": device, "signed_out": True}).status_code == 204
    assert alive(database, "ann") == 0
    assert browser.send("POST", {"device": device[:-2] + "xx"}).get_json() == {"subscribed": False, "left": True}


def test_of_too_many_browsers_the_one_not_seen_for_longest_goes(browsers: Browsers, database: sa.Engine) -> None:
    mine = [browsers() for _ in range(4)]
    for browser in mine:
        browser.agree(identity=signed("ann"))
    assert alive(database, "ann") == 3
    assert mine[0].endpoint not in {row.endpoint for row in rows(database, subscription)}


def test_an_endpoint_known_with_other_keys_is_a_conflict(browsers: Browsers) -> None:
    owner, thief = browsers(), browsers()
    owner.agree()
    thief.endpoint = owner.endpoint
    assert thief.agree().status_code == 409
    assert thief.visit().get_json() == {"subscribed": False, "left": True}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://portal.example.evil.example"}, 403),
        ({"Origin": "http://portal.example"}, 403),
        ({"Origin": PORTAL}, 200),
        ({"Origin": "http://localhost"}, 200),
    ],
)
def test_only_scripts_of_our_origins_may(browser: Browser, headers: dict[str, str], status: int) -> None:
    body = {"subscription": browser.subscription, "key": browser.key, "agreed": True}
    assert browser.send("POST", body, headers).status_code == status


def test_a_portals_script_may_read_the_answer_and_no_other(browser: Browser) -> None:
    for origin, read in ((PORTAL, PORTAL), ("https://evil.example", None)):
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        asked = browser.client.options("/push/subscriptions", headers=headers)
        assert asked.headers.get("Access-Control-Allow-Origin") == read
        assert "Origin" in asked.headers["Vary"]
    browser.origin = PORTAL
    answer = browser.agree()
    assert answer.headers["Access-Control-Allow-Origin"] == PORTAL
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"subscription": {"endpoint": "http://169.254.169.254/latest", "keys": {"p256dh": "A", "auth": "A"}}}, 422),
        ({"subscription": None}, 422),
        ({"subscription": {"endpoint": "https://fcm.googleapis.com/x"}}, 422),
        ({"key": "BNotOurs"}, 422),
        ({"unknown": 1}, 422),
        ({"topics": ["x" * 41]}, 422),
        ({"zone": "a\x00b"}, 422),
        ({"identity": "rubbish"}, 401),
        ({"identity": "x" * 20_000}, 413),
    ],
)
def test_what_cannot_be_used_is_refused(
    browser: Browser, database: sa.Engine, change: dict[str, Any], status: int
) -> None:
    answer = browser.agree(**change)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert rows(database, subscription) == []


def test_keys_that_are_none_are_refused(browser: Browser) -> None:
    browser.p256dh = "B" + "A" * 86
    assert browser.agree().status_code == 422
    browser.auth = "****"
    assert browser.agree().status_code == 422


def test_the_portals_word_is_good_for_an_hour(browser: Browser) -> None:
    assert browser.agree(identity=signed("ann", life=timedelta(hours=2))).status_code == 401
    assert browser.agree(identity=signed("ann", life=timedelta(minutes=-2))).status_code == 401
    assert browser.agree(identity=signed("ann", life=timedelta(minutes=59))).status_code == 200


def test_a_newcomer_enters_the_chain_for_newcomers_once(database: sa.Engine, browsers: Browsers) -> None:
    with database.begin() as connection:
        chains.chain(connection)
    browser = browsers()
    browser.agree()
    browser.agree()
    browser.visit(identity=signed("ann"))
    browser.end()
    browser.agree(identity=signed("ann"))
    with reading(database) as connection:
        assert [row.step_key for row in chains.sends(connection)] == ["hello"]


def test_registration_is_limited(browser: Browser) -> None:
    codes = [browser.visit().status_code for _ in range(61)]
    assert codes[-1] == 429


def test_without_a_key_there_is_nothing(configured: Callable[..., Settings], database: sa.Engine, asked: Asked) -> None:
    client = make_app(database, configured(WEB__SECRET_KEY="only for tests"), asked).test_client()
    for path in ("/push/", "/push/sw.js", "/push/deskside.js", "/push/key", "/push/prompt"):
        assert client.get(path).status_code == 404
    assert client.post("/push/events", json={}).status_code == 404


def test_an_endpoint_is_in_no_log_and_in_no_answer(
    browser: Browser, caplog: pytest.LogCaptureFixture, database: sa.Engine
) -> None:
    caplog.set_level(0)
    answers = [browser.agree(), browser.visit(), browser.end()]
    secret = browser.endpoint.rpartition("/")[2]
    assert secret not in caplog.text
    assert all(secret not in answer.get_data(as_text=True) for answer in answers)
