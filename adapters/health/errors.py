"""What can go wrong in the health room, typed permanent or transient."""

from deskside.errors import Permanent, Transient


class AddressForbidden(Permanent):
    """The guard refuses this address; the text names the address and the reason, `reason` is the reason alone."""

    def __init__(self, address: str, reason: str) -> None:
        shown = address if address.isascii() and address.isprintable() else ascii(address)[1:-1]
        super().__init__(f"{shown[:60]} is not probed: {reason}")
        self.reason = reason


class NoSuchName(Permanent):
    """The name does not exist (NXDOMAIN), or cannot exist because it is not a DNS name."""


class ResolverTimeout(Transient):
    """No name server answered in time: nothing is known about the name."""


class ResolverFailure(Transient):
    """The name servers answered, but with a failure such as SERVFAIL: the name cannot be resolved now."""


class PingForbidden(Permanent):
    """This process may open neither a ping socket nor a raw one."""


class SweepStopped(Transient):
    """The process is ending, so the round was left unfinished; nothing of it counts."""
