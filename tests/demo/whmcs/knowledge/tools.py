"""Requests to the addon's address for the knowledge base, signed as Deskside signs them."""

import json
import secrets
from typing import Any

import requests

from deskside.demo.whmcs import SimulatedWhmcs
from deskside.demo.whmcs.addon import sign

PATH = "/modules/addons/deskside/knowledge.php"


class Addon:
    """The address; `category_id` is where new articles go."""

    def __init__(self, whmcs: SimulatedWhmcs, category_id: int) -> None:
        self.whmcs = whmcs
        self.category_id = category_id

    def send(self, fields: Any, *, secret: str = "", key: str = "", late: int = 0) -> requests.Response:
        body = json.dumps(fields).encode()
        key = key or f"kb_{secrets.token_hex(16)}"
        stamp = int(self.whmcs.state.clock().timestamp()) - late
        headers = {
            "webhook-id": key,
            "webhook-timestamp": str(stamp),
            "webhook-signature": sign(secret or self.whmcs.webhook_secret, key, stamp, body),
        }
        return requests.post(self.whmcs.url + PATH, data=body, headers=headers, timeout=10)

    def ask(self, op: str, **fields: Any) -> dict[str, Any]:
        """The answer to a request that is done."""
        answer = self.send({"op": op, **fields})
        assert answer.status_code == 200, answer.text
        found = dict(answer.json())
        assert found.pop("ok") is True
        return found

    def error(self, op: str, **fields: Any) -> tuple[int, str]:
        """The status and the name of a refusal."""
        answer = self.send({"op": op, **fields})
        assert answer.json()["ok"] is False
        return answer.status_code, answer.json()["error"]

    def create(self, marker: str = "m-1", **changes: Any) -> int:
        """A draft of ours."""
        return int(self.ask("create", marker=marker, **self.text(category=self.category_id, **changes))["id"])

    def text(self, **changes: Any) -> dict[str, Any]:
        given = {"language": "english", "tag": "en-us", "title": "How to pay", "html": "<p>With money.</p>"}
        return {**given, "private": False, "order": None, "tags": [], **changes}

    def write(self, article_id: int, **changes: Any) -> dict[str, Any]:
        """The article after a text of it was written, and shown unless it is a draft."""
        given = {"draft": False, **self.text(**changes)}
        return dict(self.ask("write", id=article_id, **given)["article"])

    def shown(self, marker: str = "m-1", **changes: Any) -> int:
        """An article of ours that visitors see."""
        article_id = self.create(marker, **changes)
        self.write(article_id, **changes)
        return article_id
