"""Links that say who opens them: nobody else can make one, and one is good for one thing."""

import pytest

from push.links import Links

OURS = Links("https://push.example", "our key")


def test_a_token_is_read_by_who_made_it_for_what_it_was_made() -> None:
    token = OURS.person("poll", 7, 42)
    assert OURS.read("poll", 7, token) == 42
    assert OURS.read("poll", 8, token) is None
    assert OURS.read("digest", 7, token) is None
    assert Links("https://push.example", "another key").read("poll", 7, token) is None


@pytest.mark.parametrize("token", ["", "x", "WzEsMV0.", "." * 300, "\x00", "é"])
def test_what_is_no_token_is_nobodys(token: str) -> None:
    assert OURS.read("poll", 7, token) is None


def test_every_letter_of_a_token_counts() -> None:
    token = OURS.person("poll", 7, 42)
    for place, letter in enumerate(token):
        other = "A" if letter != "A" else "B"
        # The last letter of a signature carries bits that mean nothing.
        if place < len(token) - 1:
            assert OURS.read("poll", 7, token[:place] + other + token[place + 1 :]) is None


def test_the_key_does_not_show() -> None:
    assert "our key" not in repr(OURS)
