"""Promises about reasons and addresses from outside."""

import pytest

from webhooks.pages.knowledge import words


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("it is new", "It is new."),
        ("section, labels or order changed", "Section, labels or order changed."),
        ("https://wiki.example answered 401", "https://wiki.example answered 401."),
        ("it is gone; 4 may not: say --allow-archive=4 if they may", "It is gone; 4 may not."),
        ("Done!", "Done!"),
        ("", ""),
    ],
)
def test_a_reason_is_a_sentence(text: str, told: str) -> None:
    assert words.reason(text) == told


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "http://[", ""])
def test_only_addresses_of_the_web_are_links(address: str) -> None:
    assert words.link(address) == "#"
    assert words.link("https://help.example/a?b=c#d") == "https://help.example/a?b=c#d"
