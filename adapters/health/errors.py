"""What can go wrong in the health room, typed permanent or transient."""

from deskside.errors import Permanent, Transient


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
