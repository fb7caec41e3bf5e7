"""What went wrong between Deskside and the addon is one of few typed errors, and holds no secret."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from adapters.whmcs.knowledge.endpoint import Endpoint
from adapters.whmcs.settings import Settings
from deskside.errors import DesksideError, Gone, Permanent, TargetRefuses, Transient, UnknownOutcome

SECRET = "a secret of the endpoint's tests"


class Addon:
    """Answers everything with the same."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.ids: list[str] = []
        self.status = 200
        self.body: Any = {"ok": True}
        self.server = make_server("127.0.0.1", 0, self._app, threaded=True)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def _app(self, environ: Any, start: Any) -> Any:
        request = Request(environ)
        self.asked.append(json.loads(request.get_data()))
        self.ids.append(request.headers["webhook-id"])
        text = self.body if isinstance(self.body, str) else json.dumps(self.body)
        return Response(text, self.status, {"Location": "/elsewhere"} if self.status == 302 else {})(environ, start)


@pytest.fixture
def addon() -> Iterator[Addon]:
    running = Addon()
    yield running
    running.server.shutdown()
    running.server.server_close()


@pytest.fixture
def endpoint(addon: Addon) -> Endpoint:
    settings = Settings(url=addon.url, identifier="i", secret="nothing-else", webhook_secret=SECRET)
    return Endpoint(settings, lambda: (SECRET,))


def refusal(error: str, message: str = "for a reason") -> dict[str, Any]:
    return {"ok": False, "error": error, "message": message}


@pytest.mark.parametrize(
    ("status", "body", "expected", "words"),
    [
        (401, refusal("bad_signature"), TargetRefuses, "deskside connect whmcs"),
        (401, refusal("too_old"), TargetRefuses, "clocks"),
        (503, refusal("inactive"), TargetRefuses, "activate"),
        (400, refusal("unknown_operation"), TargetRefuses, "older"),
        (404, refusal("gone"), Gone, "for a reason"),
        (403, refusal("not_ours"), Permanent, "for a reason"),
        (422, refusal("too_long"), Permanent, "for a reason"),
        (413, refusal("too_large"), Permanent, "for a reason"),
        (507, refusal("files"), Permanent, "for a reason"),
        (500, refusal("failed"), Transient, "for a reason"),
        (404, "<h1>Not Found</h1>", TargetRefuses, "unpack"),
        (403, "<h1>Forbidden</h1>", TargetRefuses, "firewall"),
        (302, "", TargetRefuses, "redirects"),
        (429, "", Transient, "429"),
        (200, "<html>Down for maintenance</html>", Transient, "maintenance"),
        (502, "<html>Bad gateway</html>", Transient, "502"),
        (200, {"articles": []}, Permanent, "200"),
    ],
)
def test_every_refusal_says_whether_to_try_again(
    addon: Addon, endpoint: Endpoint, status: int, body: Any, expected: type[DesksideError], words: str
) -> None:
    addon.status, addon.body = status, body
    with pytest.raises(DesksideError, match=words) as found:
        endpoint.write("file", id=1)
    assert type(found.value) is expected
    assert len(addon.asked) == 1


@pytest.mark.parametrize(("status", "body"), [(200, "<html></html>"), (502, ""), (401, refusal("replayed"))])
def test_what_makes_something_may_have_made_it(addon: Addon, endpoint: Endpoint, status: int, body: Any) -> None:
    addon.status, addon.body = status, body
    with pytest.raises(UnknownOutcome):
        endpoint.make("create", marker="m")
    assert len(addon.asked) == 1


def test_a_read_is_asked_again_under_another_id(addon: Addon, endpoint: Endpoint) -> None:
    addon.status, addon.body = 502, ""
    with pytest.raises(Transient):
        endpoint.read("describe")
    assert addon.asked == [{"op": "describe"}, {"op": "describe"}]
    assert len(set(addon.ids)) == endpoint.sent == 2


def test_nobody_there_is_no_unknown_outcome(addon: Addon, endpoint: Endpoint) -> None:
    addon.server.shutdown()
    addon.server.server_close()
    with pytest.raises(Transient) as found:
        endpoint.make("create", marker="m")
    assert type(found.value) is Transient


def test_without_a_secret_nothing_is_sent(addon: Addon) -> None:
    nameless = Endpoint(Settings(url=addon.url, identifier="i", secret="nothing-else"), lambda: ())
    with pytest.raises(TargetRefuses, match="deskside connect whmcs"):
        nameless.read("describe")
    assert addon.asked == []


def test_no_secret_is_in_an_error_or_a_representation(addon: Addon, endpoint: Endpoint) -> None:
    addon.status, addon.body = 422, refusal("not_text", f"an echo of {SECRET}")
    with pytest.raises(Permanent) as found:
        endpoint.write("write", html="x")
    assert SECRET not in str(found.value) + repr(found.value) + repr(endpoint)
