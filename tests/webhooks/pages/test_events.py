"""Promises of the events pages."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.webhooks.desk import HOSTILE, Asked, Shelf, post, text


def ids(html: str) -> list[int]:
    section = html.split("<h2>Deliveries</h2>", 1)[1]
    return [int(found) for found in re.findall(r'<th scope="row">(?:<a [^>]*>)?(\d+)', section)]


def test_deliveries_are_newest_first_with_what_became_of_them(agent: FlaskClient, shelf: Shelf) -> None:
    first = shelf.delivery("a", "done", outcome="two effects planned", ticket_id="7")
    second = shelf.delivery("b", "dead", outcome="the body is not JSON")
    html = text(agent, "/events")
    assert ids(html) == [second, first]
    assert "two effects planned" in html
    assert "the body is not JSON" in html
    assert 'href="/tickets/zendesk/7"' in html


def test_deliveries_are_filtered_by_state(agent: FlaskClient, shelf: Shelf) -> None:
    made = {state: shelf.delivery(state, state) for state in ("waiting", "done", "ignored", "dead")}
    for state, inbox_id in made.items():
        assert ids(text(agent, f"/events?state={state}")) == [inbox_id]
    assert len(ids(text(agent, "/events?state=nonsense"))) == 4


def test_older_deliveries_are_a_page_away(agent: FlaskClient, shelf: Shelf) -> None:
    made = [shelf.delivery(str(number), "done") for number in range(60)]
    first = text(agent, "/events?state=done")
    assert ids(first) == made[:9:-1]
    older = re.search(r'href="(/events\?[^"]*before=\d+)"', first)
    assert older is not None
    assert ids(text(agent, older[1].replace("&amp;", "&"))) == made[9::-1]


def test_changes_that_were_given_up_are_listed(agent: FlaskClient, shelf: Shelf) -> None:
    shelf.effect("note:7", "7", "dead", error="the desk answered 422")
    for page in ("/events", "/events?state=dead"):
        assert "the desk answered 422" in text(agent, page)
    assert "the desk answered 422" not in text(agent, "/events?state=done")


def test_ops_see_a_delivery_as_it_was_received(ops: FlaskClient, shelf: Shelf) -> None:
    body = b'{"subject":"Caf\xc3\xa9","ids":[1,2]}'
    inbox_id = shelf.delivery("a", body=body, headers={"X-Zendesk-Webhook-Id": "w1", "Authorization": "Bearer s3cret"})
    html = text(ops, f"/events/{inbox_id}")
    assert "&#34;subject&#34;: &#34;Café&#34;" in html
    assert "X-Zendesk-Webhook-Id" in html
    assert "s3cret" not in html


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b"not json \xff\xfe\x00", "not json"),
        (b"", "0 bytes"),
        (b"[" * 100_000, "not JSON"),
        (HOSTILE.encode(), "&lt;script&gt;"),
        (b'{"a": "' + b"x" * 300_000 + b'"}', "…"),
    ],
)
def test_any_body_can_be_shown(ops: FlaskClient, shelf: Shelf, body: bytes, shown: str) -> None:
    inbox_id = shelf.delivery("a", "dead", body=body, type=HOSTILE, outcome=HOSTILE, headers={HOSTILE: HOSTILE})
    html = text(ops, f"/events/{inbox_id}")
    assert shown in html
    assert "<script>alert" not in html
    assert "\x00" not in html
    assert len(html) < 250_000


def test_agents_see_the_list_but_no_bodies_and_cannot_replay(agent: FlaskClient, shelf: Shelf, asked: Asked) -> None:
    inbox_id = shelf.delivery("a", "dead")
    assert "Replay" not in text(agent, "/events")
    assert agent.get(f"/events/{inbox_id}").status_code == 403
    assert post(agent, f"/events/{inbox_id}/replay").status_code == 403
    assert post(agent, "/events/effects/replay", key="k").status_code == 403
    assert (asked.deliveries, asked.effects) == ([], [])


@pytest.mark.parametrize("role", ["ops", "admin"])
def test_ops_and_admins_put_dead_letters_back_to_work(
    sign_in: Callable[..., FlaskClient], shelf: Shelf, asked: Asked, role: str
) -> None:
    client = sign_in(role)
    inbox_id = shelf.delivery("a", "dead")
    shelf.effect("note:7/ü", "7", "dead", error="x")
    assert "Replay" in text(client, "/events")
    assert post(client, f"/events/{inbox_id}/replay").location == "/events"
    assert post(client, "/events/effects/replay", key="note:7/ü").location == "/events"
    assert (asked.deliveries, asked.effects) == ([inbox_id], ["note:7/ü"])


def test_replaying_what_is_not_there_says_so(ops: FlaskClient, asked: Asked) -> None:
    asked.answer = False
    assert post(ops, "/events/999/replay").status_code == 404
    assert post(ops, f"/events/{10**30}/replay").status_code == 404
    assert post(ops, "/events/effects/replay").status_code == 404
    assert ops.get("/events/999").status_code == 404
    assert ops.get(f"/events/{10**30}").status_code == 404


def test_nonsense_in_the_address_is_no_error(agent: FlaskClient) -> None:
    for query in ("before=x", "before=-1", f"before={10**30}", "state=%00"):
        assert "Nothing here." in text(agent, f"/events?{query}")
