"""A caller with a token."""

from typing import Any, Self

import requests

from deskside.demo.zendesk import SimulatedZendesk


class Caller(requests.Session):
    """Calls the API under /api/v2 with a bearer token."""

    def __init__(self, zendesk: SimulatedZendesk, scope: str | None = "read write") -> None:
        super().__init__()
        self.trust_env = False
        self.zendesk = zendesk
        if scope is not None:
            self.headers["Authorization"] = f"Bearer {self.token(scope=scope).json()['access_token']}"

    def token(self, **changes: Any) -> requests.Response:
        asked = {
            "grant_type": "client_credentials",
            "client_id": self.zendesk.client_id,
            "client_secret": self.zendesk.client_secret,
            "scope": "read write",
        }
        return requests.post(f"{self.zendesk.url}/oauth/tokens", json={**asked, **changes}, timeout=10)

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        return self.request(method, f"{self.zendesk.url}/api/v2{path}", json=body, timeout=10, **more)

    def put_ticket(self, ticket_id: int, **changes: Any) -> requests.Response:
        return self.call("PUT", f"/tickets/{ticket_id}.json", {"ticket": changes})

    def webhook(self, endpoint: str, *subscriptions: str, **more: Any) -> str:
        given = {
            "name": "hook",
            "endpoint": endpoint,
            "http_method": "POST",
            "request_format": "json",
            "status": "active",
            "subscriptions": list(subscriptions),
        }
        answer = self.call("POST", "/webhooks", {"webhook": {**given, **more}})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["webhook"]["id"])

    def secret(self, webhook_id: str) -> str:
        return str(self.call("GET", f"/webhooks/{webhook_id}/signing_secret").json()["signing_secret"]["secret"])

    def __enter__(self) -> Self:
        return self
