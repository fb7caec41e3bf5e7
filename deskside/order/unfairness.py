"""How unfair an order may be: what head starts cost those who have none."""

from collections.abc import Sequence


def budget(shares: Sequence[tuple[float, float]]) -> float:
    """The most mean wait, in working minutes, that a ticket with no weight can lose against first come, first served.

    `shares` has a pair for each kind of ticket: its load rho (its part of the arrivals times the utilisation of the
    agents, 0 to 1) and its head start h in minutes; the budget is the sum of rho * h.

    For static keys `arrival - head start` a ticket i waits in the mean at most
    `W_FCFS + sum(rho_k * max(0, h_k - h_i))` (M/G/1, and M/M/c with equal service; from the conservation law of
    Kleinrock 1965 and bounded windows of overtaking); with `h_i = 0` that is this sum. In practice the loss is smaller,
    because a head start longer than the queue buys no more than the queue.
    """
    return float(sum(load * minutes for load, minutes in shares))
