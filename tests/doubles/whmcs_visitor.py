"""A visitor of the double of WHMCS."""

from collections.abc import Mapping
from typing import Any

import requests


class Visitor:
    """A browser without a screen: one session of the double, as an admin, as a client, as neither or as both."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.token = ""
        self.http = requests.Session()
        self.http.trust_env = False

    def get(self, path: str, **params: Any) -> requests.Response:
        """GET a path below the web root; redirects are followed."""
        return self.http.get(self.url + path, params=params, timeout=30)

    def post(self, path: str, fields: Mapping[str, Any], *, follow: bool = True) -> requests.Response:
        """POST a form with this session's token in it."""
        with_token = {"token": self.token, **fields}
        return self.http.post(self.url + path, data=with_token, timeout=30, allow_redirects=follow)

    @property
    def cookies(self) -> dict[str, str]:
        """By name, for any other client of the same session."""
        return {str(name): str(value) for name, value in self.http.cookies.items()}

    @property
    def browser_cookies(self) -> list[dict[str, str]]:
        """As Playwright's `context.add_cookies` wants them."""
        return [{"name": name, "value": value, "url": self.url} for name, value in self.cookies.items()]
