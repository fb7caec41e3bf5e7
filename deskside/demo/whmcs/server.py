"""The simulated WHMCS as a server in a thread, with hands for tests and for the demonstration."""

import random
import secrets
import threading
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

from deskside.demo.serving import Background
from deskside.demo.whmcs.app import create_app
from deskside.demo.whmcs.hands import Hands
from deskside.demo.whmcs.knowledge.hands import KnowledgeHands
from deskside.demo.whmcs.quirks import Quirks
from deskside.demo.whmcs.state import Clock, State, now
from deskside.demo.whmcs.world import Access, Recorded, World

CRON_SECONDS = 300.0


class SimulatedWhmcs(Hands, KnowledgeHands):
    """A WHMCS on loopback; `url` is its base, to which `/includes/api.php` is put.

    `clock` gives the time (aware, UTC), `timezone` is that of PHP, `seed` makes everything drawn repeatable, `quirks`
    say how answers are printed. Attributes that a test may turn: `quirks`, `vary`, `faults`, `access` (the credential,
    the list of addresses, refused actions), `addon`, `knowledge` (what its database takes), `latency_seconds`,
    `api_fires_hooks`, `world` for everything else. `start` after `stop` serves the same install at the same address
    again.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        clock: Clock | None = None,
        timezone: str = "UTC",
        seed: int = 1,
        quirks: Quirks | None = None,
        cron_seconds: float = CRON_SECONDS,
    ) -> None:
        state = State(clock or now, ZoneInfo(timezone), seed)
        super().__init__(World(state, Access(secrets.token_urlsafe(24), secrets.token_urlsafe(24))))
        self.timezone = timezone
        self.access = self.world.access
        self.faults = self.world.faults
        self.cron_seconds = cron_seconds
        self.world.quirks = quirks or Quirks()
        self.api_admin_id = self.add_admin("Deskside Robot", "deskside", "deskside@desk.example")
        self.access.admin_id = self.api_admin_id
        self._serving = Background(host, port, "whmcs")
        self._stop = threading.Event()
        self._cron: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where it is served; only known once it was started."""
        if not self.world.base:
            raise RuntimeError("the simulated desk was not started")
        return self.world.base

    @property
    def identifier(self) -> str:
        """The credential's identifier."""
        return self.access.identifier

    @property
    def secret(self) -> str:
        """The credential's secret."""
        return self.access.secret

    @property
    def webhook_secret(self) -> str:
        """What the addon signs with."""
        return self.addon.secret

    @property
    def requests(self) -> list[Recorded]:
        """What arrived at the API, oldest first."""
        return list(self.world.requests)

    @property
    def quirks(self) -> Quirks:
        """How answers are printed."""
        return self.world.quirks

    @quirks.setter
    def quirks(self, quirks: Quirks) -> None:
        self.world.quirks = quirks

    def vary(self, seed: int | None) -> None:
        """Draw the quirks anew for every answer, by a generator with this seed; None ends that."""
        self.world.whims = None if seed is None else random.Random(seed)  # noqa: S311 - repeatable on purpose

    @property
    def latency_seconds(self) -> float:
        """How long every call takes at least."""
        return self.world.latency_seconds

    @latency_seconds.setter
    def latency_seconds(self, seconds: float) -> None:
        self.world.latency_seconds = seconds

    @property
    def api_fires_hooks(self) -> bool:
        """Whether what the API does runs the hooks too; nobody knows it of every action."""
        return self.world.api_fires_hooks

    @api_fires_hooks.setter
    def api_fires_hooks(self, fires: bool) -> None:
        self.world.api_fires_hooks = fires

    @property
    def most_at_once(self) -> int:
        """How many calls were under way at once, at most."""
        return self.world.most_at_once

    def start(self) -> Self:
        """Listen, serve, and let the cron run in the background."""
        self.world.base = self._serving.start(lambda: create_app(self.world))
        self.addon.start()
        self._stop = threading.Event()
        self._cron = threading.Thread(target=self._run_cron, args=(self._stop,), name="whmcs-cron", daemon=True)
        self._cron.start()
        return self

    def stop(self) -> None:
        """Stop serving and sending; open connections are cut."""
        if self._serving.stop() and self._cron is not None:
            self._stop.set()
            self._cron.join(2)
            self.addon.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run_cron(self, stop: threading.Event) -> None:
        while not stop.wait(self.cron_seconds):
            self.addon.cron()

    def cron(self) -> int:
        """Let the system cron run now; gives how many events it sent again."""
        return self.addon.cron()

    def drain(self, timeout: float = 10.0) -> bool:
        """Wait until every push begun has ended."""
        return self.addon.drain(timeout)
