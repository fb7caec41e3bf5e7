"""Clients who stay: minutes for every year."""

from datetime import date

from adapters.ranking.reading import day
from deskside.model.place import Contribution, Scale, because, part
from deskside.ports import Situation

YEARS = 5


class Tenure:
    """A fifth of `tenure_minutes` for each whole year, at most all of them.

    The day a client came is what the desk says, else the client's field `since_field` (ISO 8601).
    """

    name = "tenure"

    def weigh(self, situation: Situation) -> Contribution | None:
        """The head start of the years; None before the first is over, and for a day to come."""
        client = situation.ticket.client
        since = client.since or day(client.fields.get(situation.options["since_field"], ""))
        years = _years(since, situation.now.date()) if since else 0
        share = max(0, min(years, YEARS)) / YEARS
        minutes = part(situation.options["tenure_minutes"], share)
        if not minutes:
            return None
        return because(
            self.name, minutes, Scale.COMMERCIAL, "whole years as a client: %(years)s", share=share, years=years
        )


def _years(since: date, today: date) -> int:
    return today.year - since.year - ((today.month, today.day) < (since.month, since.day))


factor = Tenure()
