"""Clients the team has marked: a tag on the ticket or on the client."""

from deskside.model.place import Contribution, Scale
from deskside.ports import Situation


class VipTag:
    """`vip_minutes` for a ticket, or a client, with one of `vip_tags`."""

    name = "vip_tag"

    def weigh(self, situation: Situation) -> Contribution | None:
        """The head start of a marked client."""
        wanted = {tag.lower() for tag in situation.options["vip_tags"]}
        worn = {tag.lower() for tag in situation.ticket.tags | situation.ticket.client.tags}
        found = sorted(wanted & worn)
        if not found or not situation.options["vip_minutes"]:
            return None
        return Contribution(self.name, situation.options["vip_minutes"], Scale.COMMERCIAL, f"has the tag {found[0]}")


factor = VipTag()
