"""Promises that hold for every answer."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

import webhooks.pages
from deskside.settings import Settings
from deskside.store.database import open_database
from tests.webhooks.desk import Asked, Shelf, make_app, text

TEMPLATES = Path(webhooks.pages.__file__).parent / "templates"


@pytest.mark.parametrize(
    "path", ["/sign-in", "/queue", "/nothing", "/healthz", "/api/v1/queue", "/assets/deskside.css"]
)
def test_every_answer_carries_the_security_headers(anonymous: FlaskClient, path: str) -> None:
    headers = anonymous.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_no_page_needs_what_the_policy_forbids() -> None:
    for template in TEMPLATES.rglob("*.html"):
        source = template.read_text("utf-8")
        assert not re.search(r"\sstyle=|\son\w+=\"|<style|javascript:", source), template.name
        assert not re.search(r"<script(?! src=\"\{\{ asset\()", source), template.name
        assert not re.search(r"(?:src|href)=\"(?:https?:)?//", source), template.name
        assert "| safe" not in source, template.name


def test_pages_are_not_kept_by_caches_and_static_files_are(agent: FlaskClient) -> None:
    page = agent.get("/queue")
    assert page.headers["Cache-Control"] == "no-store"
    style = re.search(r'href="(/assets/deskside\.css\?v=\w+)"', page.get_data(as_text=True))
    assert style is not None
    answer = agent.get(style[1])
    assert answer.status_code == 200
    assert "max-age=31536000" in answer.headers["Cache-Control"]


def test_an_unknown_address_is_a_page_for_people_and_a_document_for_programs(anonymous: FlaskClient) -> None:
    assert "This is not here" in anonymous.get("/nothing").get_data(as_text=True)
    for path in ("/api/v1/nothing", "/webhooks/nothing"):
        answer = anonymous.get(path)
        assert answer.status_code == 404
        assert answer.content_type == "application/problem+json"
        assert answer.get_json(force=True)["title"] == "Not Found"


def test_whoever_is_signed_in_keeps_their_way_home_on_a_page_that_is_not_there(agent: FlaskClient) -> None:
    answer = agent.get("/nothing")
    assert answer.status_code == 404
    assert 'href="/settings"' in answer.get_data(as_text=True)


def test_without_its_database_a_page_still_answers(settings: Settings, asked: Asked) -> None:
    client = make_app(open_database("sqlite:////nowhere/at/all.db"), settings, asked).test_client()
    with client.session_transaction() as session:
        session["person"] = 1
    assert client.get("/nothing").status_code == 404
    assert "Something went wrong here" in client.get("/queue").get_data(as_text=True)


def test_a_failure_is_logged_and_shows_nothing_of_the_inside(
    app: Flask, agent: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> str:
        raise RuntimeError("the password is swordfish")

    app.view_functions["pages.queue_page"] = fail
    app.view_functions["api.list_queue"] = fail
    for path in ("/queue", "/api/v1/queue"):
        answer = agent.get(path)
        assert answer.status_code == 500
        assert "swordfish" not in answer.get_data(as_text=True)
    assert "GET /queue failed" in caplog.text


def test_every_vendored_script_has_its_licence_beside_it() -> None:
    vendor = TEMPLATES.parent / "static" / "vendor"
    for script in vendor.glob("*.js"):
        name = re.match(r"[a-z]+", script.name)
        assert name is not None
        assert (vendor / f"LICENSE-{name[0]}.txt").read_text("utf-8").startswith("Zero-Clause BSD")


def test_times_are_readable_without_javascript(agent: FlaskClient, shelf: Shelf) -> None:
    shelf.ticket("1")
    assert re.search(
        r'<time datetime="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ">[^<]*\d\d:\d\d UTC</time>', text(agent, "/queue")
    )
