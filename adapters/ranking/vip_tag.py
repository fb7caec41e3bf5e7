"""Clients the team has marked: a tag on the ticket or on the client."""

from collections.abc import Collection

from deskside.model.place import Contribution, Scale, because
from deskside.ports import Situation


class VipTag:
    """`vip_minutes` for a ticket, or a client, with one of `vip_tags`."""

    name = "vip_tag"

    def weigh(self, situation: Situation) -> Contribution | None:
        """The head start of a marked client."""
        found = worn(situation.options["vip_tags"], situation.ticket.tags | situation.ticket.client.tags)
        if not found or not situation.options["vip_minutes"]:
            return None
        minutes = situation.options["vip_minutes"]
        return because(self.name, minutes, Scale.COMMERCIAL, "has the tag %(tag)s", share=1.0, tag=found[0])


def worn(wanted: Collection[str], tags: Collection[str]) -> list[str]:
    """Which of the wanted tags are among these, without regard to case, in order."""
    return sorted({tag.lower() for tag in wanted} & {tag.lower() for tag in tags})


factor = VipTag()
