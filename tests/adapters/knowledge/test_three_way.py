"""The table of the three-way comparison, and what is tried again."""

import pytest

from adapters.knowledge.applying.patience import ATTEMPTS, Halt, Patience
from adapters.knowledge.three_way import CONFLICT, DRIFT, NOTHING, SAME, UPDATE, three_way
from deskside.errors import Conflict, Permanent, Transient, UnknownOutcome


@pytest.mark.parametrize(
    ("source", "target", "same", "result"),
    [
        (False, False, False, NOTHING),
        (True, False, False, UPDATE),
        (False, True, False, DRIFT),
        (True, True, False, CONFLICT),
        (True, True, True, SAME),
    ],
)
def test_what_changed_where_says_what_is_to_be_done(source: bool, target: bool, same: bool, result: str) -> None:
    assert three_way(source, target, same) == result


class Asked:
    """Fails as it is told to, then answers."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.times = 0

    def __call__(self) -> str:
        self.times += 1
        if self.errors:
            raise self.errors.pop(0)
        return "answer"


def patience(seconds: float = 100.0, *, ends: bool = False) -> tuple[Patience, list[float]]:
    waited: list[float] = []

    def wait(delay: float) -> bool:
        waited.append(delay)
        return ends

    return Patience(seconds, wait), waited


def test_a_target_that_says_when_is_asked_again_then() -> None:
    patient, waited = patience()
    assert patient.call(Asked(Transient("busy", retry_after=7), UnknownOutcome("?", retry_after=2))) == "answer"
    assert waited == [7, 2]
    assert patient.left == 91


def test_waits_without_a_hint_grow_and_are_spread() -> None:
    patient, waited = patience()
    assert patient.call(Asked(*[Transient("busy")] * 4)) == "answer"
    assert all(0.5 * 2**turn <= delay <= 1.5 * 2**turn for turn, delay in enumerate(waited))


def test_patience_ends() -> None:
    patient, _ = patience(10)
    with pytest.raises(Transient):
        patient.call(Asked(Transient("busy", retry_after=11)))
    asked = Asked(*[Transient("busy", retry_after=0)] * 20)
    with pytest.raises(Transient):
        patient.call(asked)
    assert asked.times == ATTEMPTS
    patient, _ = patience(ends=True)
    with pytest.raises(Halt):
        patient.call(Asked(Transient("busy")))


@pytest.mark.parametrize("error", [Permanent("no"), Conflict("changed")])
def test_what_cannot_help_is_not_tried_again(error: Exception) -> None:
    patient, waited = patience()
    with pytest.raises(type(error)):
        patient.call(Asked(error))
    assert waited == []


def test_what_may_have_acted_is_not_done_twice() -> None:
    patient, waited = patience()
    asked = Asked(UnknownOutcome("?"))
    with pytest.raises(UnknownOutcome):
        patient.once(asked)
    assert (asked.times, waited) == (1, [])
    assert patient.once(Asked(Transient("busy", retry_after=1))) == "answer"
