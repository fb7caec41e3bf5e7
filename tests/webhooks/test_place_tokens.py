"""A token opens one ticket's page, and only we can make one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from webhooks.place_tokens import make, read

KEY = "a long random text"


@given(st.text(min_size=1, max_size=32), st.text(min_size=1, max_size=60))
def test_what_was_made_can_be_read(desk: str, ticket_id: str) -> None:
    token = make(KEY, desk, ticket_id)
    if len(token) <= 500:
        assert read(KEY, token) == (desk, ticket_id)
    assert read("another key", token) is None


@given(st.text(max_size=200))
def test_whatever_else_is_sent_opens_nothing(token: str) -> None:
    assert read(KEY, token) is None


def test_no_character_can_be_changed() -> None:
    token = make(KEY, "zendesk", "7")
    for place, old in enumerate(token):
        for new in "A0._":
            if new != old:
                changed = token[:place] + new + token[place + 1 :]
                assert read(KEY, changed) in (None, ("zendesk", "7"))
    payload, _, signature = token.rpartition(".")
    other = make(KEY, "zendesk", "8").rpartition(".")[0]
    assert read(KEY, f"{other}.{signature}") is None
    assert read(KEY, payload) is None


@pytest.mark.parametrize("salt", ["itsdangerous", "cookie-session", "wtf-csrf-token"])
def test_what_the_same_key_signed_for_something_else_is_no_token(salt: str) -> None:
    assert read(KEY, str(URLSafeSerializer(KEY, salt=salt).dumps(["zendesk", "7"]))) is None
