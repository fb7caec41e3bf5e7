"""An authorised contact: somebody who may decide for the client, so that an answer settles the matter."""

from adapters.ranking.vip_tag import worn
from deskside.model.place import Contribution, Scale, because
from deskside.ports import Situation


class Contact:
    """`contact_minutes` for a ticket whose requester, or which itself, has one of `contact_tags`."""

    name = "contact"

    def weigh(self, situation: Situation) -> Contribution | None:
        """The head start of an authorised contact."""
        ticket = situation.ticket
        found = worn(situation.options["contact_tags"], ticket.tags | ticket.client.tags)
        if not found or not situation.options["contact_minutes"]:
            return None
        minutes = situation.options["contact_minutes"]
        return because(self.name, minutes, Scale.COMMERCIAL, "comes from an authorised contact", share=1.0)


factor = Contact()
