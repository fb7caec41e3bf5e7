"""What browsers load, and who may."""

import re

import pytest
from flask.testing import FlaskClient

from tests.webhooks.push.browser import Browser


@pytest.fixture
def client(browser: Browser) -> FlaskClient:
    return browser.client


@pytest.mark.parametrize("path", ["/push/sw.js", "/push/deskside.js", "/push/assets/icon-192.png"])
def test_pages_of_a_portal_may_load_it(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    again = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_worker_is_looked_at_again_at_every_visit(client: FlaskClient) -> None:
    headers = client.get("/push/sw.js").headers
    assert headers["Cache-Control"] == "no-cache"
    assert headers["Service-Worker-Allowed"] == "/"
    assert headers["Content-Type"].startswith("text/javascript")


def test_the_script_of_a_portal_is_one_file(client: FlaskClient) -> None:
    script = client.get("/push/deskside.js").get_data(as_text=True)
    assert script.index("window.DesksidePush ??= ") < script.index("Object.assign(window.DesksidePush")


@pytest.mark.parametrize("name", ["__init__.py", "../model.py", "..%2fmodel.py", "nothing.js", ".js"])
def test_nothing_else_of_the_folder_is_there(client: FlaskClient, name: str) -> None:
    assert client.get(f"/push/assets/{name}").status_code == 404


def test_every_file_of_the_page_is_there_and_kept_for_long(client: FlaskClient) -> None:
    page = client.get("/push/").get_data(as_text=True)
    named = re.findall(r'(?:src|href)="((?:http://127\.0\.0\.1:8642)?/push/assets/[^"]+)"', page)
    assert len(named) >= 5
    for address in named:
        answer = client.get(address.removeprefix("http://127.0.0.1:8642"))
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]


def test_the_page_may_be_opened_by_a_portal_and_framed_by_nobody(client: FlaskClient) -> None:
    headers = client.get("/push/").headers
    assert headers["Cross-Origin-Opener-Policy"] == "unsafe-none"
    policy = headers["Content-Security-Policy"]
    for part in ("default-src 'none'", "script-src 'self'", "worker-src 'self'", "frame-ancestors 'none'"):
        assert part in policy
    assert "unsafe" not in policy


def test_the_page_needs_nothing_that_the_policy_forbids(client: FlaskClient) -> None:
    page = client.get("/push/?topics=news").get_data(as_text=True)
    assert not re.search(r"\sstyle=|\son\w+=|<style|javascript:|<script(?! src=)", page)


def test_the_app_of_the_home_screen(client: FlaskClient) -> None:
    manifest = client.get("/push/manifest.webmanifest?lang=ru")
    assert manifest.content_type == "application/manifest+json"
    found = manifest.get_json(force=True)
    assert (found["display"], found["scope"], found["lang"]) == ("standalone", "/push/", "ru")
    assert found["name"] == "Acme Hosting"
    assert {icon["sizes"] for icon in found["icons"]} == {"192x192", "512x512"}


def test_the_question_comes_in_the_language_of_the_reader(client: FlaskClient) -> None:
    english, russian = (client.get(f"/push/prompt?lang={name}").get_json() for name in ("en-GB", "ru"))
    assert [topic["title"] for topic in english["topics"]] == ["News & tips", "Outages"]
    assert [topic["title"] for topic in russian["topics"]] == ["Новости", "Outages"]
    assert [topic["proposed"] for topic in english["topics"]] == [True, False]
    assert english["yes"] != russian["yes"]


def test_the_key_is_the_public_one(client: FlaskClient) -> None:
    found = client.get("/push/key").get_json()
    assert re.fullmatch(r"B[\w-]{86}", found["key"])
    assert re.fullmatch(r"[0-9a-f]{16}", found["id"])


def test_the_help_is_that_of_the_browser(client: FlaskClient) -> None:
    agents = {
        "Mozilla/5.0 (Macintosh) Version/18.4 Safari/605.1": "Safari's Settings",
        "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Firefox/153.0": "Remove the block",
        "Mozilla/5.0 (Windows NT 10.0) Chrome/156.0 Safari/537": "Windows Settings",
    }
    for agent, help_text in agents.items():
        assert help_text in client.get("/push/", headers={"User-Agent": agent}).get_data(as_text=True)
