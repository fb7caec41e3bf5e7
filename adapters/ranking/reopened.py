"""A ticket that came back: what it waited before is carried along, and a reopened one gets something on top."""

from deskside.model.place import Contribution, Scale
from deskside.ports import Situation


class Reopened:
    """`reopened_minutes` for a ticket that was solved, and the earlier wait up to `carried_minutes`."""

    name = "reopened"

    def weigh(self, situation: Situation) -> Contribution | None:
        """The head start of an earlier turn."""
        carried = min(situation.options["carried_minutes"], max(0, situation.carried_minutes))
        extra = situation.options["reopened_minutes"] if situation.reopened else 0
        if not carried and not extra:
            return None
        came_back = "was solved and came back" if situation.reopened else "came back"
        reason = f"{came_back}, having waited {situation.carried_minutes} min before"
        # The share of `reopened_minutes`; the rest is carried.
        share = 1.0 if situation.reopened else 0.0
        return Contribution(self.name, carried + extra, Scale.COMMERCIAL, reason, share)


factor = Reopened()
