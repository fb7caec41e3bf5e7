"""Links that nobody can guess or change."""

from hypothesis import given
from hypothesis import strategies as st

from push.subscribers import tokens
from push.subscribers.tokens import Holder

SECRET = "only for tests"


@given(st.integers(1, 2**62), st.none() | st.integers(1, 2**62))
def test_a_token_is_read_back(person: int, browser: int | None) -> None:
    assert tokens.read_preferences(SECRET, tokens.preferences(SECRET, person, browser)) == Holder(person, browser)


@given(st.text(max_size=300))
def test_rubbish_is_nobody(text: str) -> None:
    assert tokens.read_preferences(SECRET, text) is None
    assert tokens.read_device(SECRET, text) is None


def test_a_token_is_good_for_one_thing_and_one_secret() -> None:
    device = tokens.device(SECRET, 7)
    assert tokens.read_device(SECRET, device) == 7
    assert tokens.read_preferences(SECRET, device) is None
    assert tokens.read_device("another", device) is None
    assert tokens.read_device(SECRET, tokens.preferences(SECRET, 7)) is None
