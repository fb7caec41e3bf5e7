"""Only a signed request is answered, and never with more than it may know."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

import webhooks.embed
from tests.webhooks.desk import Shelf
from tests.webhooks.embedding import Asking, agent

PANEL = json.dumps({"type": "panel", "ticket": "1", "agent": agent()}).encode()
TEMPLATES = Path(webhooks.embed.__file__).parent / "templates"


def test_a_request_without_a_good_signature_is_refused(asking: Asking) -> None:
    forged = {**asking.signed(PANEL), "webhook-signature": "v1,bm90IHRoaXM="}
    assert asking.post(PANEL, {}).status_code == 401
    assert asking.post(PANEL, forged).status_code == 401
    assert asking.post(PANEL + b" ", asking.signed(PANEL)).status_code == 401
    assert asking.post(PANEL, asking.signed(PANEL, timedelta(minutes=6))).status_code == 401
    assert asking.post(PANEL).status_code == 200


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"type": "everything"}, "type"),
        ({"type": "panel", "agent": agent()}, "ticket"),
        ({"type": "panel", "ticket": "1"}, "agent"),
        ({"type": "place", "ticket": "1", "agent": agent()}, "client"),
        ({"type": "lock.renew", "ticket": "1", "agent": agent()}, "token"),
        ({"type": "panel", "ticket": "1\0", "agent": agent()}, "ticket"),
        ({"type": "panel", "ticket": "1", "agent": {"id": "1"}}, "name"),
        ([], ""),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(asking: Asking, body: object, named: str) -> None:
    answer = asking.post(json.dumps(body).encode()) if isinstance(body, dict) else asking.post(b'{"type": []}')
    assert answer.status_code == 400
    assert named in answer.get_json()["error"]


def test_other_desks_other_methods_and_huge_bodies_are_refused(asking: Asking) -> None:
    assert asking.client.post("/embed/other", data=PANEL).status_code == 404
    assert asking.client.post("/embed/", data=PANEL).status_code == 404
    assert asking.client.get("/embed/zendesk").status_code == 405
    big = json.dumps({"type": "ping", "more": "x" * 17_000}).encode()
    assert asking.post(big).status_code == 413


def test_a_ping_is_answered_and_nothing_is_kept_by_caches(asking: Asking) -> None:
    answer = asking.post(b'{"type": "ping"}')
    assert answer.get_json()["pong"] is True
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers


def test_a_store_that_does_not_answer_is_said(asking: Asking, database: sa.Engine, shelf: Shelf) -> None:
    with database.begin() as connection:
        connection.execute(sa.text("DROP TABLE reply_lock"))
    answer = asking.post(PANEL)
    assert answer.status_code == 503
    assert "reply_lock" not in answer.get_data(as_text=True)


def test_the_pages_beside_it_answer_as_before(asking: Asking) -> None:
    assert asking.client.get("/sign-in").status_code == 200


def test_no_fragment_brings_scripts_styles_or_unescaped_text() -> None:
    for template in TEMPLATES.glob("*.html"):
        source = template.read_text("utf-8")
        assert not re.search(r"\sstyle=|\son\w+=|<style|<script|javascript:|\| safe|autoescape", source), template.name
