"""Who writes a ticket is shown articles that may help, and the page is as ever without them."""

import html
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from adapters.whmcs.signature import verify
from tests.adapters.whmcs.addon.conftest import packed, patient
from tests.adapters.whmcs.addon.receiving import Deskside
from tests.doubles.whmcs_server import Visitor, Whmcs, missing, running_whmcs
from tests.webhooks.embed.test_suggesting import publish
from tests.webhooks.embedding import SECRET

PLACE = re.compile(r'class="deskside deskside-suggest" data-deskside="([^"]*)"')
PAGE = "/submitticket.php?step=2&deptid=1"
ARTICLES = [{"title": "Mail & <spam>", "url": "https://help.example/1", "snippet": "Check the filter"}]


class Finder:
    """Answers every signed question of an addon with the same articles."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.articles: list[Any] = list(ARTICLES)
        self.server = make_server("127.0.0.1", 0, self._app, threaded=True)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def _app(self, environ: Any, start: Any) -> Any:
        request = Request(environ)
        headers = {name.lower(): value for name, value in request.headers}
        verify([SECRET], headers, request.get_data(), datetime.now(UTC))
        self.asked.append({"path": request.path, "address": request.query_string, **json.loads(request.get_data())})
        return Response(json.dumps({"articles": self.articles}), mimetype="application/json")(environ, start)


@pytest.fixture
def finder() -> Iterator[Finder]:
    running = Finder()
    yield running
    running.server.shutdown()
    running.server.server_close()


@pytest.fixture
def helped(tmp_path: Path, finder: Finder) -> Iterator[Whmcs]:
    """WHMCS whose addon asks the finder."""
    with patiently(tmp_path, finder.url) as running:
        yield running


@contextmanager
def patiently(folder: Path, url: str) -> Iterator[Whmcs]:
    """WHMCS whose addon waits long enough for a busy machine."""
    if lacking := missing():
        pytest.skip(lacking)
    with running_whmcs([patient(packed(folder, url))]) as running:
        running.activate("deskside", {"settings_roles": "1"})
        yield running
        assert running.errors() == []


def config(page: requests.Response) -> dict[str, Any] | None:
    found = PLACE.search(page.text)
    return json.loads(html.unescape(found[1])) if found else None


def ask(visitor: Visitor, query: str, token: str) -> dict[str, Any]:
    fields = {"query": query, "deskside_token": token}
    answer: dict[str, Any] = visitor.post("/index.php?m=deskside&action=suggest", fields).json()
    return answer


@pytest.mark.parametrize("signed_in", [True, False])
def test_who_writes_a_ticket_is_answered_with_articles(helped: Whmcs, finder: Finder, signed_in: bool) -> None:
    visitor = helped.client(1) if signed_in else helped.stranger()
    found = config(visitor.get(PAGE))
    assert found is not None
    assert ask(visitor, "Почта & <spam> не приходит", found["token"]) == {"ok": True, "articles": ARTICLES}
    (asked,) = finder.asked
    # Nothing of the client, and nothing in an address.
    assert asked == {
        "path": "/embed/whmcs",
        "address": b"",
        "type": "suggest",
        "query": "Почта & <spam> не приходит",
        "language": "en",
    }


def test_a_short_text_or_another_sessions_token_asks_nobody(helped: Whmcs, finder: Finder) -> None:
    visitor = helped.stranger()
    found = config(visitor.get(PAGE))
    assert found is not None
    refused = {"ok": False, "denied": True}
    assert ask(visitor, "  почта  ", found["token"]) == refused
    assert ask(visitor, "mail does not arrive" * 100, found["token"]) == refused
    assert ask(helped.stranger(), "mail does not arrive", found["token"]) == refused
    assert ask(visitor, "mail does not arrive", "") == refused
    assert finder.asked == []


def test_only_the_page_of_a_new_ticket_has_them(helped: Whmcs) -> None:
    cleo = helped.client(1)
    assert config(cleo.get(PAGE)) is not None
    assert config(cleo.get("/clientarea.php")) is None
    assert config(cleo.get("/supporttickets.php")) is None
    page = cleo.get(PAGE).text
    for path in re.findall(r'"/(modules/addons/deskside/assets/[^"?]+)', page):
        assert requests.get(f"{helped.base_url}/{path}", timeout=10).status_code == 200


def test_they_can_be_switched_off(helped: Whmcs, finder: Finder) -> None:
    visitor = helped.stranger()
    found = config(visitor.get(PAGE))
    assert found is not None
    helped.insert("mod_deskside_state", {"name": "setting_suggest", "value": "off"})
    assert config(visitor.get(PAGE)) is None
    assert ask(visitor, "mail does not arrive", found["token"]) == {"ok": False, "denied": True}
    assert finder.asked == []


@pytest.mark.parametrize("how", ["away", "silent", "fails"])
def test_without_deskside_the_answer_is_that_it_is_away(whmcs: Whmcs, behind: Deskside, how: str) -> None:
    visitor = whmcs.stranger()
    found = config(visitor.get(PAGE))
    assert found is not None
    if how == "fails":
        behind.answer_with = 503
    else:
        behind.go() if how == "away" else behind.fall_silent()
    assert ask(visitor, "mail does not arrive", found["token"]) == {"ok": False, "away": True}


def test_deskside_answers_with_what_everybody_may_read(tmp_path: Path, behind: Deskside) -> None:
    publish(behind.database, 1, "Mail does not arrive")
    publish(behind.database, 2, "Mail does not arrive: for agents", public=False)
    with patiently(tmp_path, behind.url) as whmcs:
        visitor = whmcs.stranger()
        found = config(visitor.get(PAGE))
        assert found is not None
        (article,) = ask(visitor, "My mail does not arrive", found["token"])["articles"]
    assert (article["title"], article["url"]) == ("Mail does not arrive", "https://help.example/1")
