"""Calls of the help centre's API."""

from typing import Any

import requests

from deskside.demo.zendesk import SimulatedZendesk
from tests.demo.zendesk.tools import Caller

EVERYBODY = {"user_segment_id": None}


class Help:
    """The API as a program meets it; `section_id` is where new articles go."""

    def __init__(self, zendesk: SimulatedZendesk, api: Caller, section_id: int) -> None:
        self.zendesk = zendesk
        self.api = api
        self.section_id = section_id
        self.group_id = next(iter(zendesk.guide.permission_groups))

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        return self.api.call(method, f"/help_center{path}", body, **more)

    def guide(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        return self.api.call(method, f"/guide{path}", body, **more)

    def post(self, notify: bool | None = False, **article: Any) -> requests.Response:
        given = {"title": "How to pay", "body": "<p>With money.</p>", "locale": "en-us", **EVERYBODY}
        given |= {"permission_group_id": self.group_id, **article}
        asked: dict[str, Any] = {"article": given}
        if notify is not None:
            asked["notify_subscribers"] = notify
        return self.call("POST", f"/sections/{self.section_id}/articles.json", asked)

    def create(self, **article: Any) -> int:
        answer = self.post(**article)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["article"]["id"])

    def article(self, article_id: int) -> dict[str, Any]:
        answer = self.call("GET", f"/articles/{article_id}.json")
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["article"])

    def translate(self, article_id: int, locale: str = "en-us", **changes: Any) -> requests.Response:
        return self.call("PUT", f"/articles/{article_id}/translations/{locale}.json", {"translation": changes})

    def listed(self, path: str = "/articles.json", **query: Any) -> list[int]:
        answer = self.call("GET", path, params={"page[size]": 100, **query})
        assert answer.status_code == 200, answer.text
        return [row["id"] for row in answer.json()["articles"]]
