"""When an entry is new: publishers change guids, addresses and titles, though seldom all at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from push.digests.identity import canonical, identify, title_hash, unseen
from tests.push.digests.stories import NOW, entry

KNOWN = [identify(entry("a"))]


@pytest.mark.parametrize(
    "same",
    [
        entry("a"),
        entry("a", guid="regenerated"),
        entry("a", title="A better title"),
        entry("a", url="https://blog.example/moved", guid="regenerated"),
        entry("a", published_at=NOW),
        entry("b", guid="a"),
        entry("a", url="http://www.blog.example/a/?utm_source=rss#top", guid="x", title="x"),
        entry("b", title="ALL about: a!"),
    ],
)
def test_what_kept_one_of_its_names_is_known(same: object) -> None:
    assert unseen([same], KNOWN) == []  # type: ignore[list-item]


def test_what_has_three_new_names_is_new_once() -> None:
    twice = [entry("b"), entry("b", guid="again")]
    assert unseen(twice, KNOWN) == twice[:1]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("https://e.org/a?id=1", "https://e.org/a?id=2", False),
        ("https://e.org/a?b=2&a=1", "https://e.org/a?a=1&b=2", True),
        ("https://e.org:443/a", "https://e.org/a", True),
        ("https://e.org:8443/a", "https://e.org/a", False),
        ("https://e.org/A", "https://e.org/a", False),
        ("https://E.org/a", "https://e.org/a", True),
        ("http://[::1", "http://[::1", True),
    ],
)
def test_addresses_are_the_same_when_they_lead_to_the_same_page(one: str, other: str, alike: bool) -> None:
    assert (canonical(one) == canonical(other)) is alike


@given(st.text(max_size=40))
def test_nothing_a_feed_says_stops_the_reading_of_names(text: str) -> None:
    assert len(title_hash(text)) == 64
    assert isinstance(canonical(text), str)
    found = entry("a", guid=text, url=text, title=text)
    assert unseen([found, found], []) == [found]
