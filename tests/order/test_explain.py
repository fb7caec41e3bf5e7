"""The explanation of an order is exact."""

from deskside.order.explain import Standing, compare


def test_arrival_alone_is_named_alone() -> None:
    assert compare(Standing("1", 0, 0), Standing("2", 720, 720)) == "#1 came 12 min before #2"


def test_a_later_ticket_goes_ahead_by_its_head_start() -> None:
    text = compare(Standing("9", 1200 - 3600, 1200), Standing("2", -1500, 0))
    assert text == "#9 came 20 min after #2, with 1 h of head start against 25 min"


def test_equal_head_starts_are_said_to_be_equal() -> None:
    assert compare(Standing("1", -60, 0), Standing("2", 0, 60)).endswith("both have 1 min of head start")
