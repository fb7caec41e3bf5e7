"""How requests are authorised: an OAuth access token that renews itself, or a legacy API token.

Source: developer.zendesk.com, "OAuth tokens for grant types" (client_credentials) and "API token".
"""

import base64
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

from adapters.zendesk.settings import Settings
from deskside.errors import Permanent, Transient

LIFETIME = 7200
_MARGIN = 300.0

Fetch = Callable[[dict[str, Any]], dict[str, Any]]


class Credentials(Protocol):
    """Shared by the sessions of all threads."""

    renewable: bool

    def header(self, fetch: Fetch) -> str:
        """The `Authorization` header; `fetch` posts a token request and returns the answer."""

    def forget(self, header: str) -> None:
        """Zendesk refused `header`: do not use it again."""

    def hide(self, text: str) -> str:
        """`text` with everything secret replaced by stars."""


def make_credentials(settings: Settings) -> Credentials:
    """The credentials the settings call for; an OAuth client goes before an API token."""
    return ClientCredentials(settings) if settings.client_id else ApiToken(settings)


class ClientCredentials:
    """Tokens by the `client_credentials` grant: fetched when first needed, renewed five minutes before they end."""

    renewable = True

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._token: str | None = None
        self._ends = 0.0
        self._renew = 0.0

    def header(self, fetch: Fetch) -> str:
        """The `Authorization` header; one thread fetches, the others wait for it.

        Raises what `fetch` raises, and `Permanent` when the answer holds no token.
        """
        with self._lock:
            now = self._clock()
            if self._token is None or now >= self._renew:
                try:
                    self._take(fetch(self._request()), now)
                except Transient:
                    # A token that still lives is better than none.
                    if self._token is None or now >= self._ends:
                        raise
            return f"Bearer {self._token}"

    def forget(self, header: str) -> None:
        """Drop the token of `header`, unless another thread has put a newer one in its place."""
        with self._lock:
            if header == f"Bearer {self._token}":
                self._token = None

    def hide(self, text: str) -> str:
        """`text` with the settings' secrets and the token replaced by stars."""
        token = self._token
        text = text.replace(token, "***") if token else text
        return self._settings.hide(text)

    def _request(self) -> dict[str, Any]:
        return {
            "grant_type": "client_credentials",
            "client_id": self._settings.client_id,
            "client_secret": str(self._settings.client_secret),
            "scope": self._settings.scope,
            "expires_in": LIFETIME,
        }

    def _take(self, answer: dict[str, Any], now: float) -> None:
        token = answer.get("access_token")
        if not isinstance(token, str) or not token:
            raise Permanent("Zendesk's answer to the token request holds no access_token")
        lifetime = answer.get("expires_in")
        lasts = float(lifetime) if isinstance(lifetime, int | float) and lifetime > 0 else float(LIFETIME)
        self._token, self._ends, self._renew = token, now + lasts, now + lasts - min(_MARGIN, lasts / 2)


class ApiToken:
    """Legacy: basic authentication with `email/token:TOKEN`, which Zendesk ends on 30 April 2027."""

    renewable = False

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        pair = f"{settings.email}/token:{settings.api_token}"
        self._header = "Basic " + base64.b64encode(pair.encode()).decode()

    def header(self, fetch: Fetch) -> str:
        """The `Authorization` header."""
        return self._header

    def forget(self, header: str) -> None:
        """Nothing: there is only the one."""

    def hide(self, text: str) -> str:
        """`text` with the settings' secrets replaced by stars."""
        return self._settings.hide(text)
