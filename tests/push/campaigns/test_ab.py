"""The formulae against what they claim: simulation, symmetry, and the tables they are known by."""

import math
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from push.campaigns import ab
from push.campaigns.ab import Leg, Word

legs = st.integers(1, 400).flatmap(lambda sent: st.builds(Leg, st.just("x"), st.just(sent), st.integers(0, sent)))


def simulated(a: Leg, b: Leg, draws: int = 40_000) -> tuple[float, float]:
    """P(B > A), and what choosing B costs, by drawing from the Beta distributions."""
    chance = random.Random(7)
    better, loss = 0, 0.0
    for _ in range(draws):
        rate_a = chance.betavariate(a.clicks + 1, a.delivered - a.clicks + 1)
        rate_b = chance.betavariate(b.clicks + 1, b.delivered - b.clicks + 1)
        better += rate_b > rate_a
        loss += max(0.0, rate_a - rate_b)
    return better / draws, loss / draws


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (Leg("A", 500, 25), Leg("B", 500, 40)),
        (Leg("A", 500, 25), Leg("B", 500, 25)),
        (Leg("A", 40, 0), Leg("B", 35, 3)),
        (Leg("A", 1000, 300), Leg("B", 900, 250)),
    ],
)
def test_probability_and_loss_are_what_a_simulation_finds(a: Leg, b: Leg) -> None:
    probability, loss = simulated(a, b)
    assert ab.probability_better(a, b) == pytest.approx(probability, abs=0.01)
    assert ab.expected_loss(b, a) == pytest.approx(loss, abs=0.0005)


@given(legs, legs)
def test_one_is_better_or_the_other(a: Leg, b: Leg) -> None:
    assert ab.probability_better(a, b) + ab.probability_better(b, a) == pytest.approx(1.0, abs=1e-6)
    assert 0.0 <= ab.expected_loss(a, b) <= 1.0
    # What the two choices cost differs by the difference of the means, and by nothing else.
    means = [(leg.clicks + 1) / (leg.delivered + 2) for leg in (a, b)]
    assert ab.expected_loss(a, b) - ab.expected_loss(b, a) == pytest.approx(means[1] - means[0], abs=1e-6)


def test_the_approximation_for_many_clicks_meets_the_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = Leg("A", 30_000, 1_500), Leg("B", 30_000, 1_560)
    exact = ab.probability_better(a, b)
    monkeypatch.setattr(ab, "_EXACT", 100)
    assert ab.probability_better(a, b) == pytest.approx(exact, abs=0.002)


@pytest.mark.parametrize(
    ("rates", "each"), [((0.05, 0.06), 8_158), ((0.05, 0.075), 1_470), ((0.05, 0.10), 434), ((0.08, 0.12), 882)]
)
def test_the_number_needed_is_the_known_one(rates: tuple[float, float], each: int) -> None:
    assert ab.needed_each(*rates) == pytest.approx(each, abs=3)
    assert ab.needed_each(rates[0], rates[0]) is None


def test_looking_all_the_time_at_two_equal_variants_decides_in_at_most_one_of_twenty() -> None:
    """Ville's inequality, in 2,000 campaigns of 200 clicks, looked at after every one of them."""
    chance = random.Random(11)
    decided = 0
    for _ in range(2000):
        clicks = [0, 0]
        for _ in range(200):
            clicks[chance.random() < 0.5] += 1
            if ab.e_value(*clicks) >= ab.PROOF:
                decided += 1
                break
    assert 0 < decided <= 2000 * 0.05


def test_a_great_difference_is_found() -> None:
    assert ab.e_value(20, 60) > ab.PROOF
    assert ab.e_value(0, 0) == pytest.approx(1.0)
    assert math.isfinite(ab.e_value(0, 5000))


@given(st.integers(0, 60), st.integers(0, 60))
def test_evidence_does_not_care_which_is_called_a(a: int, b: int) -> None:
    assert ab.e_value(a, b) == pytest.approx(ab.e_value(b, a))


def test_evidence_is_fair_on_average() -> None:
    """Over all outcomes of twelve coins the mean is one: that is what makes it evidence."""
    mean = sum(math.comb(12, heads) / 2**12 * ab.e_value(heads, 12 - heads) for heads in range(13))
    assert mean == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("value", "freedom", "above"),
    [(3.841, 1, 0.05), (5.991, 2, 0.05), (7.815, 3, 0.05), (9.488, 4, 0.05), (0.0, 3, 1.0), (16.27, 3, 0.001)],
)
def test_chi_squared_is_the_one_of_the_tables(value: float, freedom: int, above: float) -> None:
    assert ab._chi_squared_above(value, freedom) == pytest.approx(above, rel=0.01)


@given(st.text(max_size=32), st.integers(2, 4))
def test_people_are_split_evenly_and_always_the_same(seed: str, variants: int) -> None:
    assigned = [ab.assign(seed, person, variants) for person in range(3000)]
    assert assigned == [ab.assign(seed, person, variants) for person in range(3000)]
    counts = Counter(assigned)
    assert set(counts) == set(range(variants))
    assert ab.split_probability(list(counts.values())) > 1e-6


def test_two_campaigns_split_people_independently() -> None:
    both = Counter((ab.assign("one", person, 2), ab.assign("two", person, 2)) for person in range(4000))
    assert ab.split_probability(list(both.values())) > ab.SPLIT_FAULT


@pytest.mark.parametrize(
    ("a", "b", "ended", "word"),
    [
        ((500, 0), (500, 2), True, Word.NOT_DECIDABLE),
        ((500, 25), (500, 26), True, Word.NOT_DECIDABLE),
        ((500, 25), (500, 33), True, Word.LEADING),
        ((500, 25), (500, 42), False, Word.LEADING),
        ((500, 25), (500, 42), True, Word.DECIDED),
        ((500, 20), (500, 60), False, Word.DECIDED),
        ((300, 20), (700, 80), True, Word.NOT_DECIDABLE),
    ],
)
def test_the_words_are_honest(a: tuple[int, int], b: tuple[int, int], ended: bool, word: Word) -> None:
    found = ab.judge([Leg("A", *a), Leg("B", *b)], ended)
    assert found is not None
    assert (found.word, found.best.name) == (word, "B")
    assert found.fault is (a[0] != b[0])


def test_equal_variants_are_seldom_called_decided_at_the_end() -> None:
    chance = random.Random(3)
    words = Counter(
        found.word
        for _ in range(400)
        if (found := ab.judge([Leg(name, 500, _clicks(chance, 500, 0.06)) for name in "AB"], True))
    )
    assert words[Word.DECIDED] <= 400 * 0.15


def _clicks(chance: random.Random, people: int, rate: float) -> int:
    return sum(chance.random() < rate for _ in range(people))


def test_more_variants_must_prove_more() -> None:
    two = [Leg("A", 500, 20), Leg("B", 500, 46)]
    with_two, with_four = ab.judge(two, False), ab.judge([*two, Leg("C", 500, 5), Leg("D", 500, 5)], False)
    assert with_two is not None and with_four is not None
    assert (with_two.word, with_four.word) == (Word.DECIDED, Word.LEADING)


def test_one_variant_is_no_comparison() -> None:
    assert ab.judge([Leg("A", 10, 1)], True) is None
