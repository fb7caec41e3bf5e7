"""A known incident: the answer is ready, and the outage itself is worked on elsewhere."""

from deskside.model.place import Contribution, Scale, because
from deskside.ports import Situation


class OpenIncident:
    """`incident_minutes` for a ticket about something that an open incident concerns.

    It comes in the place of the emergency head start, which is given for an outage nobody knew of yet.
    """

    name = "open_incident"

    def weigh(self, situation: Situation) -> Contribution | None:
        """The head start of a known incident."""
        if situation.incident is None or not situation.options["incident_minutes"]:
            return None
        minutes = situation.options["incident_minutes"]
        title = situation.incident[:80]
        return because(
            self.name, minutes, Scale.COMMERCIAL, "is about the known incident %(title)s", share=1.0, title=title
        )


factor = OpenIncident()
