"""What a ticket's status means: whose move it is.

The API lists the titles but not which of them wait for an answer, so for a custom one that is learned from where its
tickets are listed. A title nobody knows counts as open, so that its ticket is not lost.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor

from adapters.whmcs.client import ALL_ACTIVE, AWAITING, Clients
from deskside.errors import DesksideError
from deskside.model.ticket import Status

log = logging.getLogger(__name__)

LEARN_AGAIN = 600.0
# How soon a title that is still unknown is asked for again.
ASK_AGAIN = 60.0


class Statuses:
    """The meaning of titles: as configured, as in every WHMCS, else as learned."""

    def __init__(
        self,
        meanings: Mapping[str, Status],
        clients: Clients,
        executor: Executor,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._meanings = meanings
        self._clients = clients
        self._executor = executor
        self._clock = clock
        self._lock = threading.Lock()
        self._learned: Mapping[str, Status] = {}
        self._learned_at: float | None = None

    def meaning(self, title: str) -> Status:
        """What the title of a ticket's status means."""
        folded = title.strip().casefold()
        if folded in self._meanings:
            return self._meanings[folded]
        with self._lock:
            if self._old(folded):
                self._learned_at = self._clock()
                try:
                    self._learned = self._learn()
                except DesksideError as error:
                    log.warning("what the status %r means cannot be learned: %s", title, error)
            return self._learned.get(folded, Status.OPEN)

    def _old(self, folded: str) -> bool:
        if self._learned_at is None:
            return True
        return self._clock() - self._learned_at > (LEARN_AGAIN if folded in self._learned else ASK_AGAIN)

    def _learn(self) -> Mapping[str, Status]:
        """A title some of whose tickets await a reply is open, one that is only active holds, any other is closed."""
        used = {row.title.strip().casefold() for row in self._clients.here().statuses() if row.count > 0}
        active = self._titles(ALL_ACTIVE)
        awaiting = self._titles(AWAITING)
        learned = dict.fromkeys(used - active, Status.CLOSED)
        learned |= dict.fromkeys(active, Status.HOLD) | dict.fromkeys(awaiting, Status.OPEN)
        return learned

    def _titles(self, listing: str) -> set[str]:
        return {row.status.strip().casefold() for row in self._clients.listed(self._executor, listing)}
