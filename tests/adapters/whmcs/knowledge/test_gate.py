"""Who is let in by the addon's address for the knowledge base, and what the others are told."""

import json
import secrets
import time
from collections.abc import Mapping
from typing import Any

import pytest
import requests

from adapters.whmcs.signature import sign
from tests.adapters.whmcs.knowledge.conftest import Base
from tests.webhooks.embedding import SECRET

READ: Mapping[str, Any] = {"op": "read", "id": 1}


def signed(
    body: bytes, *, secret: str = SECRET, request_id: str = "", at: float | None = None, of: bytes | None = None
) -> dict[str, str]:
    """The headers of a request; `of` is the body that was signed where it is another."""
    request_id = request_id or "kb_" + secrets.token_hex(16)
    timestamp = str(int(time.time() if at is None else at))
    signature = sign(secret, request_id, timestamp, body if of is None else of)
    return {"webhook-id": request_id, "webhook-timestamp": timestamp, "webhook-signature": signature}


def post(base: Base, body: bytes, headers: Mapping[str, str]) -> requests.Response:
    return requests.post(
        f"{base.whmcs.base_url}/modules/addons/deskside/knowledge.php", data=body, headers=dict(headers), timeout=20
    )


def refusal(answer: requests.Response) -> tuple[int, str]:
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    content = answer.json()
    assert content["ok"] is False
    assert content["message"]
    return answer.status_code, content["error"]


def test_what_deskside_signed_is_let_in_once(base_on_each: Base) -> None:
    body = json.dumps(READ).encode()
    headers = signed(body)
    assert post(base_on_each, body, headers).json()["article"]["id"] == 1
    assert refusal(post(base_on_each, body, headers)) == (401, "replayed")


def test_all_others_are_refused_and_told_nothing(base: Base) -> None:
    body = json.dumps({"op": "create_category", "path": ["Mine"]}).encode()
    other = b'{"op": "describe"}'
    good = signed(body)
    for headers, error in (
        ({}, "unsigned"),
        ({**good, "webhook-signature": ""}, "unsigned"),
        ({**good, "webhook-timestamp": "now"}, "unsigned"),
        (signed(body, request_id="evt_" + "0" * 32), "unsigned"),
        (signed(body, secret="whsec_b3RoZXIgc2VjcmV0IG9mIHNvbWVib2R5"), "bad_signature"),
        (signed(body, of=other), "bad_signature"),
        ({**good, "webhook-timestamp": str(int(good["webhook-timestamp"]) + 1)}, "bad_signature"),
        (signed(body, at=time.time() - 400), "too_old"),
        (signed(body, at=time.time() + 400), "too_old"),
    ):
        answer = post(base, body, headers)
        assert refusal(answer) == (401, error)
        assert SECRET not in answer.text
    assert base.target.sections() == {("General",): "1"}
    assert base.whmcs.activity()[2:] == []


def test_a_request_is_posted(base: Base) -> None:
    answer = requests.get(f"{base.whmcs.base_url}/modules/addons/deskside/knowledge.php", timeout=20)
    assert refusal(answer) == (405, "only_post")


def test_a_request_that_is_too_large_is_refused_before_it_is_looked_at(base: Base) -> None:
    body = b" " * (8 * 1024 * 1024 + 1)
    assert refusal(post(base, body, signed(body))) == (413, "too_large")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", "malformed"),
        (b"no json", "malformed"),
        (b"[]", "malformed"),
        (b'{"op": ["read"]}', "malformed"),
        (b'{"op": "drop"}', "unknown_operation"),
        (b'{"op": "read", "id": "1"}', "malformed"),
        (b'{"op": "read", "id": -1}', "malformed"),
        (b'{"op": "list", "after": 0, "limit": 101}', "malformed"),
        (b'{"op": "find", "marker": "a b"}', "malformed"),
        (b'{"op": "create_category", "path": ["a", ""]}', "malformed"),
        (b'{"op": "create_category", "path": [["a"]]}', "malformed"),
        (b'{"op": "upload", "content": "!"}', "malformed"),
    ],
)
def test_what_cannot_be_read_is_refused(base: Base, body: bytes, error: str) -> None:
    assert refusal(post(base, body, signed(body))) == (400, error)


def test_a_failure_is_rolled_back_and_told_without_a_value(base: Base) -> None:
    ours = base.shown("m-1")
    before = base.whmcs.table("tblknowledgebase")
    body = json.dumps(
        {
            "op": "write",
            "id": int(ours),
            "language": "english",
            "tag": "en",
            "title": "New",
            "html": "canary",
            "draft": True,
        }
    ).encode()
    base.whmcs.disturb_database('insert into "tblknowledgebaselinks"', error="gone away: canary")
    answer = post(base, body, signed(body))
    base.whmcs.calm_database()
    assert refusal(answer) == (500, "failed")
    assert "canary" not in answer.text + repr(base.whmcs.activity())
    assert base.whmcs.table("tblknowledgebase") == before
    assert base.target.read(ours).public
