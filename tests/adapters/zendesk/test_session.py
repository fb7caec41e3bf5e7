"""The session under zenpy: one host, one token, typed errors."""

import base64
import logging
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from adapters.zendesk.budget import Budget
from adapters.zendesk.client import Clients
from adapters.zendesk.credentials import make_credentials
from adapters.zendesk.session import API, NOMINAL, DeskSession
from adapters.zendesk.settings import Settings
from deskside.errors import Conflict, DesksideError, Gone, Permanent, Transient, UnknownOutcome
from tests.adapters.zendesk.account import TOKEN, Account, Answer
from tests.adapters.zendesk.peers import legacy

PATH = "/api/v2/things.json"
SECRET = "the-secret-of-the-client"


@pytest.fixture
def session(settings: Settings) -> DeskSession:
    return DeskSession(settings, make_credentials(settings), Budget())


def test_the_nominal_host_of_zenpy_is_the_configured_address(account: Account, session: DeskSession) -> None:
    account.on("GET", PATH, Answer({"ok": 1}))
    response = session.get(NOMINAL + PATH[1:])
    assert response.json() == {"ok": 1}
    assert response.request.url == NOMINAL + PATH[1:]
    assert account.asked()[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_a_link_to_the_configured_address_itself_is_followed(account: Account, session: DeskSession) -> None:
    account.on("GET", PATH, Answer({"ok": 1}))
    assert session.get(account.url + PATH).json() == {"ok": 1}


@pytest.mark.parametrize(
    "url",
    ["https://evil.example/x", "http://169.254.169.254/latest", "https://desk.zendesk.invalid.evil.example/x",
     "https://u:p@desk.zendesk.invalid/x", "file:///etc/passwd", "ftp://127.0.0.1/x", "http://desk.zendesk.invalid/x"],
)  # fmt: skip
def test_the_token_goes_to_no_other_host(account: Account, session: DeskSession, url: str) -> None:
    with pytest.raises(Permanent, match=r"not on 127\.0\.0\.1"):
        session.get(url)
    assert account.asked() == []


def test_a_redirect_is_an_error_and_not_followed(account: Account, session: DeskSession) -> None:
    account.on("GET", PATH, Answer("", 302, {"Location": account.url + "/elsewhere"}))
    with pytest.raises(Permanent, match=r"check zendesk\.url"):
        session.get(account.url + PATH)
    assert [seen.path for seen in account.asked()] == [PATH]


def test_cookies_are_not_kept(account: Account, session: DeskSession) -> None:
    account.on("GET", PATH, Answer({}, 200, {"Set-Cookie": "_zendesk_session=abc; Path=/"}))
    session.json("GET", "things.json")
    session.json("GET", "things.json")
    assert "cookie" not in account.asked()[1].headers


def test_proxies_of_the_environment_are_not_used(
    account: Account, session: DeskSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    account.on("GET", PATH, Answer({"ok": 1}))
    assert session.json("GET", "things.json") == {"ok": 1}


# Tokens


def test_one_token_is_fetched_for_all_threads(account: Account, settings: Settings) -> None:
    account.on("GET", PATH, Answer({}))
    clients = Clients(settings)
    threads = [threading.Thread(target=lambda: clients.here().session.json("GET", "things.json")) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(account.asked()) == 5
    asked = account.asked("POST", "/oauth/tokens")
    assert len(asked) == 1
    assert asked[0].json == {
        "grant_type": "client_credentials", "client_id": "deskside", "client_secret": SECRET, "scope": "read write",
        "expires_in": 7200,
    }  # fmt: skip
    assert "authorization" not in asked[0].headers


def test_each_thread_has_its_own_client_made_once(settings: Settings) -> None:
    clients = Clients(settings)
    other: list[object] = []
    thread = threading.Thread(target=lambda: other.append(clients.here()))
    thread.start()
    thread.join()
    assert clients.here() is clients.here()
    assert other[0] is not clients.here()


def test_a_refused_token_is_replaced_once_and_the_request_repeated(account: Account, session: DeskSession) -> None:
    account.on("PUT", PATH, Answer({"error": "invalid_token"}, 401), Answer({"ok": 1}))
    assert session.json("PUT", "things.json", json={}) == {"ok": 1}
    assert len(account.asked("POST", "/oauth/tokens")) == 2


def test_a_token_that_is_refused_again_is_permanent_with_its_cure(account: Account, session: DeskSession) -> None:
    account.on("GET", PATH, Answer({"error": "Couldn't authenticate you"}, 401))
    with pytest.raises(Permanent, match=r"Couldn't authenticate you.*client_secret"):
        session.json("GET", "things.json")
    assert len(account.asked("GET", PATH)) == 2


def test_wrong_client_credentials_are_permanent(account: Account, session: DeskSession) -> None:
    refused = {"error": "invalid_client", "error_description": f"no client with secret {SECRET}"}
    account.on("POST", "/oauth/tokens", Answer(refused, 401))
    with pytest.raises(Permanent, match="invalid_client") as caught:
        session.json("PUT", "things.json", json={})
    assert SECRET not in str(caught.value)
    assert account.asked() == []


def test_a_broken_token_endpoint_is_transient_even_for_a_write(account: Account, session: DeskSession) -> None:
    account.on("POST", "/oauth/tokens", Answer("oops", 500))
    with pytest.raises(Transient) as caught:
        session.json("PUT", "things.json", json={})
    assert not isinstance(caught.value, UnknownOutcome)


def test_a_token_answer_without_a_token_is_permanent(account: Account, session: DeskSession) -> None:
    account.on("POST", "/oauth/tokens", Answer({"scope": "read"}, 201))
    with pytest.raises(Permanent, match="access_token"):
        session.json("GET", "things.json")


def test_a_legacy_api_token_is_sent_as_basic_authentication(account: Account) -> None:
    account.on("GET", PATH, Answer({}))
    legacy(account.url, 5.0).json("GET", "things.json")
    pair = base64.b64encode(b"bot@example.com/token:legacy-token").decode()
    assert account.asked()[0].headers["authorization"] == f"Basic {pair}"


# Refusals


TOO_DEEP = {"errors": [{"code": "InvalidPaginationDepth", "title": "x", "detail": "too deep"}]}
NO_ACCESS = {"error": {"title": "Forbidden", "message": "no access"}}
CLOSED = {"error": "RecordInvalid", "details": {"status": [{"description": "closed prevents ticket update"}]}}
REQUIRED = {
    "error": "RecordInvalid",
    "details": {"base": [{"description": "Cause: is required", "ticket_field_id": 7}]},
}
STRANGE = {"error": "RecordInvalid", "details": {"base": None, "x": ["y", {"description": None}]}}


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (400, TOO_DEEP, Permanent, "InvalidPaginationDepth; too deep"),
        (403, NO_ACCESS, Permanent, "Forbidden; no access.*scope"),
        (404, {"error": "RecordNotFound", "description": "Not found"}, Gone, "RecordNotFound; Not found"),
        (409, {"error": "UpdateConflict", "description": "Safe Update"}, Conflict, "UpdateConflict"),
        (409, {"error": "DatabaseConflict", "description": "Database collision"}, UnknownOutcome, "DatabaseConflict"),
        (422, CLOSED, Gone, "closed"),
        (422, REQUIRED, Permanent, r"Cause: is required \(field 7\)"),
        (422, STRANGE, Permanent, "422"),
        (418, "teapot", Permanent, "teapot"),
        (400, [1], Permanent, "400"),
    ],
)
def test_a_refusal_is_told_by_type_and_in_its_own_words(
    account: Account, session: DeskSession, *, status: int, body: object, kind: type[DesksideError], words: str
) -> None:
    account.on("PUT", PATH, Answer(body, status))
    with pytest.raises(kind, match=words) as caught:
        session.json("PUT", "things.json", json={})
    assert type(caught.value) in (kind, *kind.__subclasses__())


@pytest.mark.parametrize("status", [500, 502, 504, 503, 408])
def test_a_server_error_leaves_the_outcome_of_a_write_unknown(
    account: Account, session: DeskSession, status: int
) -> None:
    account.on("PUT", PATH, Answer("<html>oops</html>", status, {"Content-Type": "text/html"}))
    with pytest.raises(UnknownOutcome) as caught:
        session.json("PUT", "things.json", json={})
    assert "<html>" not in str(caught.value)
    assert len(account.asked("PUT")) == 1


def test_a_server_error_is_repeated_once_for_a_read(account: Account, session: DeskSession) -> None:
    account.on("GET", PATH, Answer("oops", 502), Answer({"ok": 1}))
    assert session.json("GET", "things.json") == {"ok": 1}
    account.on("GET", PATH, Answer("oops", 500))
    with pytest.raises(Transient) as caught:
        session.json("GET", "things.json")
    assert not isinstance(caught.value, UnknownOutcome)
    assert len(account.asked("GET")) == 4


# The test's name must be the same in each process that collects it.
LATER = pytest.param(format_datetime(datetime.now(UTC) + timedelta(hours=9), usegmt=True), 3600, id="in nine hours")


@pytest.mark.parametrize(
    ("header", "wait"),
    [("37", 37), ("0.5", 1), ("93.0", 93), (None, 10), ("soon", 10), LATER, ("-4", 1), ("nan", 10), ("inf", 10),
     ("Wed, 21 Oct 2015 07:28:00 GMT", 1)],
)  # fmt: skip
@pytest.mark.parametrize(("method", "status"), [("GET", 429), ("PUT", 429), ("GET", 503), ("PUT", 503)])
def test_a_full_account_is_waited_for_by_the_engine_and_not_in_the_thread(
    account: Account, session: DeskSession, *, header: str | None, wait: float, method: str, status: int
) -> None:
    headers = {"Content-Type": "text/plain"} | ({"Retry-After": header} if header else {})
    account.on(method, PATH, Answer("Number of allowed API requests per minute exceeded", status, headers))
    with pytest.raises(Transient, match="Number of allowed") as caught:
        session.request(method, API + "things.json")
    assert caught.value.retry_after == wait
    assert len(account.asked(method)) == 1


def test_a_429_reaches_zenpys_callers_as_our_error_too(account: Account, settings: Settings) -> None:
    account.on("GET", "/api/v2/users/5.json", Answer("slow down", 429, {"Retry-After": "900"}))
    with pytest.raises(Transient) as caught:
        Clients(settings).here().user("5")
    assert caught.value.retry_after == 900


@pytest.mark.parametrize("body", ["<html>Maintenance</html>", "", "[1]", '{"ok":', '"text"'])
def test_a_success_that_is_no_json_object_is_not_taken_for_one(
    account: Account, session: DeskSession, body: str
) -> None:
    account.on("GET", PATH, Answer(body or " "))
    with pytest.raises(Transient):
        session.json("GET", "things.json")
    account.on("PUT", PATH, Answer(body or " "))
    with pytest.raises(UnknownOutcome):
        session.json("PUT", "things.json", json={})


def test_an_answer_without_a_body_is_a_success(account: Account, session: DeskSession) -> None:
    account.on("PATCH", PATH, Answer(None, 204))
    assert session.json("PATCH", "things.json", json={}) == {}


def test_nothing_of_an_answer_is_logged(account: Account, settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = {"signing_secret": {"secret": "the-signing-secret", "algorithm": "SHA256"}}
    account.on("GET", "/api/v2/webhooks/W1/signing_secret", Answer(secret))
    assert Clients(settings).here().signing_secret("W1") == "the-signing-secret"
    for hidden in ("the-signing-secret", TOKEN, SECRET):
        assert hidden not in caplog.text
