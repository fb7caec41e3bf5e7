"""The connection: one host, bounded time, typed errors."""

import pytest

from adapters.confluence.session import ApiSession
from adapters.confluence.settings import Settings
from deskside.errors import Permanent, Transient
from tests.doubles import servers

TOKEN = "the-token-of-the-wiki"


def session(port: int) -> ApiSession:
    url = f"http://127.0.0.1:{port}"
    return ApiSession(
        Settings(url=url, deployment="datacenter", token=TOKEN, spaces=("DOC",), read_timeout=0.5, connect_timeout=0.5)
    )


def test_a_redirect_is_not_followed_and_nobody_else_gets_the_token() -> None:
    seen: list[bytes] = []
    with servers.tcp_server(servers.answering(servers.page(), seen)) as other:
        moved = servers.page("302 Found", b"", f"Location: http://127.0.0.1:{other}/")
        with servers.tcp_server(servers.answering(moved)) as port, pytest.raises(Permanent, match="redirects"):
            session(port).read("/rest/api/space")
    assert seen == []


def test_no_other_address_can_be_asked() -> None:
    with pytest.raises(Transient):
        session(servers.closed_port()).read(".example.com/rest/api/space")


@pytest.mark.parametrize("handler", [servers.silent, servers.hanging, servers.resetting])
def test_whatever_does_not_answer_in_time_may_be_asked_again(handler: servers.Handler) -> None:
    with servers.tcp_server(handler) as port, pytest.raises(Transient) as caught:
        session(port).read("/rest/api/space")
    assert TOKEN not in repr(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("body", [b"<html>Sign in</html>", b"[]", b'"text"', b""])
def test_a_page_of_html_is_no_answer(body: bytes) -> None:
    with servers.tcp_server(servers.answering(servers.page(body=body))) as port, pytest.raises(Transient, match="JSON"):
        session(port).read("/rest/api/space")


def test_who_could_not_be_signed_in_is_not_taken_for_a_reader() -> None:
    answer = servers.page("200 OK", b'{"results": []}', "X-Seraph-LoginReason: AUTHENTICATED_FAILED")
    with servers.tcp_server(servers.answering(answer)) as port, pytest.raises(Permanent, match="token"):
        session(port).read("/rest/api/content")
