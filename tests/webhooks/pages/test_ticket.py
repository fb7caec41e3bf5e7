"""Promises of the page of one ticket."""

import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from deskside.model.effect import EffectKind
from tests.webhooks.desk import DOWN, HOSTILE, VIP, Asked, Shelf, finding, post, text
from webhooks.pages import show

PAGE = "/tickets/zendesk/7"


def test_the_health_is_shown_with_every_finding(agent: FlaskClient, shelf: Shelf) -> None:
    shelf.ticket("7", health="down")
    shelf.check("7")
    html = text(agent, PAGE)
    for shown in (
        "web-3 (VPS L)",
        "shop.example.com",
        "198.51.100.23",
        "the domain shop.example.com in the subject",
        "no answer to 4 of 4 pings",
        "loss percent",
        "2.0 s",
        "12 ms",
        "no connection, so no certificate to read",
        "from fra-1",
    ):
        assert shown in html
    probes = re.findall(r'<th scope="row"><code>(\w+)</code></th>\s*<td>.*?<span>([^<]+)</span>', html, re.DOTALL)
    assert probes == [("icmp", "down"), ("tcp", "down"), ("dns", "ok"), ("tls", "unknown")]


def test_the_place_is_shown_with_its_reasons(agent: FlaskClient, shelf: Shelf) -> None:
    shelf.ticket("5", minute=0, contributions=[DOWN])
    shelf.ticket("7", minute=5, contributions=[VIP])
    shelf.ticket("9", minute=90)
    html = text(agent, PAGE)
    assert "<b>2</b> <span>of 3 waiting</span>" in html
    assert "the ticket has the tag vip" in html
    assert "#5 came 5 min before #7, with 72 h of head start against 1 h" in html
    assert 'href="/tickets/zendesk/5"' in html


def test_a_head_start_above_the_caps_is_said_to_be_limited(agent: FlaskClient, shelf: Shelf) -> None:
    shelf.ticket("7", contributions=[DOWN, VIP])
    html = text(agent, PAGE)
    assert "limited by the caps" in html
    assert re.search(r'<td class="amount">\+72 h</td>\s*</tr>\s*</tfoot>', html)


def test_a_ticket_that_does_not_wait_has_no_place(agent: FlaskClient, shelf: Shelf) -> None:
    shelf.ticket("7", status="pending")
    assert "It does not wait: it is pending." in text(agent, PAGE)


def test_effects_are_shown_with_their_state_and_error(agent: FlaskClient, shelf: Shelf) -> None:
    shelf.ticket("7")
    shelf.effect("note:7", "7", "done")
    shelf.effect("place:7", "7", "dead", kind=EffectKind.PLACE, error="the field does not exist")
    html = text(agent, PAGE)
    assert re.findall(r'class="state state-(\w+)"', html) == ["dead", "done"]
    assert "the field does not exist" in html
    assert "place in the views" in html


@pytest.mark.parametrize(("desk", "title"), [("zendesk", "Zendesk"), ("whmcs", "WHMCS")])
def test_the_desk_is_called_what_people_call_it(agent: FlaskClient, shelf: Shelf, desk: str, title: str) -> None:
    replace(shelf, desk=desk).ticket("7")
    html = text(agent, f"/tickets/{desk}/7")
    assert f">Open in {title}</a>" in html


def test_every_kind_of_effect_has_words() -> None:
    assert set(show.KINDS) == set(EffectKind)


def test_the_history_is_newest_first(agent: FlaskClient, shelf: Shelf) -> None:
    shelf.ticket("7")
    shelf.check("7", "down", headline="first look")
    shelf.check("7", "ok", headline="second look")
    history = text(agent, PAGE).split('<section id="history"', 1)[1]
    assert re.findall(r"(first|second) look", history) == ["second", "first"]


def test_a_check_can_be_asked_for_again(agent: FlaskClient, shelf: Shelf, asked: Asked) -> None:
    shelf.ticket("7")
    assert post(agent, f"{PAGE}/check").location == PAGE
    assert asked.checks == [("zendesk", "7", "agent")]
    assert "A new check was asked for." in text(agent, PAGE)


def test_asking_too_soon_is_answered_plainly(agent: FlaskClient, shelf: Shelf, asked: Asked) -> None:
    shelf.ticket("7")
    asked.answer = False
    post(agent, f"{PAGE}/check")
    assert "checked less than a minute ago" in text(agent, PAGE)


def test_one_person_cannot_ask_without_end(agent: FlaskClient, shelf: Shelf, asked: Asked) -> None:
    shelf.ticket("7")
    codes = [post(agent, f"{PAGE}/check").status_code for _ in range(11)]
    assert codes == [303] * 10 + [429]
    assert len(asked.checks) == 10


def test_a_check_of_an_unknown_ticket_asks_for_nothing(agent: FlaskClient, asked: Asked) -> None:
    assert post(agent, f"{PAGE}/check").status_code == 404
    assert asked.checks == []


def test_the_ticket_opens_on_its_desk(agent: FlaskClient, shelf: Shelf) -> None:
    shelf.ticket("7")
    assert 'href="https://help.example/agent/tickets/7"' in text(agent, PAGE)


def test_an_unknown_ticket_is_answered_kindly(agent: FlaskClient) -> None:
    answer = agent.get(PAGE)
    assert answer.status_code == 404
    assert "Deskside has not seen this ticket yet" in answer.get_data(as_text=True)


def test_hostile_texts_are_shown_and_never_run(agent: FlaskClient, shelf: Shelf) -> None:
    shelf.ticket("7", subject=HOSTILE, client=HOSTILE, headline=HOSTILE, requester_name=HOSTILE)
    target = {"service": HOSTILE, "host": HOSTILE, "address": None, "ports": [], "found_by": HOSTILE}
    found = finding(HOSTILE, "ok", HOSTILE, 1.0, **{HOSTILE: HOSTILE, "list": [HOSTILE], "map": {HOSTILE: HOSTILE}})
    shelf.check("7", headline=HOSTILE, target=target, address=HOSTILE, findings=[found], vantage=HOSTILE)
    shelf.effect("x", "7", "dead", error=HOSTILE)
    html = text(agent, PAGE)
    assert html.count("&lt;script&gt;") > 10
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e]", html)


def test_a_report_with_missing_parts_is_still_shown(agent: FlaskClient, shelf: Shelf) -> None:
    shelf.ticket("7")
    shelf.check("7", target={}, address=None, findings=[{}], took_ms=None, vantage="", checked_at="never")
    assert "web-3 is down" in text(agent, PAGE)


def test_a_poll_gets_only_the_state(agent: FlaskClient, shelf: Shelf) -> None:
    shelf.ticket("7")
    shelf.check("7")
    fragment = text(agent, f"{PAGE}?fragment=1")
    assert "no answer to 4 of 4 pings" in fragment
    assert "<html" not in fragment
    assert "csrf_token" not in fragment
