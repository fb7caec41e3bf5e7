"""HTTP: one GET to the checked address, every hostile server ends by the deadline."""

import logging

import pytest

from adapters.health import http as module
from adapters.health.http import probe, web_ports
from adapters.health.http_message import Head
from deskside.model.health import Finding, Sign, Word
from tests.adapters.health.looking import look, target
from tests.doubles.certificates import issue, serving
from tests.doubles.servers import (
    Handler,
    answering,
    closed_port,
    dripping,
    endless,
    endless_head,
    full_backlog,
    hanging,
    page,
    resetting,
    silent,
    tcp_server,
)


@pytest.fixture
def get(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    def ask(port: int, tls: bool = False, host: str | None = "srv1.example", **limits: float) -> Finding:
        monkeypatch.setattr(module, "WEB_PORTS", {port: tls})
        return look(probe, target(host, ports=(port,)), **limits)

    return ask


def ask_of(get, handler: Handler, **limits: float) -> Finding:  # type: ignore[no-untyped-def]
    with tcp_server(handler) as port:
        return get(port, **limits)


def test_a_page_is_ok_and_the_request_says_who_asks(get) -> None:  # type: ignore[no-untyped-def]
    seen: list[bytes] = []
    finding = ask_of(get, answering(page(), seen))
    assert (finding.word, finding.sign, finding.details["code"]) == (Word.OK, Sign.ALIVE, "answered")
    (request,) = seen
    assert request.startswith(b"GET / HTTP/1.1\r\nHost: srv1.example:")
    assert b"User-Agent: deskside-health/" in request
    assert b"Accept-Encoding: identity" in request
    phases = finding.details["phases_ms"]
    assert list(phases) == ["connect", "first_byte", "total"]  # type: ignore[call-overload]


def test_over_tls_the_name_is_in_sni_and_a_bad_certificate_is_no_matter_here(get) -> None:  # type: ignore[no-untyped-def]
    seen: list[str | None] = []
    context = serving(issue("wrong.example", days=-1, age=10))
    context.sni_callback = lambda _object, name, _context: seen.append(name)
    with tcp_server(answering(page()), tls=context) as port:
        finding = get(port, tls=True)
    assert finding.word is Word.OK
    assert seen == ["srv1.example"]
    assert "tls" in finding.details["phases_ms"]


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden", "204 No Content", "304 Not Modified"])
def test_a_site_that_asks_for_a_password_works(get, status: str) -> None:  # type: ignore[no-untyped-def]
    assert ask_of(get, answering(page(status))).word is Word.OK


def test_a_missing_page_is_degraded(get) -> None:  # type: ignore[no-untyped-def]
    finding = ask_of(get, answering(page("404 Not Found")))
    assert (finding.word, finding.details["code"]) == (Word.DEGRADED, "client_error")


@pytest.mark.parametrize("status", ["500 Oops", "502 Bad Gateway", "503 Service Unavailable"])
def test_a_failing_site_is_down_while_the_host_lives(get, status: str) -> None:  # type: ignore[no-untyped-def]
    finding = ask_of(get, answering(page(status)))
    assert (finding.word, finding.sign) == (Word.DOWN, Sign.ALIVE)


@pytest.mark.parametrize(
    "answer",
    [
        page("503 Service Unavailable", b"<title>Just a moment...</title>"),
        page("429 Too Many Requests", b"please solve the CAPTCHA"),
        page("403 Forbidden", b"", "cf-mitigated: challenge"),
    ],
)
def test_a_firewalls_challenge_says_nothing_about_the_site(get, answer: bytes) -> None:  # type: ignore[no-untyped-def]
    finding = ask_of(get, answering(answer))
    assert (finding.word, finding.sign, finding.details["code"]) == (Word.UNKNOWN, Sign.ALIVE, "challenge")


def test_a_redirect_is_told_and_never_followed(get) -> None:  # type: ignore[no-untyped-def]
    seen: list[bytes] = []
    with tcp_server(answering(page(), seen)) as trap:
        location = f"Location: http://127.0.0.1:{trap}/secret?token=1"
        finding = ask_of(get, answering(page("302 Found", b"", location)))
    assert (finding.word, finding.details["code"]) == (Word.OK, "redirect")
    assert (finding.details["location_host"], finding.details["elsewhere"]) == ("127.0.0.1", True)
    assert "secret" not in str(finding)
    assert seen == []


@pytest.mark.parametrize(
    ("location", "elsewhere"),
    [("https://www.srv1.example/", False), ("/login", False), ("https://evil.net/", True), ("https://[bad", False)],
)
def test_a_redirect_to_another_site_is_told_apart(get, location: str, elsewhere: bool) -> None:  # type: ignore[no-untyped-def]
    finding = ask_of(get, answering(page("301 Moved", b"", f"Location: {location}")))
    assert finding.details["elsewhere"] is elsewhere


def test_a_slow_page_is_degraded(get) -> None:  # type: ignore[no-untyped-def]
    finding = ask_of(get, answering(page()), http_slow_seconds=0.0)
    assert (finding.word, finding.details["code"]) == (Word.DEGRADED, "slow")


@pytest.mark.parametrize(
    ("handler", "code", "word"),
    [
        (silent, "no_answer", Word.DOWN),
        (hanging, "incomplete", Word.DEGRADED),
        (dripping, "no_answer", Word.DOWN),
        (resetting, "reset", Word.DOWN),
        (endless_head, "malformed", Word.DOWN),
        (answering(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), "malformed", Word.DOWN),
        (answering(b"HTTP/1.1 200 OK\r\nbad line\r\n\r\n"), "malformed", Word.DOWN),
        (answering(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"), "incomplete", Word.DEGRADED),
        (answering(b""), "reset", Word.DOWN),
        (answering(b"HTTP/1.1 100 Continue\r\n\r\n" * 9), "malformed", Word.DOWN),
    ],
)
def test_a_hostile_server_ends_by_the_deadline_and_counts_as_alive(  # type: ignore[no-untyped-def]
    get, handler: Handler, code: str, word: Word
) -> None:
    finding = ask_of(get, handler, http_seconds=0.5)
    assert (finding.details["code"], finding.word, finding.sign) == (code, word, Sign.ALIVE)


def test_a_page_without_an_end_is_cut(get) -> None:  # type: ignore[no-untyped-def]
    finding = ask_of(get, endless)
    assert (finding.word, finding.details["bytes"]) == (Word.OK, 65_536)


def test_a_tls_port_that_speaks_plain_text_is_alive_and_fails(get) -> None:  # type: ignore[no-untyped-def]
    with tcp_server(answering(page())) as port:
        finding = get(port, tls=True, http_seconds=1.0)
    assert (finding.word, finding.sign) == (Word.DOWN, Sign.ALIVE)


def test_a_handshake_that_hangs_ends_and_leaves_nothing_behind(get, caplog: pytest.LogCaptureFixture) -> None:  # type: ignore[no-untyped-def]
    with caplog.at_level(logging.WARNING), tcp_server(silent) as port:
        finding = get(port, tls=True, http_seconds=0.3)
    assert (finding.details["code"], finding.sign) == ("no_answer", Sign.ALIVE)
    assert caplog.records == []


def test_a_refused_connection_is_alive_and_a_timed_out_one_is_silent(get) -> None:  # type: ignore[no-untyped-def]
    refused = get(closed_port())
    assert (refused.word, refused.sign) == (Word.DOWN, Sign.ALIVE)
    with full_backlog() as port:
        timeout = get(port, tcp_seconds=0.3)
    assert (timeout.word, timeout.sign) == (Word.DOWN, Sign.SILENT)


def test_a_domain_without_ports_is_tried_on_443_and_then_80(monkeypatch: pytest.MonkeyPatch) -> None:
    with tcp_server(answering(page())) as port:
        shut = closed_port()
        monkeypatch.setattr(module, "web_ports", lambda _: (shut, port))
        monkeypatch.setattr(module, "WEB_PORTS", {shut: True, port: False})
        finding = look(probe, target("srv1.example"))
    assert (finding.word, finding.details["port"]) == (Word.OK, port)


def test_which_ports_are_asked() -> None:
    assert web_ports(target("srv1.example")) == (443, 80)
    assert web_ports(target("srv1.example", ports=(80, 443, 22))) == (443,)
    assert web_ports(target("srv1.example", ports=(22, 8080))) == (8080,)
    assert web_ports(target("srv1.example", ports=(22, 25))) == ()
    assert not probe.applies(target(None))


def test_a_challenge_is_only_believed_with_its_status() -> None:
    assert module._judge_head(Head(200, {}), b"captcha")[1] is Word.OK
