"""The beacon of the service worker."""

import json
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from deskside.store.database import reading, utc_now
from deskside.store.push_tables import poll_vote, push, send, subscriber
from push.polls import launch, votes
from tests.push.chains import people as chains
from tests.push.digests.stories import LINKS, deliver, run_campaign
from tests.push.polls.test_polls import made
from tests.webhooks.push.browser import Browser


@pytest.fixture
def client(browser: Browser, database: sa.Engine) -> FlaskClient:
    """A push with the token `t` is on its way."""
    now = utc_now()
    browser.agree()
    with database.begin() as connection:
        owner = connection.scalar(sa.select(subscriber.c.id))
        values = {"dedupe_key": "k", "kind": "promo", "subscriber": owner, "due_at": now}
        number = connection.execute(sa.insert(send).values(values).returning(send.c.id)).scalar_one()
        connection.execute(sa.insert(push).values(send=number, subscription=1, origin="x", token="t", tried_at=now))
    return browser.client


def beacon(client: FlaskClient, *events: dict[str, Any]) -> TestResponse:
    return client.post("/push/events", data=json.dumps({"events": events}), content_type="text/plain")


def row(database: sa.Engine) -> Any:
    with reading(database) as connection:
        return connection.execute(sa.select(push)).one()


def test_a_beacon_is_kept(client: FlaskClient, database: sa.Engine) -> None:
    answer = beacon(client, {"token": "t", "what": "shown"}, {"token": "t", "what": "clicked", "button": 1})
    assert (answer.status_code, answer.get_data()) == (204, b"")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    found = row(database)
    assert found.button == 1
    assert found.shown_at is not None and found.clicked_at is not None


def test_an_unknown_token_gets_the_same_answer(client: FlaskClient, database: sa.Engine) -> None:
    known, unknown = beacon(client, {"token": "t", "what": "closed"}), beacon(client, {"token": "u", "what": "closed"})
    assert (known.status_code, dict(known.headers)) == (unknown.status_code, dict(unknown.headers))


@pytest.mark.parametrize(("ago", "seconds"), [(60_000, 60), (-5000, 0), (1e300, 7 * 24 * 3600)])
def test_what_waited_in_the_browser_happened_when_it_happened(
    client: FlaskClient, database: sa.Engine, ago: float, seconds: int
) -> None:
    before = utc_now()
    assert beacon(client, {"token": "t", "what": "shown", "ago": ago}).status_code == 204
    assert before <= row(database).shown_at + timedelta(seconds=seconds) <= utc_now()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b"\xff", 400),
        (b'{"events": []}', 422),
        (b'{"events": [{"token": "t", "what": "eaten"}]}', 422),
        (b'{"events": [{"token": "t", "what": "clicked", "button": 10}]}', 422),
        (b'{"events": [' + b'{"token": "t", "what": "shown"},' * 50 + b'{"token": "t", "what": "shown"}]}', 422),
        (b'{"events": [{"token": "t", "what": "shown", "ago": NaN}]}', 422),
        (b" " * 20_000, 413),
    ],
)
def test_what_is_no_beacon_is_refused(client: FlaskClient, database: sa.Engine, body: bytes, status: int) -> None:
    answer = client.post("/push/events", data=body)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert row(database).shown_at is None


def test_a_click_moves_the_person_on_in_their_chain_once(browser: Browser, database: sa.Engine) -> None:
    forked = {"steps": [chains.step("a", clicked="c"), chains.step("b", following=""), chains.step("c")]}
    with database.begin() as connection:
        chains.chain(connection, forked)
    browser.agree()
    with database.begin() as connection:
        [first] = chains.sends(connection)
        chains.settle(connection, first, first.due_at)
        values = {"send": first.id, "subscription": 1, "origin": "x", "token": "t", "tried_at": utc_now()}
        connection.execute(sa.insert(push).values(values))
    for _ in range(2):
        beacon(browser.client, {"token": "t", "what": "clicked"})
    with reading(database) as connection:
        assert [(row.step_key, row.state) for row in chains.sends(connection)] == [
            ("a", "sent"),
            ("b", "skipped"),
            ("c", "due"),
        ]


def test_a_button_of_a_poll_is_a_vote_and_an_old_report_does_not_change_it(
    browser: Browser, database: sa.Engine
) -> None:
    browser.agree()
    with database.begin() as connection:
        owner = connection.scalar(sa.select(subscriber.c.id))
        asked = made(connection)
        number = launch.launch(connection, asked.id, "olga", run_campaign, LINKS, utc_now())
        [sent] = deliver(connection, number, "poll", owner)
        values = {"send": sent.id, "subscription": 1, "origin": "x", "token": "t", "tried_at": utc_now()}
        connection.execute(sa.insert(push).values(values))
    beacon(browser.client, {"token": "t", "what": "clicked", "button": 1})
    with database.begin() as connection:
        votes.vote(connection, asked, owner, "o0", utc_now())
    beacon(browser.client, {"token": "t", "what": "clicked", "button": 1})
    with reading(database) as connection:
        assert connection.scalars(sa.select(poll_vote.c.option)).all() == ["o0"]
