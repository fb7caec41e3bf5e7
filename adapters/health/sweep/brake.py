"""Is it us? A round in which too much fell silent at once is not believed: more likely our own side failed."""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.health.sweep.state import Sight, Standing
from deskside.model.health import Word

MOST_PERCENT = 5
LEAST_HOSTS = 3
# How many rounds in a row are held back before a silence that lasts is believed, once our side has proved to work.
HELD_WITH_ANCHORS = 3
HELD_WITHOUT_ANCHORS = 15


@dataclass(frozen=True, slots=True)
class Fallen:
    """How many hosts a round looked at, how many of them live, and how many have just fallen silent."""

    hosts: int
    alive: int
    silent: int

    @property
    def many(self) -> bool:
        """More than 5 % and at least 3; of two to five hosts also all of them."""
        share = self.silent >= LEAST_HOSTS and 100 * self.silent > MOST_PERCENT * self.hosts
        return share or (self.hosts > 1 and self.silent == self.hosts)


def fallen(pairs: Sequence[tuple[Standing, Sight]]) -> Fallen:
    """Count who lived when last seen and is silent now.

    Hosts that were never seen count when most of them are silent: the first round may fall into an outage of ours.
    """
    quiet = [standing for standing, sight in pairs if not sight.alive]
    turned = sum(1 for standing in quiet if standing.word in (Word.OK, Word.DEGRADED))
    fresh = sum(1 for standing, _ in pairs if standing.checked_at is None)
    fresh_quiet = sum(1 for standing in quiet if standing.checked_at is None)
    silent = turned + (fresh_quiet if 2 * fresh_quiet > fresh else 0)
    return Fallen(len(pairs), len(pairs) - len(quiet), silent)


def doubt(found: Fallen, anchors: bool | None, held: int) -> str:
    """Why this round is not to be believed (English), or an empty text.

    `anchors` says whether any anchor answers, None when there are none; `held` counts the braked rounds just before.
    With answering anchors, or without anchors when half of the fleet lives, a silence that lasts is believed later.
    """
    if not found.silent:
        return ""
    if anchors is False:
        return "our side? None of our anchors answers"
    if not found.many:
        return ""
    proved = anchors or 2 * found.alive >= found.hosts
    if proved and held >= (HELD_WITH_ANCHORS if anchors else HELD_WITHOUT_ANCHORS):
        return ""
    return f"our side? {found.silent} of {found.hosts} hosts fell silent at once"
