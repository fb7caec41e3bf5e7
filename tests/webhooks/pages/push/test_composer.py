"""Promises of the composer: what is typed is never lost, nothing goes out from here, and one sees what it comes to."""

import html
import re
from collections.abc import Callable
from datetime import date, time
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from deskside.store.database import utc_now
from push.campaigns import drafts
from push.campaigns.definition import Audience, Draft, Rule, Schedule, When
from push.model import Button, Content, Kind, Variant, Window
from tests.push.sending.world import World
from tests.webhooks.desk import HOSTILE, Asked, post, text
from tests.webhooks.pages.push.conftest import row_of
from webhooks.pages.push import form
from webhooks.pages.push.estimate import origin_of

BERLIN = ZoneInfo("Europe/Berlin")
PATH = "/campaigns/new"
TYPED = {
    "name": "Launch",
    "kind": "promo",
    "topic": "news",
    "variants": "1",
    "tongues": "en",
    "rules": "1",
    "0-en-title": "New servers",
    "0-en-body": "Twice as fast",
    "0-en-url": "https://portal.example/new",
    "when": "now",
    "hours": "24",
    "late": "60",
}


def words(answer: TestResponse) -> str:
    """What is read on a page."""
    found = re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))
    return re.sub(r"\s+", " ", html.unescape(found)).replace("\N{NO-BREAK SPACE}", " ")


def send(ops: FlaskClient, do: str, path: str = PATH, **typed: str) -> TestResponse:
    return post(ops, path, page=path, **{**TYPED, "do": do, **typed})


def test_a_draft_is_kept_as_it_was_typed(ops: FlaskClient, world: World) -> None:
    answer = send(
        ops,
        "save",
        variants="2",
        tongues="en,ru",
        **{
            "0-ru-title": "Новые серверы",
            "1-en-title": "Faster servers",
            "1-en-b0-title": "Show me",
            "1-en-b0-url": "https://portal.example/show",
            "languages": "en, ru",
            "rule0-name": "plan",
            "rule0-is": "is not",
            "rule0-values": "free, trial",
            "when": "window",
            "day": "2030-05-06",
            "from": "11:00",
            "to": "14:00",
            "zone": "Europe/Berlin",
        },
    )
    assert (answer.status_code, answer.location) == (303, "/campaigns/1/edit")
    row = row_of(world.database, 1)
    found = drafts.read(row)
    link = "https://portal.example/new"
    assert (row.state, row.created_by) == ("draft", "ops")
    assert found == Draft(
        "Launch",
        Kind.PROMO,
        (
            Variant(
                "A", {"en": Content("New servers", "Twice as fast", link), "ru": Content("Новые серверы", "", link)}
            ),
            Variant(
                "B",
                {
                    "en": Content(
                        "Faster servers", "", link, buttons=(Button("Show me", "https://portal.example/show"),)
                    )
                },
            ),
        ),
        topic="news",
        audience=Audience(("en", "ru"), (Rule("plan", ("free", "trial"), True),)),
        schedule=Schedule(
            When.WINDOW, day=date(2030, 5, 6), window=Window(time(11), time(14)), zone="Europe/Berlin", hours=24
        ),
    )


contents = st.builds(
    Content,
    title=st.sampled_from(["Hello", "Привет, {{ name }}"]),
    body=st.sampled_from(["", "Two\nlines"]),
    url=st.sampled_from(["https://a.example", "https://b.example"]),
    icon=st.sampled_from(["", "https://a.example/i.png"]),
    image=st.sampled_from(["", "https://a.example/big.png"]),
    badge=st.just(""),
    buttons=st.sampled_from([(), (Button("Go", "https://a.example/go"),)]),
)
schedules = st.one_of(
    st.builds(Schedule, hours=st.integers(1, 600)),
    st.builds(Schedule, when=st.just(When.LOCAL), day=st.just(date(2030, 3, 31)), time_of_day=st.just(time(9, 30))),
    st.builds(
        Schedule,
        when=st.just(When.WINDOW),
        day=st.just(date(2030, 1, 2)),
        window=st.just(Window(time(22), time(2))),
        zone=st.sampled_from(["", "Asia/Tokyo"]),
    ),
)


@given(
    st.builds(
        Draft,
        name=st.just("N"),
        kind=st.sampled_from([Kind.PROMO, Kind.INCIDENT, Kind.POLL]),
        variants=st.lists(
            st.fixed_dictionaries({"en": contents}, optional={"ru": contents}), min_size=1, max_size=4
        ).map(lambda found: tuple(Variant("ABCD"[place], texts) for place, texts in enumerate(found))),
        topic=st.sampled_from([None, "news"]),
        audience=st.builds(
            Audience,
            st.sampled_from([(), ("en", "pt-BR")]),
            st.sampled_from([(), (Rule("plan", ("vps",)), Rule("city", ("Rome", "Oslo"), True))]),
        ),
        schedule=schedules,
        late_minutes=st.integers(0, 500),
    )
)
def test_a_draft_comes_back_from_its_form_as_it_went_in(draft: Draft) -> None:
    typed = form.of_draft(draft, BERLIN, utc_now())
    sent = {
        **typed.text,
        "variants": str(typed.variants),
        "tongues": ",".join(typed.tongues),
        "rules": str(typed.rules),
    }
    assert form.draft_of(form.read(sent), BERLIN) == draft


def test_a_moment_for_all_is_one_of_the_portals_zone() -> None:
    text = {"when": "at", "day": "2026-07-01", "time": "12:00", "hours": "5"}
    found = form.schedule_of(text, BERLIN)
    assert found.at is not None and (found.at.hour, found.hours) == (10, 5)


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("0-en-title", "", "the title must have"),
        ("0-en-url", "javascript:alert(1)", "must be an address"),
        ("0-en-body", "{% if %}", "this is no template"),
        ("name", " ", "the name must have"),
        ("hours", "1.5", "must be a whole number"),
        ("late", "99999", "the late limit must be"),
        ("topic", "gossip", "there is no topic gossip"),
        ("when", "at", "the day must be a date"),
    ],
)
def test_what_cannot_be_sent_is_refused_and_stays_in_the_form(
    ops: FlaskClient, world: World, field: str, typed: str, said: str
) -> None:
    answer = send(ops, "save", **{"0-en-image": "https://kept.example/x.png", field: typed})
    page = html.unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422 and said in page
    assert "https://kept.example/x.png" in page


def test_looking_keeps_nothing_and_tells_whom_it_reaches(ops: FlaskClient, world: World, asked: Asked) -> None:
    world.crowd(3, language="en")
    world.person(topics=())
    world.person(devices=0)
    answer = send(ops, "look", name="")
    said = words(answer)
    assert answer.status_code == 200
    assert "3 people" in said and "all subscribers 5" in said and "chose the topic 4 −1" in said
    assert "have a living browser 3 −1" in said
    assert ops.get("/campaigns/1").status_code == 404
    assert not asked.pushes


def test_htmx_gets_the_preview_and_the_counters_of_what_is_typed(ops: FlaskClient, world: World) -> None:
    token = re.search(r'name="csrf_token" value="([^"]+)"', text(ops, PATH))
    assert token
    form_ = {**TYPED, "csrf_token": token[1], "0-en-title": "x" * 35}
    answer = ops.post(PATH, data=form_, headers={"HX-Request": "true"})
    fragment = answer.get_data(as_text=True)
    assert "<html" not in fragment and "csrf_token" not in fragment
    assert re.search(r'id="count-0-en-title" hx-swap-oob="true"><b class="is-fits">35</b>', fragment)
    assert "cut on Chrome, Android" in fragment


def test_a_platform_shows_what_it_has_and_says_what_it_has_not(ops: FlaskClient, world: World) -> None:
    answer = send(
        ops,
        "look",
        **{"0-en-image": "https://portal.example/big.png", "0-en-b0-title": "Go", "0-en-b0-url": "https://a"},
    )
    page = answer.get_data(as_text=True)
    phone = page.split("on-ios", 2)[1]
    assert "No buttons here" in phone and "note-buttons" not in phone
    assert "note-buttons" in page.split("on-chrome-windows", 1)[1].split("on-chrome-android", 1)[0]
    # Nobody's picture is loaded before the draft that names it was kept.
    assert '<img src="https://portal.example' not in page


def test_only_pictures_of_the_kept_draft_may_be_loaded(ops: FlaskClient, make: Callable[..., int]) -> None:
    content = Content("T", "B", "https://portal.example", image="https://cdn.example/big.png")
    number = make(variants=(Variant("A", {"en": content}),))
    answer = ops.get(f"/campaigns/{number}/edit")
    assert "img-src 'self' https://cdn.example data:" in answer.headers["Content-Security-Policy"]
    assert '<img src="https://cdn.example/big.png"' in answer.get_data(as_text=True)
    assert "img-src 'self' data:;" in ops.get(PATH).headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "url", ["https://a.example;script-src *", "https://a b", "http://[::1", "data:x", "https://'x'"]
)
def test_no_address_of_a_picture_gets_into_the_policy_but_a_host(url: str) -> None:
    assert re.fullmatch(r"|https://a\.example", origin_of(url))


def test_a_variant_and_a_language_and_a_rule_more_keep_what_was_typed(ops: FlaskClient, world: World) -> None:
    page = send(ops, "more-variants").get_data(as_text=True)
    assert page.count('value="New servers"') == 2
    assert 'name="variants" value="2"' in page
    page = send(ops, "more-languages", new_tongue="pt-BR").get_data(as_text=True)
    assert 'name="0-pt-BR-title"' in page and 'name="tongues" value="en,pt-BR"' in page
    assert 'name="tongues" value="en"' in send(ops, "more-languages", new_tongue="<b>").get_data(as_text=True)
    assert 'name="rule1-name"' in send(ops, "more-rules").get_data(as_text=True)
    assert "1-en-title" not in send(ops, "fewer-variants", variants="2").get_data(as_text=True)


def test_the_preview_is_filled_in_for_a_subscriber(ops: FlaskClient, world: World) -> None:
    person = world.person(attributes={"name": "Ann"})
    hello = {"0-en-title": "Hello {{ name|default('you') }}"}
    assert "Hello you" in words(send(ops, "look", **hello))
    assert "Hello Ann" in words(send(ops, "look", **hello, **{"as": str(person)}))
    assert "Hello you" in words(send(ops, "look", **hello, **{"as": "9" * 30}))


def test_of_two_who_write_the_later_one_is_told_and_loses_nothing(
    ops: FlaskClient, make: Callable[..., int], world: World
) -> None:
    number = make()
    path = f"/campaigns/{number}/edit"
    seen = re.search(r'name="seen" value="([^"]+)"', text(ops, path))
    assert seen
    assert send(ops, "save", path, seen=seen[1], name="First").status_code == 303
    answer = send(ops, "save", path, seen=seen[1], name="Second")
    assert answer.status_code == 409
    assert "changed this draft meanwhile" in words(answer) and 'value="Second"' in answer.get_data(as_text=True)
    assert row_of(world.database, number).name == "First"


def test_what_is_no_draft_is_shown_instead_of_edited(ops: FlaskClient, make: Callable[..., int], world: World) -> None:
    world.person()
    number = make("running")
    assert ops.get(f"/campaigns/{number}/edit").location == f"/campaigns/{number}"


def test_a_test_goes_to_testers_and_is_sent_at_once(ops: FlaskClient, world: World, asked: Asked) -> None:
    world.person()
    assert "Nobody is a tester yet" in text(ops, send(ops, "test").location)
    assert not asked.pushes
    world.person(tester=True)
    send(ops, "test", variants="2", **{"1-en-title": "Other"})
    assert [(row.kind, row.variant) for row in world.sends()] == [("test", 0), ("test", 1)]
    assert asked.pushes


def test_text_from_a_draft_is_never_html(ops: FlaskClient, make: Callable[..., int], world: World) -> None:
    number = make(name=HOSTILE[:110], variants=(Variant("A", {"en": Content(HOSTILE, HOSTILE, "https://x.example")}),))
    for path in (f"/campaigns/{number}", f"/campaigns/{number}/edit", "/campaigns"):
        page = text(ops, path)
        assert "<script>alert" not in page and "<img src=x" not in page


def test_english_and_russian(sign_in: Callable[..., FlaskClient], world: World) -> None:
    page = text(sign_in("ops", language="ru", name="olga"), PATH)
    assert "Новая кампания" in page
