"""The team's own keys."""

from push.settings import PushSettings


class Keys:
    """The keys of the settings."""

    def __init__(self, settings: PushSettings) -> None:
        self.settings = settings
