"""The simulated WHMCS answers the protocol as the real addon does: what is tried on it is tried on both."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from deskside.demo.whmcs.server import SimulatedWhmcs
from tests.adapters.whmcs.knowledge.conftest import Base
from tests.adapters.whmcs.knowledge.test_gate import signed
from tests.adapters.whmcs.knowledge.test_target import PNG
from tests.webhooks.embedding import SECRET

Ask = Callable[..., tuple[int, dict[str, Any]]]
TEXT = {"language": "english", "tag": "en-us", "title": "How & <why>", "html": "<p>So</p>"}
FILED = {"private": False, "order": 3, "tags": ["dns", "mail"]}
# Asked one after the other of both; `@` is the article that was made, `#` the section.
STORY: list[dict[str, Any]] = [
    {"op": "create_category", "path": ["Of ours", "Mail & more"]},
    {"op": "create_category", "path": ["Of ours", "Mail & more"]},
    {"op": "create", "marker": "m-1", "category": "#", **TEXT, **FILED},
    {"op": "create", "marker": "m-1", "category": "#", **TEXT, **FILED},
    {"op": "find", "marker": "m-1"},
    {"op": "find", "marker": "m-2"},
    {"op": "read", "id": "@"},
    {"op": "write", "id": "@", **TEXT, "html": "<p>Later</p>", "draft": True},
    {"op": "write", "id": "@", **TEXT, "language": "russian", "tag": "ru", "draft": True},
    {"op": "read", "id": "@"},
    {"op": "write", "id": "@", **TEXT, "draft": False},
    {"op": "write", "id": "@", **TEXT, "language": "russian", "tag": "ru", "draft": False},
    {"op": "write", "id": "@", **TEXT, "tag": "en-gb", "draft": False},
    {"op": "file", "id": "@", "category": "#", "private": True, "order": None, "tags": ["x"], "tags_before": ["dns"]},
    {"op": "file", "id": "@", "category": 999, "private": True, "order": None, "tags": [], "tags_before": []},
    {"op": "file", "id": "@", "category": "#", "private": False, "order": 0, "tags": ["y" * 65], "tags_before": []},
    {"op": "write", "id": "@", **TEXT, "html": "<p onclick=x>", "draft": False},
    {"op": "write", "id": "@", **TEXT, "html": "<!-- x -->", "draft": False},
    {"op": "write", "id": "@", **TEXT, "html": '<a href="doc:x">x</a>', "draft": False},
    {"op": "write", "id": "@", **TEXT, "title": " ", "draft": False},
    {"op": "write", "id": "@", **TEXT, "draft": "yes"},
    {"op": "write", "id": "@", **TEXT, "tag": "EN", "draft": False},
    {"op": "read", "id": "@"},
    {"op": "archive", "id": "@"},
    {"op": "read", "id": "@"},
    {"op": "find", "marker": "m-1"},
    {"op": "write", "id": "@", **TEXT, "draft": False},
    {"op": "write", "id": "@", **TEXT, "draft": True},
    {"op": "archive", "id": 99999},
    {"op": "read", "id": 99999},
    {"op": "write", "id": 99999, **TEXT, "draft": False},
    {"op": "list", "after": 0, "limit": 0},
    {"op": "list", "after": 0, "limit": 101},
    {"op": "upload", "content": "!"},
    {"op": "upload", "content": "PHN2Zz4="},
    {"op": "upload", "content": base64.b64encode(PNG).decode()},
    {"op": "nothing"},
    {"op": "find", "marker": "a b"},
]


def asking(url: str, secret: str) -> Ask:
    def ask(**fields: Any) -> tuple[int, dict[str, Any]]:
        body = json.dumps(fields).encode()
        answer = requests.post(
            f"{url}/modules/addons/deskside/knowledge.php", data=body, headers=signed(body, secret=secret), timeout=20
        )
        return answer.status_code, answer.json()

    return ask


def told(ask: Ask) -> list[Any]:
    """The answers to the story, with names instead of the ids that were made."""
    made: dict[str, int] = {}
    answers = []
    for step in STORY:
        fields = {name: made.get(value, value) if isinstance(value, str) else value for name, value in step.items()}
        status, answer = ask(**fields)
        if step["op"] == "create_category":
            made["#"] = answer["id"]
        elif step["op"] == "create":
            made["@"] = answer["id"]
        answer.pop("message", None)
        names = {number: name for name, number in made.items()}
        answers.append((step, status, _named(answer, names)))
    return answers


def _named(value: Any, names: dict[int, str]) -> Any:
    if isinstance(value, dict):
        ids = {"id", "category"}
        return {
            key: names.get(item, item) if key in ids and isinstance(item, int) else _named(item, names)
            for key, item in value.items()
        }
    return [_named(item, names) for item in value] if isinstance(value, list) else value


@pytest.fixture
def simulated() -> Iterator[SimulatedWhmcs]:
    running = SimulatedWhmcs().start()
    yield running
    running.stop()


def test_both_tell_the_same_story(base: Base, simulated: SimulatedWhmcs) -> None:
    real = told(asking(base.whmcs.base_url, SECRET))
    other = told(asking(simulated.url, simulated.webhook_secret))
    for (step, *expected), (_, *found) in zip(real, other, strict=True):
        assert found == expected, step


def test_both_describe_themselves_alike(base_on_mariadb: Base, simulated: SimulatedWhmcs) -> None:
    _, real = asking(base_on_mariadb.whmcs.base_url, SECRET)(op="describe")
    _, other = asking(simulated.url, simulated.webhook_secret)(op="describe")
    assert {name: type(value) for name, value in other.items()} == {name: type(value) for name, value in real.items()}
