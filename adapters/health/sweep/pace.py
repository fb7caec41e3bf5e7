"""When each packet of a sweep leaves: in shuffled order, no faster than agreed, no network asked too often."""

import heapq
import ipaddress
import math
import random
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat

MOST_PER_SECOND = 2_000
MOST_PER_NETWORK = 50
_LEAST_PER_SECOND = 50
# Of the time between two rounds; the rest is for asking silent hosts again, and for their ports.
_SHARE_OF_ROUND = 0.6


@dataclass(frozen=True, slots=True)
class Pace:
    """The most packets a second in all, and to one network (/24, or /64 of IPv6); 0 is no limit."""

    per_second: float = 500.0
    per_network: float = MOST_PER_NETWORK


def fitting(hosts: int, seconds: float, wish: int = 0) -> Pace:
    """A pace at which one packet to each of `hosts` takes a good half of `seconds`; `wish` packets a second if given.

    Never above the limits of politeness: then a round takes longer than `seconds`.
    """
    least = math.ceil(hosts / (_SHARE_OF_ROUND * seconds)) if seconds else MOST_PER_SECOND
    return Pace(min(MOST_PER_SECOND, wish or max(_LEAST_PER_SECOND, least)))


def network_of(address: str) -> str:
    """The network that shares a limit with this address: its /24, or /64 for IPv6."""
    if ":" in address:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return f"{address.rpartition('.')[0]}.0/24"


def shuffled(order: list[int]) -> None:
    """Shuffle in place: a sort by random keys, which takes half the time of `random.shuffle`."""
    keys = [random.random() for _ in order]  # noqa: S311 - an order, no secret
    order.sort(key=keys.__getitem__)


def timetable(
    addresses: Sequence[str], pace: Pace, shuffle: Callable[[list[int]], None] = shuffled
) -> Iterator[tuple[float, int]]:
    """The seconds after the start at which to send, never falling, and the index of the address to send to.

    The order is shuffled, so that no network is asked in one go. A network whose turn would come too early is passed
    over until it may be asked again.
    """
    order = list(range(len(addresses)))
    shuffle(order)
    gap = 1 / pace.per_second if pace.per_second else 0.0
    pause = 1 / pace.per_network if pace.per_network else 0.0
    if not pause:
        yield from zip((turn * gap for turn in range(len(order))) if gap else repeat(0.0), order, strict=False)
        return
    networks = [network_of(address) for address in addresses]
    free_at: dict[str, float] = {}
    deferred: dict[str, deque[int]] = {}
    heap: list[tuple[float, str]] = []
    upcoming = deque(order)
    now = 0.0
    while upcoming or heap:
        if heap and (heap[0][0] <= now or not upcoming):
            at, network = heapq.heappop(heap)
            now = max(now, at)
            waiting = deferred[network]
            index = waiting.popleft()
            if waiting:
                heapq.heappush(heap, (now + pause, network))
        else:
            index = upcoming.popleft()
            network = networks[index]
            if free_at.get(network, 0.0) > now or deferred.get(network):
                waiting = deferred.setdefault(network, deque())
                waiting.append(index)
                if len(waiting) == 1:
                    heapq.heappush(heap, (free_at[network], network))
                continue
        yield now, index
        free_at[network] = now + pause
        now += gap
