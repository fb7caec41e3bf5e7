"""Promises of the weights page: it shows before it does, says what it refuses, no text of a ticket is HTML there."""

import html
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from deskside.model.place import Contribution, Scale
from deskside.model.weights import Apply, Change, Seen
from deskside.order.weights import WEIGHTS, configured
from deskside.settings import Settings
from deskside.store import tickets, turns
from deskside.store import weights as store
from deskside.store.database import reading, utc_now
from jobs import weights
from tests.jobs.desk import make_bench
from tests.webhooks.desk import CAPS, DOWN, HOSTILE, SLA, Asked, Shelf, csrf_of, make_app, post, text
from webhooks.pages.weights import GROUPS, LABELS

PATH = "/settings/weights"
VIP = Contribution("vip_tag", 60, Scale.COMMERCIAL, "has the tag vip", 1.0)
LOYAL = Contribution("tenure", 18, Scale.COMMERCIAL, "has been a client for 3 years", 0.6)


@pytest.fixture
def app(database: sa.Engine, settings: Settings, asked: Asked) -> Flask:
    """The real change behind the page."""
    return make_app(database, settings, _Real(database))


class _Real(Asked):
    def __init__(self, database: sa.Engine) -> None:
        super().__init__()
        self.bench = make_bench(database)

    def actions(self) -> Any:
        return replace(super().actions(), change_weights=partial(weights.change, self.bench.context))


@pytest.fixture
def own(settings: Settings) -> dict[str, int]:
    return configured(settings.queue)


@pytest.fixture
def crowd(shelf: Shelf) -> Shelf:
    """Two plain tickets, then a VIP's, who stands between them, then a loyal client's."""
    shelf.ticket("1")
    shelf.ticket("2", minute=10)
    shelf.ticket("3", minute=65, contributions=[VIP])
    shelf.ticket("4", minute=90, contributions=[LOYAL])
    return shelf


def send(client: FlaskClient, do: str, own: dict[str, int], *, seen: Seen | None = None, **typed: Any) -> TestResponse:
    """Press a button of the form, as somebody who has just opened the page."""
    seen = seen or seen_on(client)
    form = {**own, "active": seen.active, "shadow": seen.shadow, "do": do, **typed}
    return post(client, PATH, page=PATH, **{name: str(value) for name, value in form.items()})


def seen_on(client: FlaskClient) -> Seen:
    page = text(client, PATH)
    return Seen(*(int(re.search(rf'name="{name}" value="(\d+)"', page)[1]) for name in ("active", "shadow")))  # type: ignore[index]


def words(answer: TestResponse) -> str:
    """What is read on a page: no tags, ordinary spaces."""
    found = re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))
    return re.sub(r"\s+", " ", html.unescape(found))


def lines(page: str) -> list[tuple[str, str]]:
    """The new order as shown: place and ticket."""
    then = page.split("slope-then", 1)[1].split("</ol>", 1)[0]
    return list(zip(re.findall(r'"position">(\d+)', then), re.findall(r"#(\w+)</span>", then), strict=True))


def test_every_weight_has_a_field_a_label_and_a_hint(ops: FlaskClient, own: dict[str, int]) -> None:
    page = text(ops, PATH)
    assert {weight.name for weight in WEIGHTS} == set(LABELS) == {name for _, names in GROUPS for name in names}
    for name, minutes in own.items():
        assert re.search(rf'<input id="{name}"[^>]*value="{minutes}"', page)
        assert str(LABELS[name][1]) in html.unescape(page)


def test_agents_may_look_and_not_change(agent: FlaskClient, own: dict[str, int], crowd: Shelf) -> None:
    page = text(agent, PATH)
    assert "<fieldset" in page and re.search(r"<fieldset[^>]* disabled", page)
    assert 'name="do"' not in page
    for do in ("look", *Apply):
        assert send(agent, do, own, vip_minutes=100).status_code == 403


def test_nobody_sees_it_without_signing_in(anonymous: FlaskClient) -> None:
    assert anonymous.get(PATH).status_code == 303


def test_a_change_without_the_forms_token_is_refused(ops: FlaskClient, own: dict[str, int], app: Flask) -> None:
    seen = seen_on(ops)
    answer = ops.post(PATH, data={**own, "vip_minutes": 90, "do": "new", "active": 0, "shadow": 0})
    assert answer.status_code == 400
    assert seen_on(ops) == seen


def test_looking_shows_who_would_move_and_why_and_changes_nothing(
    ops: FlaskClient, own: dict[str, int], crowd: Shelf
) -> None:
    answer = send(ops, "look", own, vip_minutes=120)
    said = words(answer)
    assert lines(answer.get_data(as_text=True)) == [("1", "3"), ("2", "1"), ("3", "2"), ("4", "4")]
    assert "▲ 1 moves up #3 Question 3 VIP 60 → 120" in said
    assert "▼ 1 moves down #1 Question 1 others gain more" in said
    assert "2 places would change" in said
    assert "2 of 4 move" in said
    assert seen_on(ops) == Seen(0, 0)
    assert re.search(r'id="vip_minutes"[^>]*value="120"', answer.get_data(as_text=True))


def test_htmx_gets_only_what_changes(ops: FlaskClient, own: dict[str, int], crowd: Shelf) -> None:
    form = {**own, "vip_minutes": 120, "active": 0, "shadow": 0, "csrf_token": csrf_of(ops, PATH)}
    answer = ops.post(PATH, data=form, headers={"HX-Request": "true"})
    fragment = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert lines(fragment)[0] == ("1", "3")
    assert "<html" not in fragment and "csrf_token" not in fragment
    wrong = ops.post(PATH, data={**form, "vip_minutes": "x"}, headers={"HX-Request": "true"})
    assert (wrong.status_code, "Correct the minutes" in wrong.get_data(as_text=True)) == (200, True)


def test_the_cost_is_shown_against_the_limit_and_the_promises_in_words(
    ops: FlaskClient, own: dict[str, int], crowd: Shelf
) -> None:
    said = words(send(ops, "look", own, vip_minutes=110))
    assert "32 of 120 min now 20" in said  # (110 + 18) / 4 against (60 + 18) / 4, rounded
    assert (
        "arrives more than 4 h of working time after you is served before you; 8 h if it has a promised reply" in said
    )
    assert "72 h for a dead server" in said
    assert "At most 150 later tickets are let ahead" in said
    assert "4 tickets of the last 30 days" in said


def test_dead_servers_are_counted_apart(ops: FlaskClient, own: dict[str, int], crowd: Shelf) -> None:
    crowd.ticket("9", contributions=[DOWN], minute=100)
    assert "Dead servers add 864 min at most" in words(ops.get(PATH))


@pytest.mark.parametrize("do", ["try", "new", "all"])
def test_above_the_limit_it_is_refused_with_the_number_the_limit_and_what_to_lower(
    ops: FlaskClient, own: dict[str, int], shelf: Shelf, do: str
) -> None:
    shelf.ticket("1", contributions=[VIP])
    shelf.ticket("2", contributions=[VIP])
    shelf.ticket("3", contributions=[SLA])
    answer = send(ops, do, own, vip_minutes=100)
    said = words(answer)
    assert answer.status_code == 422
    assert "could lose 147 min in the mean, and the limit is 120 min" in said
    assert "Too unfair to save: 147 min, and the limit is 120. Lower “VIP” to 60 min or less." in said
    assert re.search(r'id="vip_minutes"[^>]*value="100"', answer.get_data(as_text=True))
    assert seen_on(ops) == Seen(0, 0)
    looked = send(ops, "look", own, vip_minutes=100).get_data(as_text=True)
    assert re.search(r'value="new" disabled', looked) and 'value="all"' not in looked


@pytest.mark.parametrize("typed", ["", "-1", "241", "1.5", "ten", "1e3", "٣", "99999999999999999999"])
def test_minutes_that_cannot_be_used_are_named_at_their_field_and_kept(
    ops: FlaskClient, own: dict[str, int], typed: str
) -> None:
    answer = send(ops, "new", own, vip_minutes=typed, tenure_minutes=77)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "A whole number from 0 to 240." in page
    assert page.count('aria-invalid="true"') == 1
    assert re.search(r'id="tenure_minutes"[^>]*value="77"', page)
    assert seen_on(ops) == Seen(0, 0)


def test_for_new_tickets_then_back(ops: FlaskClient, own: dict[str, int], crowd: Shelf, database: sa.Engine) -> None:
    before = keys(database)
    answer = send(ops, "new", own, vip_minutes=120, note="for the launch")
    assert answer.status_code == 303
    page = text(ops, PATH)
    assert "In force for every ticket that comes from now on" in page
    assert "for the launch" in page
    assert seen_on(ops) == Seen(1, 0)
    assert send(ops, "new", own).status_code == 303
    assert seen_on(ops) == Seen(0, 0)
    said = words(ops.get(PATH))
    assert "was in force" in said and "back to the configuration's own" in said
    assert keys(database) == before


def keys(database: sa.Engine) -> dict[str, int]:
    with reading(database) as connection:
        return {row.ticket_id: row.key for row in store.waiting(connection)}


def test_for_all_the_queue_is_in_the_new_order_and_the_history_says_how_many_moved(
    ops: FlaskClient, own: dict[str, int], crowd: Shelf
) -> None:
    assert send(ops, "all", own, vip_minutes=120).status_code == 303
    order = re.findall(r'class="number">#(\w+)', text(ops, "/queue"))
    assert order[:2] == ["3", "1"]
    said = words(ops.get(PATH))
    assert "2 waiting tickets changed places" in said
    assert "VIP 60 → 120" in said


def test_before_a_switch_for_all_it_says_whose_promise_it_breaks(
    ops: FlaskClient, own: dict[str, int], shelf: Shelf
) -> None:
    shelf.ticket("1", minute=-500)
    shelf.ticket("2", minute=-430, contributions=[VIP])
    said = words(send(ops, "look", own, vip_minutes=120))
    assert "1 ticket that could not be overtaken any more falls behind." in said


def test_a_trial_reports_both_orders(ops: FlaskClient, own: dict[str, int], crowd: Shelf, database: sa.Engine) -> None:
    assert send(ops, "try", own, vip_minutes=120).status_code == 303
    assert "No ticket was taken since." in text(ops, PATH)
    with database.begin() as connection:
        row = tickets.get(connection, "zendesk", "1")
        now = utc_now()
        assert row is not None
        assert turns.end(connection, row, served_at=now, waited=60, agent_id="7", replied_at=now)
    crowd.take("1")
    said = words(ops.get(PATH))
    assert "Tickets taken 1 Same ticket first 0 % 0 of 1 Places apart, mean 1 Nine of ten within 1" in said
    assert "no head start 1 1 further back" in said
    assert "version 1 by ops, since" in said


def test_a_trial_ends_or_comes_into_force(ops: FlaskClient, own: dict[str, int], crowd: Shelf) -> None:
    send(ops, "try", own, vip_minutes=120)
    page = text(ops, f"{PATH}?version=1")
    assert re.search(r'id="vip_minutes"[^>]*value="120"', page)
    assert "These minutes are being tried" in page and 'value="try"' not in page
    assert send(ops, "end", {}).status_code == 303
    assert seen_on(ops) == Seen(0, 0)
    assert "was tried" in text(ops, PATH)
    send(ops, "try", own, vip_minutes=90)
    send(ops, "new", own, vip_minutes=90)
    assert seen_on(ops) == Seen(2, 0)


def test_who_is_late_is_told_who_was_first_and_keeps_what_was_typed(
    ops: FlaskClient, sign_in: Callable[..., FlaskClient], own: dict[str, int], crowd: Shelf
) -> None:
    olga = sign_in("ops", name="olga")
    seen = seen_on(ops)
    send(olga, "new", own, vip_minutes=90)
    answer = send(ops, "new", own, seen=seen, vip_minutes=110, note="my reason")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "olga changed the weights meanwhile." in page
    assert re.search(r'id="vip_minutes"[^>]*value="110"', page)
    assert 'value="my reason"' in page
    assert re.search(r'name="active" value="1"', page)
    assert "VIP 90 → 110" in words(answer)
    late = send(ops, "end", {}, seen=seen)
    assert late.status_code == 409
    assert re.search(r'id="vip_minutes"[^>]*value="90"', late.get_data(as_text=True))


@pytest.mark.parametrize("form", [{"active": "x"}, {"shadow": ""}, {"active": "9" * 30}])
def test_a_form_that_saw_nothing_decides_nothing(ops: FlaskClient, own: dict[str, int], form: dict[str, str]) -> None:
    assert send(ops, "new", own, vip_minutes=90, **form).status_code == 409
    assert seen_on(ops) == Seen(0, 0)


@pytest.mark.parametrize("version", ["99", "x", "-1", ""])
def test_a_version_that_is_not_there_shows_the_one_in_force(ops: FlaskClient, version: str) -> None:
    page = text(ops, f"{PATH}?version={version}")
    assert re.search(r'id="vip_minutes"[^>]*value="60"', page)


def test_an_empty_queue_still_has_weights(ops: FlaskClient, own: dict[str, int]) -> None:
    assert "Nobody waits" in text(ops, PATH)
    assert send(ops, "new", own, vip_minutes=240).status_code == 303


def test_hostile_text_is_shown_and_never_run(ops: FlaskClient, own: dict[str, int], shelf: Shelf) -> None:
    shelf.ticket("1", pool=HOSTILE, subject=HOSTILE, client=HOSTILE)
    shelf.ticket("2", pool=HOSTILE, subject=HOSTILE, minute=61, contributions=[replace(VIP, reason=HOSTILE)])
    for answer in (
        send(ops, "look", own, vip_minutes=100, note=HOSTILE),
        send(ops, "new", own, vip_minutes="<script>"),
    ):
        page = answer.get_data(as_text=True)
        assert "<script>" not in page
        assert "<img src=x" not in page
    assert send(ops, "new", own, vip_minutes=100, note=HOSTILE).status_code == 303
    page = text(ops, PATH)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_further_back_only_the_largest_moves_are_shown(ops: FlaskClient, own: dict[str, int], shelf: Shelf) -> None:
    for number in range(60):
        shelf.ticket(f"t{number}", minute=number)
    shelf.ticket("late", minute=119, contributions=[VIP])
    page = send(ops, "look", own, vip_minutes=75).get_data(as_text=True)
    assert len(lines(page)) == 20
    further = page.split('class="further"', 1)[1].split("</ul>", 1)[0]
    assert re.findall(r"#(\w+)</span>", further)[0] == "late"
    assert further.count("<li>") == 6
    assert "further" not in send(ops, "look", own).get_data(as_text=True)


def test_the_settings_lead_to_it(agent: FlaskClient) -> None:
    assert f'href="{PATH}"' in text(agent, "/settings")


def test_all_of_it_is_said_in_russian(sign_in: Callable[..., FlaskClient], own: dict[str, int], crowd: Shelf) -> None:
    client = sign_in("ops", "ru")
    send(client, "try", own, vip_minutes=120)
    for page in (text(client, PATH), send(client, "look", own, vip_minutes=130).get_data(as_text=True)):
        shown = re.sub(r"<bdi>.*?</bdi>|<[^>]+>", " ", page.split('class="wide">')[-1])
        english = set(re.findall(r"\b[a-z]{3,}\b", html.unescape(shown))) - {"ops"}
        assert english == set()


def test_only_ops_words_reach_the_store(ops: FlaskClient, own: dict[str, int], database: sa.Engine) -> None:
    send(ops, "new", own, vip_minutes=90, emergency_minutes=1, unfairness_minutes=10**6, note="x" * 600)
    with reading(database) as connection:
        row = store.active(connection)
    assert row is not None
    assert row.minutes == {**own, "vip_minutes": 90}
    assert (row.made_by, len(row.note)) == ("ops", 500)


def test_a_change_carries_who_and_what_they_saw(
    database: sa.Engine, settings: Settings, own: dict[str, int], sign_in: Callable[..., FlaskClient], asked: Asked
) -> None:
    sign_in("ops")
    client = make_app(database, settings, asked).test_client()
    post(client, "/sign-in", page="/sign-in", name="ops", password="correct horse battery")
    send(client, "try", own, vip_minutes=CAPS.commercial)
    assert asked.weights == [Change(Apply.TRY, {**own, "vip_minutes": 240}, "ops", Seen(0, 0), "")]
