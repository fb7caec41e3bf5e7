"""Waiting: everybody's priority grows with every working minute, at the same rate, because arrival is in the key."""

from deskside.model.place import Contribution, Scale, because
from deskside.ports import Situation


class Waiting:
    """No minutes of its own: the arrival itself is the key's first term."""

    name = "waiting"

    def weigh(self, situation: Situation) -> Contribution:
        """The arrival, in words."""
        since = f"{situation.now:%Y-%m-%d %H:%M}"
        return because(self.name, 0, Scale.COMMERCIAL, "waits since %(since)s UTC", since=since)


factor = Waiting()
