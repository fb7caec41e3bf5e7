"""Clients who seldom ask: a reward for silence, never a penalty for asking."""

import math

from deskside.model.place import Contribution, Scale, because, part
from deskside.ports import Situation

# After so many tickets in 30 days little more than a third of the minutes is left.
FEW = 3


class AsksSeldom:
    """`seldom_minutes` * exp(-recent tickets / 3); nothing before we have watched the client's desk for 30 days."""

    name = "asks_seldom"

    def weigh(self, situation: Situation) -> Contribution | None:
        """The head start of who asked little in the 30 days before this ticket."""
        recent = situation.recent_tickets
        if recent is None:
            return None
        share = math.exp(-recent / FEW)
        minutes = part(situation.options["seldom_minutes"], share)
        if not minutes:
            return None
        return because(
            self.name,
            minutes,
            Scale.COMMERCIAL,
            "tickets in the 30 days before: %(count)s",
            share=share,
            count=recent,
        )


factor = AsksSeldom()
