"""A dead server: its ticket goes to the head, ahead of everybody who came in the last working days."""

from deskside.model.place import Contribution, Scale, because
from deskside.ports import Situation


class ServerDown:
    """`emergency_minutes` of head start, only for a verdict of two kinds of evidence.

    None when an open incident explains it: that outage is known and worked on, and would fill the head of the queue.
    """

    name = "server_down"

    def weigh(self, situation: Situation) -> Contribution | None:
        """The emergency head start, when the server is down."""
        if not situation.server_down:
            return None
        if situation.incident is not None:
            return because(self.name, 0, Scale.EMERGENCY, "the server is down, which a known incident explains")
        minutes = situation.options["emergency_minutes"]
        return because(self.name, minutes, Scale.EMERGENCY, "the server is down, measured")


factor = ServerDown()
