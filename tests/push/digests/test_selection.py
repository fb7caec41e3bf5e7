"""What stands in a digest, what does not, and when there is none."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from push.digests.candidates import Candidate
from push.digests.score import Rates, score
from push.digests.selection import Scored, choose, fits, judge, percentile, refusal
from push.digests.settings import DigestSettings
from tests.push.digests.stories import DAY, HOUR, NOW, item, settings

SETTINGS = settings()


def scored(*items: Candidate, by: DigestSettings = SETTINGS) -> list[Scored]:
    return [Scored(one, score(one, by.weights, 1.0, Rates(), NOW)) for one in items]


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({}, ""),
        ({"vetoed": True, "pinned": True}, "vetoed"),
        ({"public": False, "pinned": True}, "no stranger"),
        ({"found_at": NOW - HOUR / 4}, "too young"),
        ({"published_at": NOW - 31 * DAY}, "too old"),
        ({"ups": (NOW - HOUR,)}, "fewer than 2 votes"),
        ({"ups": (NOW - HOUR,), "pinned": True}, ""),
        ({"ups": (NOW - HOUR,), "downs": (NOW - HOUR,)}, ""),
    ],
)
def test_what_may_stand_in_a_digest(values: dict[str, Any], why: str) -> None:
    said = refusal(item(**values), SETTINGS, None, NOW)
    assert said.startswith(why) if why else not said


def test_the_cut_is_the_last_digest_that_was_sent_and_counts_from_when_it_was_ready() -> None:
    old = item(found_at=NOW - 5 * DAY, ups=(NOW - 4 * DAY, NOW - 4 * DAY))
    assert "passed over" in refusal(old, SETTINGS, NOW - 3 * DAY, NOW)
    assert not refusal(old, SETTINGS, NOW - 4.5 * DAY, NOW)
    voted_late = item(found_at=NOW - 5 * DAY, ups=(NOW - 4 * DAY, NOW - DAY))
    assert not refusal(voted_late, SETTINGS, NOW - 3 * DAY, NOW)
    assert not refusal(item(found_at=NOW - 5 * DAY, pinned=True), SETTINGS, NOW - 3 * DAY, NOW)


def test_the_best_leads_and_a_pinned_one_comes_before_it() -> None:
    fresh, stale, pinned = (
        item(1),
        item(2, published_at=NOW - 9 * DAY),
        item(3, published_at=NOW - 20 * DAY, pinned=True),
    )
    assert [one.item.id for one in choose(scored(stale, fresh, pinned), SETTINGS)] == [3, 1, 2]


def test_one_section_has_two_at_most_and_one_source_does_not_fill_the_head() -> None:
    same = [item(number, section="Updates", title=f"Version {number} is out") for number in (1, 2, 3)]
    other = item(4, source=2, published_at=NOW - 2 * DAY)
    found = [one.item.id for one in choose(scored(*same, other), SETTINGS)]
    assert found[:2] == [1, 4]
    assert sorted(found) == [1, 2, 4]


def test_the_same_story_of_two_sources_stands_in_it_once() -> None:
    twice = [
        item(1),
        item(2, source=2, title_hash="hash 1"),
        item(3, source=3, url="http://www.blog.example/1/?utm_source=x"),
    ]
    assert len(choose(scored(*twice), SETTINGS)) == 1


stories = st.lists(
    st.builds(
        lambda number, source, section, age, pinned, ups: item(
            number, source=source, section=section, published_at=NOW - age * DAY, pinned=pinned, ups=(NOW,) * ups
        ),
        st.integers(1, 12), st.integers(1, 3), st.sampled_from(["", "a", "b"]), st.floats(0, 29), st.booleans(),
        st.integers(0, 5),
    ),
    max_size=20,
)  # fmt: skip


@given(stories, st.integers(1, 9), st.floats(0, 1))
def test_no_digest_is_too_long_or_holds_the_same_twice(found: list[Candidate], most: int, diversity: float) -> None:
    limits = settings(most_items=most, min_items=1, diversity=diversity)
    chosen = choose(scored(*found, by=limits), limits)
    assert len(chosen) <= most
    assert len({one.item.title_hash for one in chosen}) == len(chosen)
    assert bool(chosen) == bool(found)
    free = [(one.item.source, one.item.section) for one in chosen if one.item.section and not one.item.pinned]
    assert all(free.count(section) <= limits.per_section for section in free)
    pins = [one.item.pinned for one in chosen]
    assert pins == sorted(pins, reverse=True)


def test_three_items_are_enough_and_two_are_not() -> None:
    assert judge(scored(item(1), item(2), item(3)), [], SETTINGS).enough
    assert not judge(scored(item(1), item(2)), [], SETTINGS).enough
    assert not judge([], [0.1] * 20, SETTINGS).enough


def test_a_single_item_is_enough_when_few_past_leads_were_better() -> None:
    lead = scored(item(1))
    assert judge(lead, [0.2, 0.3, 0.4, 0.5, 0.9], SETTINGS).enough
    assert not judge(lead, [0.2, 0.9, 0.95, 0.9, 0.9], SETTINGS).enough
    # Of four past leads nobody can say what is usual.
    assert not judge(lead, [0.2, 0.3, 0.4, 0.5], SETTINGS).enough


def test_the_percentile_is_the_nearest_rank() -> None:
    assert percentile([1, 2, 3, 4, 5], 0.8) == 4
    assert percentile([7], 0.0) == 7
    assert percentile([1, 2], 1.0) == 2


@pytest.mark.parametrize(
    ("values", "topics", "language", "fallback", "given"),
    [
        ({}, (), "en", "", True),
        ({"topic": "news"}, (), "en", "", False),
        ({"topic": "news"}, ("news",), "en", "", True),
        ({"language": "de"}, (), "en", "", False),
        ({"language": "de"}, (), "de-AT", "", True),
        ({"language": "pt-br"}, (), "pt", "", True),
        ({"language": "en"}, (), "ru", "en", True),
        ({"language": "de"}, (), "ru", "en", False),
        ({"language": "de"}, (), "", "", True),
    ],
)
def test_who_is_given_what(values: Any, topics: Any, language: str, fallback: str, given: bool) -> None:
    assert fits(item(**values), topics, language, fallback) is given
