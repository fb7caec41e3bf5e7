"""The static queue key: arrival in working seconds minus head start. Smaller is served first, per pool.

The key never depends on the clock and only ever falls, so two waiting tickets never change order by themselves, a
plain index is the queue, and the window promise holds: nobody who arrives more than `caps.emergency` minutes (for
tickets that are no emergency: `caps.contract`) after you is served before you. Affine priorities of this kind go back
to Jackson's dynamic priority (1960) and Walke's relative urgency (1977).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from deskside.model.place import Band, Contribution, Place, Scale


@dataclass(frozen=True, slots=True)
class Caps:
    """The most minutes of head start: by commerce, by commerce and contract together, and in an emergency.

    `overtaken` is how many later tickets may go ahead of one before it is pinned; 0 pins nobody.
    """

    commercial: int = 240
    contract: int = 480
    emergency: int = 4320
    overtaken: int = 150

    def __post_init__(self) -> None:
        if not 0 <= self.commercial <= self.contract <= self.emergency:
            raise ValueError("the caps must not fall: commercial <= contract <= emergency, none below 0")


AHEAD_MINUTES = 60


def place(arrived: int, contributions: Sequence[Contribution], caps: Caps) -> Place:
    """The place of a ticket that arrived at `arrived` (working seconds).

    Raises ValueError for a contribution below zero: a penalty would widen everybody else's window.
    """
    if any(contribution.minutes < 0 for contribution in contributions):
        raise ValueError("a head start is never negative")
    commercial = min(caps.commercial, _sum(contributions, Scale.COMMERCIAL))
    ordinary = min(caps.contract, commercial + _sum(contributions, Scale.CONTRACT))
    minutes = min(caps.emergency, ordinary + _sum(contributions, Scale.EMERGENCY))
    return Place(
        key=arrived - minutes * 60,
        arrived=arrived,
        head_start=minutes * 60,
        band=band(minutes, emergency=_sum(contributions, Scale.EMERGENCY) > 0),
        contributions=tuple(contributions),
    )


def band(minutes: int, *, emergency: bool) -> Band:
    """The coarse place of a head start."""
    if emergency:
        return Band.EMERGENCY
    return Band.AHEAD if minutes >= AHEAD_MINUTES else Band.NORMAL


def boosted(key: int, event: int, minutes: int) -> int:
    """The key after something happened while the ticket waited, as if it had arrived then with this head start.

    Counted from the event, not from the arrival: otherwise a ticket that was promised "cannot be overtaken any more"
    would be passed.
    """
    return min(key, event - minutes * 60)


def jumped(key: int, head_key: int, event: int, caps: Caps, *, behind_first: bool) -> int:
    """The key after a ticket was moved to the front at `event`, or behind the first: one second beside the head.

    At most as if it had arrived at the event with a full ordinary head start. The front itself, or the full head start
    counted from the arrival, would pass tickets that were promised "cannot be overtaken any more".
    """
    beside = head_key + 1 if behind_first else head_key - 1
    return min(key, max(beside, event - caps.contract * 60))


def pinned(key: int, arrived: int, caps: Caps) -> int:
    """The key of a ticket that was overtaken too often: no later ticket but an emergency can go ahead of it now.

    The full ordinary head start is enough: a later ticket's key is at least its own arrival minus the same cap. Among
    pinned tickets that is first come, first served, and the window promise stays whole.
    """
    return min(key, arrived - caps.contract * 60)


def safe_from(arrived: int, head_start: int, caps: Caps) -> int:
    """From this working second on, no ticket that is not an emergency can newly go ahead of this one."""
    return arrived + caps.contract * 60 - head_start


def sort_key(key: int) -> str:
    """The key as text of fixed width, which sorts like the number in a desk that sorts text. Needs `key >= 0`."""
    return f"{max(0, key):012d}"


def _sum(contributions: Sequence[Contribution], scale: Scale) -> int:
    return sum(contribution.minutes for contribution in contributions if contribution.scale is scale)
