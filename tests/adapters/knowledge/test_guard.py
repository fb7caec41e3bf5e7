"""The guard: whatever happens to listings, few go at once, and only what is proved to be gone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.knowledge.guard import GONE, Leaving, judge, limit, shrunk
from adapters.knowledge.settings import GuardSettings

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SETTINGS = GuardSettings()
PROVED = Leaving("a", missing_since=NOW - 2 * DAY, missing_listings=2, proof=GONE)


def verdict(*leaving: Leaving, articles: int = 100) -> tuple[set[str], dict[str, str]]:
    found = judge(leaving, articles, SETTINGS, DAY, NOW)
    return set(found.allowed), found.held


def test_what_is_proved_to_be_gone_may_leave() -> None:
    assert verdict(PROVED) == ({"a"}, {})


@pytest.mark.parametrize(
    ("item", "why"),
    [
        (replace(PROVED, source_state="failed"), "could not be read"),
        (replace(PROVED, source_state="new"), "could not be read"),
        (replace(PROVED, listing_age=None), "too long"),
        (replace(PROVED, listing_age=3 * DAY), "too long"),
        (replace(PROVED, missing_listings=1), "1 of 2"),
        (replace(PROVED, proof=""), "not said yet"),
        (replace(PROVED, proof="unclear"), "not said yet"),
        (replace(PROVED, proof="denied"), "refuses"),
        (replace(PROVED, proof="there"), "answers for it"),
        (replace(PROVED, missing_since=NOW - timedelta(hours=23)), "24 h"),
        (replace(PROVED, missing_since=None), "24 h"),
        (replace(PROVED, owned=False), "not ours"),
        (replace(PROVED, missing=False, owned=False), "not ours"),
        (replace(PROVED, source_state="shrunk"), "--allow-archive=1"),
    ],
)
def test_one_doubt_is_enough_to_hold(item: Leaving, why: str) -> None:
    allowed, held = verdict(item)
    assert allowed == set()
    assert why in held["a"]


@pytest.mark.parametrize(("articles", "most"), [(0, 3), (10, 3), (60, 3), (100, 5), (400, 20), (5000, 20)])
def test_the_limit_is_a_share_within_bounds(articles: int, most: int) -> None:
    assert limit(SETTINGS, articles) == most


@pytest.mark.parametrize(
    ("known", "missing", "doubted"),
    [(10, 0, False), (10, 2, False), (10, 3, False), (10, 4, True), (100, 20, False), (100, 21, True), (1, 1, True)],
)
def test_a_listing_that_has_much_less_is_doubted(known: int, missing: int, doubted: bool) -> None:
    assert shrunk(SETTINGS, known, missing) is doubted


leavings = st.builds(
    Leaving,
    key=st.uuids().map(str),
    missing=st.booleans(),
    owned=st.booleans(),
    source_state=st.sampled_from(["good", "failed", "shrunk", "new"]),
    listing_age=st.none() | st.timedeltas(timedelta(), 4 * DAY),
    missing_since=st.none() | st.timedeltas(timedelta(), 4 * DAY).map(lambda span: NOW - span),
    missing_listings=st.integers(0, 4),
    proof=st.sampled_from(["", "gone", "there", "denied", "unclear"]),
)


@given(st.lists(leavings, max_size=60, unique_by=lambda item: item.key), st.integers(0, 5000))
def test_nothing_unproved_ever_leaves_and_never_more_than_the_limit(items: list[Leaving], articles: int) -> None:
    found = judge(items, articles, SETTINGS, DAY, NOW)
    by_key = {item.key: item for item in items}
    assert found.allowed | found.held.keys() == by_key.keys()
    assert not found.allowed & found.held.keys()
    assert found.numbered <= found.held.keys()
    assert len(found.allowed) <= limit(SETTINGS, articles)
    for key in found.allowed | found.numbered:
        item = by_key[key]
        assert item.owned
        if item.missing:
            assert item.proof == GONE
            assert item.missing_listings >= SETTINGS.listings
            assert item.missing_since is not None
            assert NOW - item.missing_since >= SETTINGS.grace
            assert item.source_state in ("good", "shrunk")
    for key in found.allowed:
        assert not by_key[key].missing or by_key[key].source_state == "good"


@given(st.integers(4, 60))
def test_all_wait_for_the_number_once_there_are_too_many(number: int) -> None:
    found = judge([replace(PROVED, key=str(index)) for index in range(number)], 20, SETTINGS, DAY, NOW)
    assert found.allowed == frozenset()
    assert len(found.numbered) == number
    assert all(f"--allow-archive={number}" in why for why in found.held.values())
