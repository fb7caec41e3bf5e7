"""A ticket that came back: what it waited before is carried along, and a reopened one gets something on top."""

from deskside.model.place import Contribution, Scale, because
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
        # The share is that of `reopened_minutes`; the rest is carried.
        waited = situation.carried_minutes
        if situation.reopened:
            return because(
                self.name,
                carried + extra,
                Scale.COMMERCIAL,
                "was solved and came back, having waited %(waited)s min before",
                share=1.0,
                waited=waited,
            )
        return because(
            self.name,
            carried,
            Scale.COMMERCIAL,
            "came back, having waited %(waited)s min before",
            share=0.0,
            waited=waited,
        )


factor = Reopened()
