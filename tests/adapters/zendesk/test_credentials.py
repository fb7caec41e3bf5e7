"""Access tokens: renewed before they end, kept while they live, never shown."""

from typing import Any

import pytest

from adapters.zendesk.credentials import ClientCredentials
from adapters.zendesk.settings import Settings
from deskside.errors import Transient

SETTINGS = Settings(url="https://acme.zendesk.com", client_id="deskside", client_secret="the-client-secret")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Tokens:
    """Hands out t1, t2, …, or fails."""

    def __init__(self, expires_in: object = 1800) -> None:
        self.given = 0
        self.expires_in = expires_in
        self.down = False

    def __call__(self, request: dict[str, Any]) -> dict[str, Any]:
        if self.down:
            raise Transient("no answer")
        self.given += 1
        return {"access_token": f"t{self.given}", "expires_in": self.expires_in}


@pytest.mark.parametrize(("expires_in", "renewed_at"), [(1800, 1500), (300, 150), (None, 6900), ("soon", 6900)])
def test_a_token_is_renewed_before_it_ends(expires_in: object, renewed_at: float) -> None:
    clock, tokens = Clock(), Tokens(expires_in)
    credentials = ClientCredentials(SETTINGS, clock)
    assert credentials.header(tokens) == "Bearer t1"
    clock.now = renewed_at - 1
    assert credentials.header(tokens) == "Bearer t1"
    clock.now = renewed_at
    assert credentials.header(tokens) == "Bearer t2"


def test_a_token_that_still_lives_is_used_while_no_new_one_can_be_had() -> None:
    clock, tokens = Clock(), Tokens(1800)
    credentials = ClientCredentials(SETTINGS, clock)
    credentials.header(tokens)
    tokens.down = True
    clock.now = 1799
    assert credentials.header(tokens) == "Bearer t1"
    clock.now = 1800
    with pytest.raises(Transient):
        credentials.header(tokens)


def test_a_thread_that_comes_late_does_not_drop_the_new_token() -> None:
    tokens = Tokens()
    credentials = ClientCredentials(SETTINGS, Clock())
    old = credentials.header(tokens)
    credentials.forget(old)
    new = credentials.header(tokens)
    credentials.forget(old)
    assert credentials.header(tokens) == new == "Bearer t2"


def test_secret_and_token_are_hidden_from_any_text() -> None:
    credentials = ClientCredentials(SETTINGS, Clock())
    assert credentials.hide("the-client-secret") == "***"
    credentials.header(Tokens())
    assert credentials.hide("Bearer t1") == "Bearer ***"
