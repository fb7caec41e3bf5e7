"""The score: four parts anybody can check, each between 0 and 1."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from push.digests.score import Rates, engagement, freshness, score, votes
from tests.push.digests.stories import DAY, NOW, item, settings

WEIGHTS = settings().weights
counts = st.integers(0, 200)


@given(
    ups=counts,
    downs=counts,
    age=st.floats(-5, 3000),
    half_life=st.floats(0.1, 365),
    relevance=st.floats(0, 1),
    shown=counts,
    opened=counts,
)
def test_every_score_and_every_part_is_between_0_and_1(
    ups: int, downs: int, age: float, half_life: float, relevance: float, shown: int, opened: int
) -> None:
    story = item(
        ups=(NOW,) * ups, downs=(NOW,) * downs, published_at=NOW - timedelta(days=age), half_life_days=half_life
    )
    rates = Rates({(1, ""): shown + opened, (2, ""): 500}, {(1, ""): opened, (2, ""): 20})
    found = score(story, WEIGHTS, relevance, rates, NOW)
    assert 0 <= found.total <= 1
    assert set(found.parts) == set(WEIGHTS)
    assert all(0 <= part <= 1 for part in found.parts.values())
    assert found.total == pytest.approx(sum(WEIGHTS[name] * part for name, part in found.parts.items()))


@given(counts, counts)
def test_one_more_vote_up_is_never_worse_and_one_more_down_never_better(up: int, down: int) -> None:
    assert votes(up + 1, down) > votes(up, down) > votes(up, down + 1)


def test_nobodys_vote_is_a_half() -> None:
    assert votes(0, 0) == 0.5
    assert votes(3, 1) == pytest.approx(4 / 6)


def test_freshness_halves_with_each_half_life() -> None:
    assert freshness(NOW, 3, NOW) == 1
    assert freshness(NOW - 3 * DAY, 3, NOW) == pytest.approx(0.5)
    assert freshness(NOW - 14 * DAY, 14, NOW) == pytest.approx(0.5)
    assert freshness(NOW + DAY, 3, NOW) == 1


def test_an_author_nobody_knows_is_as_good_as_the_mean() -> None:
    rates = Rates({(1, "ann"): 1000}, {(1, "ann"): 50})
    assert engagement(rates, 2, "bob") == pytest.approx(0.5)


def test_one_lucky_click_says_little_and_many_say_much() -> None:
    lucky = Rates({(1, "ann"): 1000, (1, "bob"): 1}, {(1, "ann"): 50, (1, "bob"): 1})
    proven = Rates({(1, "ann"): 1000, (1, "bob"): 400}, {(1, "ann"): 20, (1, "bob"): 100})
    assert 0.5 < engagement(lucky, 1, "bob") < 0.7 < engagement(proven, 1, "bob") < 1
