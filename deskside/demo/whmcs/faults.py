"""Faults on command: what the network, the web server and the addon do on a bad day."""

import fnmatch
from dataclasses import dataclass

ANSWERS = ("server_error", "waf")
CONNECTION = ("slow", "drop_before", "drop_after", "lag", "reset")
PUSH = ("push_duplicate", "push_reorder", "push_loss")
KINDS = ANSWERS + CONNECTION + PUSH


@dataclass
class Fault:
    """One kind of trouble for the next `count` calls that match.

    Kinds: `server_error` (`status`, a page of the web server), `waf` (403 and no JSON: a firewall, not WHMCS), `slow`
    (`seconds` before it answers), `drop_after` (acts, then breaks the connection: the outcome is unknown),
    `drop_before` (breaks it without acting), `reset` (the same with a TCP reset), `lag` (breaks it at once and acts
    after `seconds`); for the addon's events `push_duplicate` (sent twice under one id), `push_reorder` (held back until
    the next one is sent) and `push_loss` (the hook never ran). `action` is a glob over the API's action in lower case,
    for requests of the knowledge base over `kb.` and their operation, for events over their type.
    """

    kind: str
    action: str = "*"
    count: int = 1
    status: int = 500
    seconds: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault {self.kind!r}; known are {', '.join(KINDS)}")
        self.action = self.action.lower()

    def fits(self, *asked: str) -> bool:
        """Whether a call of this action, or an event of this type, meets it."""
        (action,) = asked
        return fnmatch.fnmatchcase(action.lower(), self.action)
