"""How to sign in to a client's server, as the client gave it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, repr=False)
class Access:
    """A login, and what earlier looks at this server learned of it.

    `private_key` is the text of a key file, opened with `passphrase`. `host_keys` are the public keys the server had at
    the first contact, in OpenSSH's form by "[address]:port"; `counters` the first values of its damage counters. Its
    repr shows nothing, so that no log or exception can.
    """

    user: str
    password: str | None = None
    private_key: str | None = None
    passphrase: str | None = None
    port: int = 22
    host_keys: Mapping[str, str] = field(default_factory=dict)
    counters: Mapping[str, int] = field(default_factory=dict)

    def __repr__(self) -> str:
        return "Access(***)"
