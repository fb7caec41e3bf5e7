"""Promises of signing in and out."""

from collections.abc import Callable
from urllib.parse import unquote

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import AnyConverter

from deskside.errors import ConfigurationError
from deskside.settings import Settings
from deskside.store import people
from tests.webhooks.desk import PASSWORD, Asked, csrf_of, make_app, post

CLOSED = ("/queue", "/queue?fragment=1", "/tickets/zendesk/1", "/events", "/events/1", "/settings", "/")


@pytest.fixture
def ann(database: sa.Engine) -> str:
    with database.begin() as connection:
        people.add_person(connection, "ann", PASSWORD, "agent")
    return "ann"


def enter(client: FlaskClient, name: str, password: str = PASSWORD, **more: str) -> tuple[int, str | None]:
    answer = post(client, "/sign-in", page="/sign-in", name=name, password=password, **more)
    return answer.status_code, answer.location


@pytest.mark.parametrize("path", CLOSED)
def test_nobody_sees_a_page_without_signing_in(anonymous: FlaskClient, path: str) -> None:
    answer = anonymous.get(path)
    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in?next=")


def test_every_page_of_the_app_is_closed_unless_it_is_named_open(app: Flask, anonymous: FlaskClient) -> None:
    values = {
        "desk": "zendesk",
        "ticket_id": "1",
        "inbox_id": 1,
        "filename": "deskside.css",
        "token": "x",
        "address": "192.0.2.1",
        "number": 1,
        "what": "hours",
        "source": "handbook",
        "document": "pay",
        "search": 1,
        "entry": 1,
        "article_id": "1",
        "digest": "0",
    }
    open_pages = set()
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if rule.endpoint.startswith("pages.") and "GET" in (rule.methods or ()):
                path = rule.build({name: values[name] for name in rule.arguments})[1]  # type: ignore[index]
                if anonymous.get(path).status_code != 303:
                    open_pages.add(rule.endpoint)
    assert open_pages == {
        "pages.sign_in",
        "pages.static",
        "pages.access_form",
        "pages.place_page",
        # Answers that everybody may read; for the others it asks to sign in.
        "pages.open_answer",
    }


def test_the_right_password_leads_to_where_one_was_going(anonymous: FlaskClient, ann: str) -> None:
    assert enter(anonymous, ann, next="/tickets/zendesk/7?x=1") == (303, "/tickets/zendesk/7?x=1")
    assert anonymous.get("/queue").status_code == 200


def test_a_wrong_password_and_an_unknown_name_are_told_alike(anonymous: FlaskClient, ann: str) -> None:
    answers = [
        post(anonymous, "/sign-in", page="/sign-in", name=name, password="wrong").get_data(as_text=True)
        for name in (ann, "eve")
    ]
    assert "Name or password is not right." in answers[0]
    token = [csrf.split('value="', 1)[1].split('"', 1)[0] for csrf in (a.split("csrf_token", 1)[1] for a in answers)]
    assert answers[0].replace(ann, "eve").replace(token[0], token[1]) == answers[1]


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "///evil.example",
        "javascript:alert(1)",
        " /x",
        "evil.example",
        "",
    ],
)
def test_next_never_leads_to_another_site(anonymous: FlaskClient, ann: str, target: str) -> None:
    assert enter(anonymous, ann, next=target) == (303, "/queue")


def test_the_session_is_a_new_one_after_signing_in(anonymous: FlaskClient, ann: str) -> None:
    planted = csrf_of(anonymous, "/sign-in")
    with anonymous.session_transaction() as session:
        session["planted"] = "by somebody else"
        before = session["csrf_token"]
    anonymous.post("/sign-in", data={"csrf_token": planted, "name": ann, "password": PASSWORD})
    with anonymous.session_transaction() as session:
        assert "planted" not in session
        assert session.get("csrf_token") != before


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(anonymous: FlaskClient, ann: str) -> None:
    answer = post(anonymous, "/sign-in", page="/sign-in", name=ann, password=PASSWORD)
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_behind_https_the_session_cookie_is_secure(
    database: sa.Engine, configured: Callable[..., Settings], asked: Asked
) -> None:
    secure = configured(WEB__SECRET_KEY="x", WEB__BASE_URL="https://desk.example")
    client = make_app(database, secure, asked).test_client()
    assert "Secure" in client.get("/sign-in", base_url="https://desk.example").headers["Set-Cookie"]


def test_a_changed_password_ends_every_other_session(
    sign_in: Callable[..., FlaskClient], app: Flask, database: sa.Engine
) -> None:
    here = sign_in("agent", name="ann")
    there = app.test_client()
    enter(there, "ann")
    answer = post(here, "/settings/password", current=PASSWORD, new="another long one", again="another long one")
    assert answer.status_code == 303
    assert here.get("/queue").status_code == 200
    assert there.get("/queue").status_code == 303


def test_signing_out_ends_the_session(agent: FlaskClient) -> None:
    assert post(agent, "/sign-out").location == "/sign-in"
    assert agent.get("/queue").status_code == 303


def test_a_person_who_is_removed_is_out_at_once(agent: FlaskClient, database: sa.Engine) -> None:
    with database.begin() as connection:
        connection.execute(sa.text("DELETE FROM person"))
    assert agent.get("/queue").status_code == 303


def test_a_poll_after_the_session_ended_leaves_the_page_as_a_whole(anonymous: FlaskClient) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/queue?pool=x"}
    answer = anonymous.get("/queue?fragment=1", headers=headers)
    assert answer.status_code == 401
    assert unquote(answer.headers["HX-Redirect"]) == "/sign-in?next=/queue?pool=x"


def test_guessing_passwords_is_slowed_down(anonymous: FlaskClient, ann: str) -> None:
    codes = [enter(anonymous, ann, "wrong")[0] for _ in range(11)]
    assert codes == [401] * 10 + [429]
    answer = post(anonymous, "/sign-in", page="/sign-in", name=ann, password=PASSWORD)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")


def test_a_shift_that_signs_in_from_one_address_is_not_stopped(app: Flask, ann: str) -> None:
    assert {enter(app.test_client(), ann)[0] for _ in range(35)} == {303}


def test_a_form_without_its_token_is_refused(agent: FlaskClient) -> None:
    for path in ("/sign-in", "/sign-out", "/language", "/settings/password", "/tickets/zendesk/1/check"):
        answer = agent.post(path, data={"name": "ann"})
        assert answer.status_code == 400
        assert "The form is too old" in answer.get_data(as_text=True)


def test_every_form_that_writes_is_protected(app: Flask, agent: FlaskClient) -> None:
    plain = {"desk": "zendesk", "ticket_id": "1", "inbox_id": 1, "token": "x", "number": 1, "what": "pause"}
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("pages.") and "POST" in (rule.methods or ()):
            values = plain | {
                name: min(converter.items)
                for name, converter in rule._converters.items()
                if isinstance(converter, AnyConverter)
            }
            with app.test_request_context():
                path = rule.build({name: values[name] for name in rule.arguments})[1]  # type: ignore[index]
            assert agent.post(path).status_code == 400, rule


def test_the_language_is_remembered_with_the_person(agent: FlaskClient, app: Flask) -> None:
    post(agent, "/language", language="ru", next="/settings")
    assert "Настройки" in agent.get("/settings").get_data(as_text=True)
    other = app.test_client()
    enter(other, "agent")
    assert 'lang="ru"' in other.get("/queue").get_data(as_text=True)


def test_before_signing_in_the_browser_s_language_counts(anonymous: FlaskClient) -> None:
    page = anonymous.get("/sign-in", headers={"Accept-Language": "ru-RU,ru;q=0.9,en;q=0.5"})
    assert "Войти" in page.get_data(as_text=True)
    assert "Sign in" in anonymous.get("/sign-in", headers={"Accept-Language": "en"}).get_data(as_text=True)


def test_an_unknown_language_changes_nothing(agent: FlaskClient) -> None:
    assert post(agent, "/language", language="../../etc", next="//evil.example").location == "/queue"
    assert 'lang="en"' in agent.get("/queue").get_data(as_text=True)


def test_without_a_key_nothing_starts(database: sa.Engine, configured: Callable[..., Settings], asked: Asked) -> None:
    with pytest.raises(ConfigurationError, match=r"secret_key.*deskside init"):
        make_app(database, configured(), asked)
