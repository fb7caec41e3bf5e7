"""The client's plan, from a field of the client on the desk."""

from deskside.model.place import Contribution, Scale, because
from deskside.ports import Situation


class Plan:
    """The minutes that `plan_minutes` gives to the value of the client's field `plan_field`."""

    name = "plan"

    def weigh(self, situation: Situation) -> Contribution | None:
        """The head start of a plan."""
        value = situation.ticket.client.fields.get(situation.options["plan_field"], "").strip()
        by_name = {name.lower(): minutes for name, minutes in situation.options["plan_minutes"].items()}
        minutes = by_name.get(value.lower(), 0) if value else 0
        if not minutes:
            return None
        return because(self.name, minutes, Scale.COMMERCIAL, "is on the plan %(plan)s", plan=value[:40])


factor = Plan()
