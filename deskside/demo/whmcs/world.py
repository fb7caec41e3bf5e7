"""One simulated WHMCS put together: the state, who may call, and what acts on it."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from deskside.demo.faults import Faults
from deskside.demo.whmcs.addon import Addon
from deskside.demo.whmcs.answers import Printer
from deskside.demo.whmcs.books import Books
from deskside.demo.whmcs.desk import Desk
from deskside.demo.whmcs.faults import Fault
from deskside.demo.whmcs.knowledge.base import KnowledgeBase
from deskside.demo.whmcs.knowledge.tables import Tables
from deskside.demo.whmcs.php import Tree
from deskside.demo.whmcs.quirks import Quirks
from deskside.demo.whmcs.state import Actor, Json, State

ADMIN_AREA = "/admin"
# Refused on real roles that allowed everything else.
REFUSED = ("mergeticket", "whmcsdetails", "getusers")
# Hooks that name the administrator themselves; of any other the addon asks the session.
NAMED = ("ticket.note_added", "ticket.status_changed", "ticket.deleted")


@dataclass(frozen=True)
class Recorded:
    """One call that arrived at the API: never with its credentials."""

    action: str
    given: Tree


@dataclass
class Access:
    """Who may call the API: one credential of one administrator, its role, and the list of addresses.

    `refused` are the actions that no role of the credential lists, in lower case. `addresses` are matched as text.
    """

    identifier: str
    secret: str = field(repr=False)
    admin_id: int = 0
    refused: set[str] = field(default_factory=lambda: set(REFUSED))
    addresses: set[str] = field(default_factory=lambda: {"127.0.0.1"})
    address_status: int = 403
    access_key: str = field(default="", repr=False)
    api_access: bool = True


class World:
    """The state with its desk, books, addon, access and faults; `base` is the address it is served at.

    `panel` gives the ids of waiting tickets in the order that the addon shows above the list of tickets, None without
    it. `latency_seconds` is added to every call.
    """

    def __init__(self, state: State, access: Access) -> None:
        self.state = state
        self.access = access
        self.faults = Faults(Fault)
        self.addon = Addon(self.faults, state.clock)
        self.desk = Desk(state, self.tell)
        self.books = Books(state, self.tell)
        self.knowledge = Tables()
        self.knowledge_base = KnowledgeBase(self.knowledge, lambda: self.version)
        self.quirks = Quirks()
        self.whims: random.Random | None = None
        self.api_fires_hooks = True
        self.latency_seconds = 0.0
        self.currency = ("$", "USD")
        self.version = "8.13.1"
        self.base = ""
        self.requests: list[Recorded] = []
        self.at_once = self.most_at_once = 0
        self.panel: Callable[[], list[int]] | None = None
        self.in_api = False

    def printer(self, numeric: bool) -> Printer:
        """What prints the next answer."""
        if self.whims is None:
            return Printer(self.quirks, self.state.random, self.state.local, numeric)
        return Printer(Quirks.drawn(self.whims), self.whims, self.state.local, numeric)

    def tell(self, kind: str, subject: Json, actor: Actor | None) -> None:
        """A hook runs: the addon hears of it, and of who did it as far as hook or session say that."""
        if self.in_api and not self.api_fires_hooks:
            return
        # A call of the API has no session to tell whose it is.
        known = not self.in_api or kind in NAMED or (actor is not None and actor.kind == "client")
        self.addon.tell(kind, subject, actor if known else None)
