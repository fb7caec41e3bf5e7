"""Waiting: everybody's priority grows with every working minute, at the same rate, because arrival is in the key."""

from deskside.model.place import Contribution, Scale
from deskside.ports import Situation


class Waiting:
    """No minutes of its own: the arrival itself is the key's first term."""

    name = "waiting"

    def weigh(self, situation: Situation) -> Contribution:
        """The arrival, in words."""
        return Contribution(self.name, 0, Scale.COMMERCIAL, f"waits since {situation.now:%d %b %H:%M} UTC")


factor = Waiting()
