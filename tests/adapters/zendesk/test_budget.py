"""The account's limit: half of it is never spent on positions, and notes go first."""

import pytest

from adapters.zendesk.budget import FOR_NOTES, FOR_PLACEMENTS, Budget
from deskside.errors import Transient


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def budget(left: int, limit: int = 700, **headers: str) -> tuple[Budget, Clock]:
    clock = Clock()
    made = Budget(clock)
    made.record({"X-Rate-Limit": str(limit), "X-Rate-Limit-Remaining": str(left)} | headers)
    return made, clock


def test_before_the_first_answer_everything_is_admitted() -> None:
    made = Budget()
    made.admit(FOR_PLACEMENTS)
    assert made.known is None


def test_positions_stop_at_half_and_notes_at_a_twentieth() -> None:
    made, _ = budget(350)
    made.admit(FOR_PLACEMENTS)
    made, _ = budget(349)
    with pytest.raises(Transient, match="349 of 700") as caught:
        made.admit(FOR_PLACEMENTS)
    assert caught.value.retry_after == 60
    made.admit(FOR_NOTES)
    made, _ = budget(34)
    with pytest.raises(Transient):
        made.admit(FOR_NOTES)


def test_the_wait_is_until_the_reset_that_zendesk_tells() -> None:
    made, clock = budget(0, **{"ratelimit-reset": "17"})
    with pytest.raises(Transient) as caught:
        made.admit(FOR_NOTES)
    assert caught.value.retry_after == 17
    clock.now += 17
    made.admit(FOR_PLACEMENTS)


def test_an_old_answer_says_nothing_about_this_minute() -> None:
    made, clock = budget(0)
    clock.now += 60
    made.admit(FOR_PLACEMENTS)


@pytest.mark.parametrize(
    "headers",
    [
        {"ratelimit-limit": "700", "ratelimit-remaining": "1", "ratelimit-reset": "5"},
        {"RateLimit-Limit": "700, 700;w=60", "RateLimit-Remaining": "1"},
        {"rate-limit": "700", "rate-limit-remaining": "1"},
        {"x-rate-limit": "700", "x-rate-limit-remaining": "1"},
    ],
)
def test_every_spelling_of_the_headers_is_read(headers: dict[str, str]) -> None:
    made = Budget()
    made.record(headers)
    assert made.known == (1, 700)


@pytest.mark.parametrize(
    "headers", [{}, {"x-rate-limit": "700"}, {"x-rate-limit": "x", "x-rate-limit-remaining": "y"},
                {"x-rate-limit": "0", "x-rate-limit-remaining": "0"}]
)  # fmt: skip
def test_headers_that_say_nothing_change_nothing(headers: dict[str, str]) -> None:
    made, _ = budget(5)
    made.record(headers)
    assert made.known == (5, 700)
