"""A promised reply time: the shorter the promise, the larger the head start, as in earliest deadline first."""

from deskside.model.place import Contribution, Scale, because
from deskside.ports import Situation


class SlaTarget:
    """`contract_minutes` less the minutes left to the breach when the ticket arrived (working time)."""

    name = "sla_target"

    def weigh(self, situation: Situation) -> Contribution | None:
        """The head start of a promise; a promise longer than `contract_minutes` gives none.

        Capped, because a breach that is long past must not freeze the queue.
        """
        if situation.minutes_to_breach is None:
            return None
        longest = situation.options["contract_minutes"]
        minutes = max(0, min(longest, longest - situation.minutes_to_breach))
        if not minutes:
            return None
        left = max(0, situation.minutes_to_breach)
        return because(
            self.name, minutes, Scale.CONTRACT, "a reply is promised within %(left)s min of arriving", left=left
        )


factor = SlaTarget()
