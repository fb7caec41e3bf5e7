"""Promises of the stranger that reads public pages: nothing it meets leads it to an address the guard refuses."""

import gzip
import socket
import threading
from collections.abc import Iterator

import pytest

from deskside import fetching
from deskside.errors import AddressForbidden, Permanent, Transient
from deskside.fetching import Fetcher, checked
from deskside.guard import AddressGuard
from tests.web import Answer, Web


@pytest.fixture
def web() -> Iterator[Web]:
    web = Web()
    yield web
    web.close()


@pytest.fixture
def fetcher() -> Fetcher:
    """One that may go to this machine's first loopback address, and no other."""
    return Fetcher(AddressGuard(allow=["127.0.0.1"]))


def test_a_page_is_read_with_its_status_and_its_headers(web: Web, fetcher: Fetcher) -> None:
    page = fetcher.get(web.on("/a", Answer("hello", 203, {"ETag": '"x"'})))
    assert (page.status, page.body, page.headers["etag"]) == (203, b"hello", '"x"')


def test_a_loopback_address_is_refused_unless_it_is_allowed(web: Web) -> None:
    with pytest.raises(AddressForbidden, match="loopback"):
        Fetcher(AddressGuard()).get(web.on("/a", Answer("hello")))
    assert web.asked == []


def test_a_name_is_refused_when_any_of_its_addresses_is(
    web: Web, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(web.url.rpartition(":")[2])
    both = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)),
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.7", port)),
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(AddressForbidden, match="private"):
        fetcher.get(f"http://rebound.example:{port}/")
    assert web.asked == []


def test_the_address_that_was_checked_is_the_one_connected_to(
    web: Web, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(web.url.rpartition(":")[2])
    resolutions: list[str] = []
    real = socket.getaddrinfo

    def resolve(host: str, *arguments: object, **keywords: object) -> object:
        if host != "rebinding.example":
            return real(host, *arguments, **keywords)  # type: ignore[arg-type]
        resolutions.append(host)
        address = "127.0.0.1" if len(resolutions) == 1 else "127.0.0.2"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    web.on("/", Answer("once"))
    assert fetcher.get(f"http://rebinding.example:{port}/").body == b"once"
    assert resolutions == ["rebinding.example"]
    assert web.asked[0].headers["host"] == f"rebinding.example:{port}"


def test_a_redirect_to_a_forbidden_address_is_not_followed(web: Web, fetcher: Fetcher) -> None:
    web.on("/out", Answer(status=302, headers={"Location": "http://169.254.169.254/latest/meta-data/"}))
    with pytest.raises(AddressForbidden, match="metadata"):
        fetcher.get(web.url + "/out")


@pytest.mark.parametrize("target", ["file:///etc/passwd", "gopher://127.0.0.1/", "http://user:pass@127.0.0.1/"])
def test_a_redirect_to_another_kind_of_address_is_not_followed(web: Web, fetcher: Fetcher, target: str) -> None:
    with pytest.raises(Permanent):
        fetcher.get(web.on("/out", Answer(status=301, headers={"Location": target})))


def test_redirects_are_followed_as_long_as_they_end(web: Web, fetcher: Fetcher) -> None:
    web.on("/a", Answer(status=301, headers={"Location": "/b"}))
    web.on("/b", Answer(status=307, headers={"Location": "/c"}))
    web.on("/c", Answer("here"))
    page = fetcher.get(web.url + "/a")
    assert (page.body, page.url) == (b"here", web.url + "/c")
    web.on("/round", Answer(status=302, headers={"Location": "/round"}))
    with pytest.raises(Permanent, match="more than 5 redirects"):
        fetcher.get(web.url + "/round")


def test_what_is_put_goes_to_an_address_that_is_allowed_and_nowhere_else(web: Web, fetcher: Fetcher) -> None:
    place = web.on("/store", Answer("", 307, {"Location": web.on("/elsewhere", Answer("hello"))}))
    assert fetcher.put(place, {"X-Signed": "yes"}, b"file").status == 307
    (asked,) = web.asked
    assert (asked.path, asked.headers["x-signed"], asked.headers["content-length"]) == ("/store", "yes", "4")
    with pytest.raises(AddressForbidden):
        Fetcher(AddressGuard()).put(place, {}, b"file")


def test_no_cookie_is_ever_sent_back(web: Web, fetcher: Fetcher) -> None:
    web.on("/a", Answer(status=302, headers={"Location": "/b", "Set-Cookie": "who=me; Path=/"}))
    web.on("/b", Answer("here", headers={"Set-Cookie": "again=me; Path=/"}))
    fetcher.get(web.url + "/a")
    fetcher.get(web.url + "/b")
    assert all("cookie" not in asked.headers and "authorization" not in asked.headers for asked in web.asked)


def test_a_page_that_is_too_large_is_refused_also_when_it_was_packed(web: Web, fetcher: Fetcher) -> None:
    with pytest.raises(Permanent, match="too large"):
        fetcher.get(web.on("/a", Answer(b"x" * 5000)), most=4999)
    packed = Answer(gzip.compress(b"x" * 1_000_000), headers={"Content-Encoding": "gzip"})
    with pytest.raises(Permanent, match="too large"):
        fetcher.get(web.on("/b", packed), most=100_000)


def test_a_server_that_sends_a_byte_at_a_time_does_not_hold_us(
    fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "CONNECT_SECONDS", 0.1)
    monkeypatch.setattr(fetching, "READ_SECONDS", 0.3)
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            with listening.accept()[0] as caller:
                caller.recv(4096)
                caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                try:
                    while not ended.wait(0.02):
                        caller.sendall(b"x")
                except OSError:
                    pass

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        with pytest.raises(Transient, match="time-out"):
            fetcher.get(f"http://127.0.0.1:{listening.getsockname()[1]}/")
        ended.set()
        thread.join()


def test_a_server_that_is_not_there_may_be_there_later(fetcher: Fetcher) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(Transient, match=r"no answer from 127\.0\.0\.1"):
        fetcher.get(f"http://127.0.0.1:{port}/private?key=secret")


@pytest.mark.parametrize(
    "url", ["", "example.com/a", "ftp://example.com", "https://", "https://a:b@example.com/", "https://e.com/a b",
            "https://e.com/" + "a" * 2048, "http://[::1", "http://e.com:99999/"],
)  # fmt: skip
def test_what_no_browser_could_be_sent_to_is_refused(url: str) -> None:
    with pytest.raises(Permanent):
        checked(url)
