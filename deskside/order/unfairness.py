"""The budget of unfairness: what head starts may cost those who have none."""

from collections.abc import Sequence


def budget(shares: Sequence[tuple[float, float]]) -> float:
    """The most minutes of mean wait that a ticket without any head start can lose against first come, first served.

    `shares` has, for each kind of ticket, its load (the part of all agents' time that it takes, 0 to 1) and its head
    start in minutes; the budget is the sum of their products. A bound for Poisson arrivals and handling times that do
    not depend on the kind: only who comes within `h` minutes after a ticket can go ahead of it for a head start of
    `h`, and each brings its handling time. Raises ValueError for a load or minutes below zero.
    """
    if any(load < 0 or minutes < 0 for load, minutes in shares):
        raise ValueError("neither a load nor a head start is ever negative")
    return sum(load * minutes for load, minutes in shares)
