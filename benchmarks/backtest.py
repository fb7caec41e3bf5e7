"""The back-test of a year: 117,000 tickets, 18 agents, three classes; the replay beside simpy on the same arrays.

Both must give identical waits, or nothing is measured. A bootstrap year is a year of resampled days replayed in two
orders, with its quantiles; the time of a thousand is worked out from some, or measured with `--full`.
"""

import random
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import simpy

from benchmarks.figures import Figure, main
from deskside.backtest.bootstrap import Years, drawn
from deskside.backtest.comparison import credited, weighted
from deskside.backtest.history import HistoryTicket
from deskside.backtest.lines import Desk, make_desk
from deskside.backtest.replay import always, by_key
from deskside.backtest.weights import parse_weights
from deskside.order.calendar import WorkingTime

TICKETS = 117_000
AGENTS = 18
HEAD_STARTS = {"down": 1440 * 60, "VIP": 60 * 60, "regular": 0}
SHARES = (3, 10, 87)
LOAD = 0.9
TARGET_SECONDS = 0.5
REPEATS = 5
YEARS = 1000
SAMPLED_YEARS = 40
# Seconds between arrivals so that the tickets fill 260 days around the clock.
_GAP = 260 * 86_400 / TICKETS


def measure(full: bool = False) -> list[Figure]:
    """The figures; `full` replays all the bootstrap years."""
    arrived, kinds, handling = _year()
    keys = [came - HEAD_STARTS[kind] for came, kind in zip(arrived, kinds, strict=True)]
    ours = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        served = by_key(arrived, keys, handling, always(AGENTS))
        ours.append(time.perf_counter() - started)
    started = time.perf_counter()
    peer = _simpy(arrived, keys, handling)
    peer_took = time.perf_counter() - started
    if served.starts != peer:
        raise RuntimeError("the replay and simpy do not agree: their speed cannot be compared")
    year = statistics.median(ours)
    sample = YEARS if full else SAMPLED_YEARS
    bootstrap = _bootstrap(_desk(arrived, kinds, handling), sample)
    how = "measured" if full else f"worked out from {sample}"
    return [
        Figure(
            f"replay of {TICKETS:,} tickets, {AGENTS} agents",
            year,
            "s",
            {"simpy": peer_took},
            target=TARGET_SECONDS,
            details={"tickets_per_second": round(TICKETS / year), "identical_waits": True},
        ),
        Figure(f"{YEARS:,} bootstrap years, both orders and their quantiles ({how})", bootstrap * YEARS / 60, "min"),
    ]


def _year() -> tuple[list[float], list[str], list[float]]:
    chance = random.Random(1)
    clock = 0.0
    arrived, handling = [], []
    for _ in range(TICKETS):
        clock += _exact(chance.expovariate(1 / _GAP))
        arrived.append(clock)
        handling.append(_exact(chance.expovariate(1 / (_GAP * AGENTS * LOAD))))
    return arrived, chance.choices(list(HEAD_STARTS), SHARES, k=TICKETS), handling


def _exact(seconds: float) -> float:
    """In steps of 2^-20 s, whose sums and differences have no rounding: the waits can be compared to the last digit."""
    return round(seconds * 2**20) / 2**20


def _simpy(arrived: list[float], keys: list[float], handling: list[float]) -> list[float]:
    starts = [0.0] * len(arrived)

    def ticket(number: int) -> Any:
        with agents.request(priority=keys[number]) as turn:
            yield turn
            starts[number] = desk.now
            yield desk.timeout(handling[number])

    def arrivals() -> Any:
        for number, came in enumerate(arrived):
            yield desk.timeout(came - desk.now)
            desk.process(ticket(number))

    desk = simpy.Environment()
    agents = simpy.PriorityResource(desk, AGENTS)
    desk.process(arrivals())
    desk.run()
    return starts


def _desk(arrived: list[float], kinds: list[str], handling: list[float]) -> Desk:
    epoch = datetime(2026, 1, 5, tzinfo=UTC)
    tickets = [
        HistoryTicket(
            str(number),
            at := epoch + timedelta(seconds=came),
            taken=at,
            handling_minutes=work / 60,
            kind=kind,
        )
        for number, (came, kind, work) in enumerate(zip(arrived, kinds, handling, strict=True))
    ]
    return make_desk(tickets, WorkingTime(), {"": AGENTS})


def _bootstrap(desk: Desk, years: int) -> float:
    """Seconds for one bootstrap year."""
    weights = parse_weights({"class": {"VIP": 60, "down": {"minutes": 1440, "scale": "emergency"}}})
    drawing = Years(desk, (credited(desk, lambda _job: 0.0), weighted(desk, weights)), 1.0, range(len(desk.days)))
    started = time.perf_counter()
    assert sum(1 for _ in drawn(drawing, years, seed=1)) == years
    return (time.perf_counter() - started) / years


if __name__ == "__main__":
    everything = "--full" in sys.argv
    if everything:
        sys.argv.remove("--full")
    main("Back-test", partial(measure, everything))
