"""Promises of the looks: what is cut, and what a platform does not have."""

from hypothesis import given
from hypothesis import strategies as st

from push.campaigns import looks
from push.campaigns.looks import PLATFORMS
from push.model import Button, Content


def by_name(content: Content) -> dict[str, looks.Look]:
    return {look.platform.name: look for look in looks.looks(content)}


def test_safari_has_neither_image_nor_buttons_and_firefox_no_image() -> None:
    full = Content("T", "B", "https://x.example", image="https://x.example/i.png", buttons=(Button("Go", "https://x"),))
    found = by_name(full)
    assert found["safari-macos"].missing == found["ios"].missing == ["image", "buttons"]
    assert found["firefox"].missing == ["image"] and found["firefox"].buttons
    assert not found["chrome-windows"].missing and found["chrome-windows"].image == full.image


def test_who_cuts_a_title_is_named() -> None:
    titles, bodies = looks.cut_by("x" * 31, "y" * 70)
    assert titles == ["chrome-android"] and bodies == ["chrome-android"]
    assert looks.cut_by("short", "short") == ([], [])


def test_a_length_fits_or_is_long_or_is_cut() -> None:
    assert [looks.severity(n, looks.TITLE) for n in (40, 41, 50, 51)] == ["fits", "long", "long", "cut"]


@given(st.text(max_size=300), st.text(max_size=300))
def test_what_is_seen_and_cut_is_never_longer_than_fits(title: str, body: str) -> None:
    for look in looks.looks(Content(title, body, "https://x.example")):
        for text, most, whole in ((look.title, look.platform.title, title), (look.body, look.platform.body, body)):
            if most is not None:
                assert len(text.seen) <= most
            assert text.cut == "" if most is None or len(whole) <= most else whole.endswith(text.cut)


def test_the_platforms_are_the_five_that_are_asked_for() -> None:
    assert [one.name for one in PLATFORMS] == ["chrome-windows", "chrome-android", "safari-macos", "firefox", "ios"]
