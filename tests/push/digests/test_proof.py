"""A private article must never be told of: what counts is what a stranger reads, not what the server says."""

import pytest

from deskside.fetching import Page
from push.digests.proof import is_public

TITLE = "How to restart a server & keep your data"
ARTICLE = f"<html><head><title>{TITLE.replace('&', '&amp;')} – Help</title></head><body><h1>…</h1></body></html>"
SIGN_IN = """<html><head><title>Sign in</title></head><body>
<form action="/signin?return_to=%2Fhc%2Farticles%2F1-How-to-restart-a-server-keep-your-data">
<input type="hidden" name="return_to" value="How to restart a server & keep your data">
<script>var next = "How to restart a server & keep your data";</script></form></body></html>"""


def page(body: str, status: int = 200, content_type: str = "text/html; charset=utf-8") -> Page:
    return Page(status, "https://help.example/1", {"Content-Type": content_type}, body.encode())


def test_a_page_that_shows_its_title_is_public() -> None:
    assert is_public(page(ARTICLE), TITLE)
    assert is_public(page(f"<h1>{TITLE.upper()}</h1>"), TITLE)


@pytest.mark.parametrize("status", [401, 403, 404, 410, 302, 500])
def test_a_page_with_another_status_is_not(status: int) -> None:
    assert not is_public(page(ARTICLE, status), TITLE)


def test_a_sign_in_form_is_not_though_it_knows_where_to_go_next() -> None:
    assert not is_public(page(SIGN_IN), TITLE)


def test_a_page_without_any_words_is_not() -> None:
    assert not is_public(page(""), TITLE)
    assert not is_public(page(ARTICLE), "!!!")


def test_a_charset_nobody_knows_does_not_stop_it() -> None:
    assert is_public(page(ARTICLE, content_type="text/html; charset=klingon"), TITLE)
