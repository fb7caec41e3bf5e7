"""A complaint: somebody marked the ticket as one."""

from adapters.ranking.vip_tag import worn
from deskside.model.place import Contribution, Scale, because
from deskside.ports import Situation


class Complaint:
    """`complaint_minutes` for a ticket with one of `complaint_tags`."""

    name = "complaint"

    def weigh(self, situation: Situation) -> Contribution | None:
        """The head start of a complaint."""
        found = worn(situation.options["complaint_tags"], situation.ticket.tags)
        if not found or not situation.options["complaint_minutes"]:
            return None
        minutes = situation.options["complaint_minutes"]
        return because(self.name, minutes, Scale.COMMERCIAL, "is a complaint", share=1.0)


factor = Complaint()
