"""A caller of the simulated WHMCS's API."""

from typing import Any, Self

import requests

from deskside.demo.whmcs import SimulatedWhmcs


class Caller(requests.Session):
    """Posts to `includes/api.php` with the credential."""

    def __init__(self, whmcs: SimulatedWhmcs) -> None:
        super().__init__()
        self.trust_env = False
        self.whmcs = whmcs

    def call(self, action: str, **given: Any) -> requests.Response:
        """The answer of an action; None leaves a parameter out, also one of the credential's."""
        asked = {
            "action": action,
            "identifier": self.whmcs.identifier,
            "secret": self.whmcs.secret,
            "responsetype": "json",
            **given,
        }
        data = {key: value for key, value in asked.items() if value is not None}
        return self.post(f"{self.whmcs.url}/includes/api.php", data=data, timeout=10)

    def ask(self, action: str, **given: Any) -> Any:
        """The body of an answer that is a success."""
        answer = self.call(action, **given)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert body.get("result", "success") == "success", answer.text
        return body

    def error(self, action: str, **given: Any) -> tuple[int, str]:
        """The status and the message of a refusal."""
        answer = self.call(action, **given)
        assert answer.json()["result"] == "error"
        return answer.status_code, answer.json()["message"]

    def tickets(self, **given: Any) -> list[dict[str, Any]]:
        """The tickets of a listing over all departments."""
        rows: list[dict[str, Any]] = self.ask("GetTickets", ignore_dept_assignments="1", **given)["tickets"]["ticket"]
        return rows

    def __enter__(self) -> Self:
        return self
