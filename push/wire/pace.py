"""How many messages may be under way to one push service: additive increase, multiplicative decrease (RFC 5681).

The window doubles each round until the service first says that it is too much; then it halves, and grows by one message
a round. A service that says when to come again is left alone until then, one that says nothing for a second, twice as
long each time in a row.
"""

FIRST = 32
_LONGEST_SILENCE = 60.0


class Pace:
    """The pace of one push service. Times are monotonic seconds.

    Each start gets a ticket, given back with what came of it: a whole round of refusals halves the window once.
    """

    def __init__(self, most: int) -> None:
        self._most = float(most)
        self._window = float(min(FIRST, most))
        self._threshold = float(most)
        self._tickets = 0
        self._shrunk_at = 0
        self._refusals = 0
        self._blocked_until = 0.0
        self._why = ""
        self.under_way = 0

    @property
    def window(self) -> int:
        """How many may be under way."""
        return int(self._window)

    @property
    def why(self) -> str:
        """Why nothing is sent, when nothing is."""
        return self._why

    def has_room(self) -> bool:
        """Whether one more may start now."""
        return self.under_way < int(self._window)

    def blocked_for(self, now: float) -> float:
        """Seconds in which nothing is sent, 0 when something may be."""
        return max(0.0, self._blocked_until - now)

    def start(self) -> int:
        """One more is under way; the ticket is given back by `end`."""
        self.under_way += 1
        self._tickets += 1
        return self._tickets

    def end(self) -> None:
        """One less is under way."""
        self.under_way -= 1

    def went_well(self) -> None:
        """The service took a message, or judged it: it is not overburdened."""
        self._refusals = 0
        step = 1.0 if self._window < self._threshold else 1.0 / self._window
        self._window = min(self._most, self._window + step)

    def too_much(self, ticket: int, now: float, wait: float | None, why: str) -> None:
        """The service said that it is overburdened, and perhaps for how long (seconds)."""
        self._shrink(ticket)
        self.block(now, self._silence(self._refusals) if wait is None else wait, why)

    def lost(self, ticket: int, now: float, why: str) -> None:
        """The service could not be reached, or did not answer. Once is an accident, again is an outage."""
        self._shrink(ticket)
        if self._refusals > 1:
            self.block(now, self._silence(self._refusals - 1), why)

    def block(self, now: float, wait: float, why: str) -> None:
        """Send nothing for `wait` seconds; a longer block that is there stays."""
        if now + wait > self._blocked_until:
            self._blocked_until = now + wait
            self._why = why

    def _shrink(self, ticket: int) -> None:
        if ticket > self._shrunk_at:
            self._shrunk_at = self._tickets
            self._window = self._threshold = max(1.0, self._window / 2)
            self._refusals += 1

    @staticmethod
    def _silence(times: int) -> float:
        return float(min(_LONGEST_SILENCE, 2.0 ** (times - 1)))
