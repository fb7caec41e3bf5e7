"""Clients who pay more: each ten-fold gives the same minutes more, so that no fortune buys the whole head start."""

import math

from adapters.ranking.reading import MOST, amount
from deskside.model.place import Contribution, Scale, because, part
from deskside.ports import Situation

# So much a month counts as nothing to speak of, and a thousand times that gives all of `spend_minutes`.
UNIT = 10


class Spend:
    """`spend_minutes` / 3 for each power of ten of (1 + monthly spend / 10), at most `spend_minutes`.

    What a client pays a month is what the desk says, else the client's field `spend_field`, a plain number.
    """

    name = "spend"

    def weigh(self, situation: Situation) -> Contribution | None:
        """The head start of the money; None where it is not known or too little for a minute."""
        client = situation.ticket.client
        paid = client.monthly_spend
        if paid is None:
            paid = amount(client.fields.get(situation.options["spend_field"], ""))
        if paid is None or not paid.is_finite() or paid <= 0:
            return None
        share = min(1.0, math.log10(1 + float(min(paid, MOST)) / UNIT) / 3)
        minutes = part(situation.options["spend_minutes"], share)
        if not minutes:
            return None
        return because(self.name, minutes, Scale.COMMERCIAL, "by what it pays a month", share=share)


factor = Spend()
