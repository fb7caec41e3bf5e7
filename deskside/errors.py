"""Errors by what should happen next: a permanent one is shown to a person, a transient one is tried again."""


class DesksideError(Exception):
    """Base of every error Deskside raises on purpose; its text is safe to show and never holds a secret."""


class Permanent(DesksideError):
    """Trying again cannot help: the request is wrong, or the thing is gone."""


class Transient(DesksideError):
    """Trying again later may help.

    `retry_after` is in seconds; None leaves the delay to the engine's back-off.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class UnknownOutcome(Transient):
    """The request left us and no answer came: the other side may or may not have acted."""


class Conflict(Transient):
    """Somebody changed the same thing meanwhile: read again, decide again."""


class Gone(Permanent):
    """The ticket (or other thing) does not exist, or takes no more changes."""


class TargetRefuses(Permanent):
    """The other side refuses us altogether (a token that ended, a right that is missing): nothing more is tried."""


class AddressForbidden(Permanent):
    """The guard refuses this address; the text names the address and the reason, `reason` is the reason alone."""

    def __init__(self, address: str, reason: str) -> None:
        shown = address if address.isascii() and address.isprintable() else ascii(address)[1:-1]
        super().__init__(f"{shown[:60]} is not connected to: {reason}")
        self.reason = reason


class NotAuthentic(DesksideError):
    """A delivery whose signature is missing, wrong, or too old."""


class Malformed(DesksideError):
    """Input that cannot be read; the text names what was wrong."""


class ConfigurationError(DesksideError):
    """A configuration value that cannot be used; the text names the key, what was found and what is allowed."""
