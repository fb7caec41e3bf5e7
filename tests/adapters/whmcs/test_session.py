"""Calls to api.php: bounded, typed, and without a secret in anything that goes wrong."""

import logging
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from adapters.whmcs.client import Clients
from adapters.whmcs.problems import AccessRefused
from adapters.whmcs.session import ApiSession, Turnstile
from adapters.whmcs.settings import Settings
from deskside.errors import DesksideError, Gone, Permanent, Transient, UnknownOutcome
from tests.adapters.whmcs.install import IDENTIFIER, OWN, SECRET, Answer, Asked, Install, refusal
from tests.adapters.whmcs.memory import Canary

KEEP = {"result", "status", "message", "x"}
Call = Callable[[ApiSession], object]


def read(session: ApiSession) -> object:
    return session.read("Get", {"a": "1"}, KEEP)


def write(session: ApiSession) -> object:
    return session.write("Add", {"a": "1"}, KEEP)


def make_session(settings: Settings, at_once: int = 4, patience: float = 5.0) -> ApiSession:
    return ApiSession(settings, Turnstile(at_once, patience))


@pytest.fixture
def session(settings: Settings) -> ApiSession:
    return make_session(settings)


@pytest.fixture(autouse=True)
def good_answers(install: Install) -> None:
    install.on("Get", Answer({"result": "success", "x": "1"}))
    install.on("Add", Answer({"result": "success", "x": "1"}))


def test_a_call_is_a_form_with_the_credential(install: Install, settings: Settings) -> None:
    with_key = replace(settings, access_key="let-me-in")
    assert read(make_session(with_key)) == {"result": "success", "x": "1"}
    asked = install.asked("Get")[0]
    assert asked.path == "/includes/api.php"
    assert asked.parameters == {"a": "1", "responsetype": "json"}
    assert asked.credential == {"identifier": IDENTIFIER, "secret": SECRET, "accesskey": "let-me-in"}
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    "body", [{"x": "1"}, {"status": "success", "x": "1"}, {"status": "Open", "x": "1"}, {"result": "SUCCESS"}]
)
def test_a_success_need_not_say_result(install: Install, session: ApiSession, body: dict[str, str]) -> None:
    install.on("Get", Answer(body))
    assert read(session) == body


REFUSALS = [
    ("Authentication Failed", 403, "secret is wrong"),
    ("Invalid or missing credentials", 403, "identifier is wrong"),
    ("Invalid IP 203.0.113.9", 403, r"203\.0\.113\.9.*API IP Access Restriction"),
    ("Invalid IP 203.0.113.9", 400, r"203\.0\.113\.9.*API IP Access Restriction"),
    ("Invalid IP 2001:db8::9", 403, "2001:db8::9.*IPv6"),
    ('Invalid Permissions: API action "get" is not allowed', 403, 'action "get".*API Roles'),
    ("Administrator Account Disabled", 403, "disabled: enable"),
    ("Access Denied", 403, "API Access"),
    ("An admin user is required", 200, "without /includes/api.php"),
]


@pytest.mark.parametrize(("message", "status", "words"), REFUSALS)
@pytest.mark.parametrize("call", [read, write])
def test_who_is_not_let_in_is_told_by_the_message_with_cause_and_cure(
    install: Install, session: ApiSession, *, call: Call, message: str, status: int, words: str
) -> None:
    install.on("Get", refusal(message, status))
    install.on("Add", refusal(message, status))
    with pytest.raises(AccessRefused, match=words) as caught:
        call(session)
    assert message in caught.value.cause
    assert caught.value.cure
    assert len(install.seen) == 1


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Ticket ID not found", Gone),
        ("Ticket ID Not Found", Gone),
        ("Client Not Found", Gone),
        ("Note ID not found", Gone),
        ("Message is required", Permanent),
        ("Invalid Ticket Priority. Valid priorities are: Low,Medium,High", Permanent),
        ("Action Not Found", Permanent),
        ("", Permanent),
        ("Down for Maintenance", Transient),
        ("SQLSTATE[40001]: Deadlock found when trying to get lock; try restarting transaction", Transient),
    ],
)
def test_an_error_of_http_200_is_an_error_and_nothing_was_done(
    install: Install, session: ApiSession, message: str, kind: type[DesksideError]
) -> None:
    install.on("Add", refusal(message))
    with pytest.raises(kind) as caught:
        write(session)
    assert type(caught.value) is kind
    assert message in str(caught.value)


def test_status_instead_of_result_can_be_an_error_too(install: Install, session: ApiSession) -> None:
    install.on("Get", Answer({"status": "error", "message": "Client Not Found"}))
    with pytest.raises(Gone):
        read(session)


PAGE = "<html><body>Just a moment…</body></html>"


@pytest.mark.parametrize(
    ("status", "reading", "writing"),
    [(403, AccessRefused, AccessRefused), (404, Permanent, Permanent), (301, Permanent, Permanent),
     (418, Permanent, Permanent), (429, Transient, Transient), (200, Transient, UnknownOutcome),
     (500, Transient, UnknownOutcome), (502, Transient, UnknownOutcome), (503, Transient, UnknownOutcome)],
)  # fmt: skip
def test_a_page_instead_of_json_is_something_in_front_of_whmcs(
    install: Install,
    session: ApiSession,
    *,
    status: int,
    reading: type[DesksideError],
    writing: type[DesksideError],
) -> None:
    headers = {"Location": install.url + "/elsewhere", "Content-Type": "text/html"}
    for action in ("Get", "Add"):
        install.on(action, Answer(PAGE, status, headers))
    for call, kind in ((read, reading), (write, writing)):
        with pytest.raises(kind) as caught:
            call(session)
        assert type(caught.value) is kind
        assert "moment" not in str(caught.value)
    assert len(install.asked("Add")) == 1
    assert "elsewhere" not in {asked.path for asked in install.seen}


@pytest.mark.parametrize(
    ("header", "wait"), [("37", 37.0), (None, 10.0), ("soon", 10.0), ("0", 1.0), ("99999", 3600.0)]
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_retry_after_is_handed_on(
    install: Install, session: ApiSession, *, status: int, header: str | None, wait: float
) -> None:
    install.on("Get", Answer("slow down", status, {"Retry-After": header} if header else {}))
    with pytest.raises(Transient) as caught:
        read(session)
    assert caught.value.retry_after == wait


def test_a_broken_server_is_asked_again_once_and_only_for_a_read(install: Install, session: ApiSession) -> None:
    install.on("Get", Answer("oops", 502), Answer({"result": "success", "x": "2"}))
    assert read(session) == {"result": "success", "x": "2"}
    install.on("Get", Answer("oops", 502))
    with pytest.raises(Transient):
        read(session)
    assert len(install.asked("Get")) == 4


def test_cookies_proxies_and_redirects_do_not_count(
    install: Install, session: ApiSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    install.on("Get", Answer({"result": "success"}, 200, {"Set-Cookie": "WHMCS=abc; Path=/"}))
    read(session)
    read(session)
    assert "cookie" not in install.asked("Get")[1].headers


@contextmanager
def peer(answer: bytes, *, hang: bool = False) -> Iterator[tuple[str, list[int]]]:
    """A server that reads a request, sends these bytes and hangs up (or does not); its address and its callers."""
    callers: list[int] = []
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    callers.append(1)
                    connection.recv(65536)
                    connection.sendall(answer)
                    if hang:
                        done.wait(20)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}", callers
        finally:
            done.set()
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize("answer", [b"", HEAD + b'Content-Length: 99\r\n\r\n{"result"'])
def test_an_answer_that_never_came_whole_leaves_the_outcome_of_a_write_unknown(
    settings: Settings, answer: bytes
) -> None:
    with peer(answer) as (url, callers):
        session = make_session(replace(settings, url=url))
        with pytest.raises(UnknownOutcome):
            write(session)
        assert len(callers) == 1
        with pytest.raises(Transient) as caught:
            read(session)
        assert not isinstance(caught.value, UnknownOutcome)
        assert len(callers) == 3


def test_a_read_that_times_out_is_not_repeated(settings: Settings) -> None:
    with peer(b"", hang=True) as (url, callers):
        session = make_session(replace(settings, url=url, read_timeout=0.2))
        with pytest.raises(Transient, match="time-out"):
            read(session)
        assert len(callers) == 1
        with pytest.raises(UnknownOutcome, match="time-out"):
            write(session)


def test_a_refused_connection_means_that_nothing_was_done(install: Install, session: ApiSession) -> None:
    install.close()
    with pytest.raises(Transient) as caught:
        write(session)
    assert not isinstance(caught.value, UnknownOutcome)
    # The fixture closes once more.
    install.__init__()  # type: ignore[misc]


def test_at_most_so_many_calls_are_under_way_at_once(install: Install, settings: Settings) -> None:
    three = threading.Barrier(3)

    def answer(_: Asked) -> Answer:
        three.wait(10)
        return OWN

    install.on("GetAdminDetails", answer)
    clients = Clients(replace(settings, at_once=3))
    threads = [threading.Thread(target=lambda: clients.here().own()) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(install.asked("GetAdminDetails")) == 12
    assert install.most_at_once == 3


def test_who_waits_too_long_for_a_place_comes_again_later(settings: Settings) -> None:
    turnstile = Turnstile(1, 0.05)
    with turnstile.pass_through(), pytest.raises(Transient, match="too many calls"):
        ApiSession(settings, turnstile).read("Get", {}, KEEP)


def test_a_place_is_given_back_after_a_failure(install: Install, settings: Settings) -> None:
    session = make_session(settings, at_once=1, patience=0.5)
    install.on("Get", refusal("Ticket ID not found"))
    for _ in range(3):
        with pytest.raises(Gone):
            read(session)


def test_each_thread_has_its_own_client_made_once(settings: Settings) -> None:
    clients = Clients(settings)
    other: list[object] = []
    thread = threading.Thread(target=lambda: other.append(clients.here()))
    thread.start()
    thread.join()
    assert clients.here() is clients.here()
    assert other[0] is not clients.here()


# Secrets


@pytest.mark.parametrize(
    "answer",
    [
        refusal(f"Authentication Failed for {SECRET}", 403),
        refusal(f"{SECRET} is unknown"),
        Answer("<html>" + SECRET, 500),
        Answer("[1]", 403),
    ],
)
@pytest.mark.parametrize("call", [read, write])
def test_no_error_and_no_log_holds_the_secret(
    install: Install, session: ApiSession, caplog: pytest.LogCaptureFixture, *, call: Call, answer: Answer
) -> None:
    caplog.set_level(logging.DEBUG)
    for action in ("Get", "Add"):
        install.on(action, answer)
    with pytest.raises(DesksideError) as caught:
        call(session)
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert SECRET not in caplog.text + repr(session) + repr(vars(session))


@pytest.mark.parametrize("call", [read, write])
def test_no_error_holds_what_was_sent_not_even_in_its_chain(settings: Settings, call: Call) -> None:
    with peer(b"") as (url, _):
        session = make_session(replace(settings, url=url))
        with pytest.raises(DesksideError) as caught:
            call(session)
    chain: BaseException | None = caught.value
    while chain is not None:
        assert type(chain).__module__.startswith(("deskside", "adapters"))
        chain = chain.__cause__ or chain.__context__


def test_what_is_not_asked_for_is_in_no_object_after_the_call(install: Install, session: ApiSession) -> None:
    hidden, seen = Canary(), Canary()

    def answer(_: Asked) -> Answer:
        return Answer(
            {"x": seen.sing(), "password": hidden.sing(), "x[0][password]": hidden.sing(), "y": hidden.sing()}
        )

    install.on("Get", answer)
    found = [read(session)]
    assert seen.holders(), "what is kept is not found either, so this proves nothing"
    assert hidden.holders() == []
    assert found == [{"x": seen.sing()}]
