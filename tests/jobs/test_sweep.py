"""The sweep as a task: only what changed is kept, a doubtful round changes nothing, tickets are looked at live."""

import socket
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.health.sweep import sweeper as sweeper_module
from adapters.health.sweep.pace import Pace
from deskside import app, settings
from deskside.model.service import Service
from deskside.store import hosts, services, sweeps
from deskside.store.database import reading, utc_now
from deskside.store.tables import host, host_change, job
from jobs import sweep as sweep_module
from jobs.background import last_word
from jobs.engine.tasks import Run
from tests.webhooks.desk import Shelf


@dataclass
class Wire:
    """Ping for a whole fleet without a network: `dead` addresses stay silent."""

    dead: set[str] = field(default_factory=set)
    answers: deque[tuple[str, bytes, int | None]] = field(default_factory=deque)
    ends: tuple[socket.socket, socket.socket] = field(default_factory=socket.socketpair)

    def __post_init__(self) -> None:
        # Always ready to be read: an answer waits for nobody.
        self.ends[1].send(b".")

    def send(self, address: str, payload: bytes, sequence: int) -> None:
        if address not in self.dead:
            self.answers.append((address, payload, None))

    def receive(self) -> tuple[str, bytes, int | None] | None:
        return self.answers.popleft() if self.answers else None

    def drops(self) -> int:
        return 0

    def fileno(self) -> int:
        return self.ends[0].fileno()

    def close(self) -> None:
        self.answers.clear()


@dataclass
class Fleet:
    """A Deskside whose sweep sees what the wire lets it see."""

    parts: app.Parts
    wire: Wire

    @property
    def database(self) -> sa.Engine:
        return self.parts.database

    def add(self, count: int, ports: tuple[int, ...] = (9,)) -> list[str]:
        addresses = [f"127.{20 + number // 60_000}.{number // 240 % 250}.{number % 240 + 1}" for number in range(count)]
        with self.database.begin() as connection:
            services.put(
                connection,
                (Service(0, "acme", f"srv{number}", (), (it,), ports) for number, it in enumerate(addresses)),
            )
        return addresses

    def round(self) -> int:
        """Run one round as a worker does; how many host rows it wrote."""
        settle = sweep_module.sweep(Run(0, self.parts.context))
        assert settle is not None
        written = 0

        def count(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
            nonlocal written
            if statement.startswith("INSERT INTO host "):
                written += len(parameters) if many else 1

        sa.event.listen(self.database, "before_cursor_execute", count)
        with self.database.begin() as connection:
            settle(connection)
        sa.event.remove(self.database, "before_cursor_execute", count)
        return written

    def words(self) -> dict[str, str]:
        with reading(self.database) as connection:
            return {row.address: row.word for row in hosts.every(connection)}


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def make_fleet(
    database: sa.Engine, database_url: str, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Fleet]]:
    monkeypatch.setattr(sweep_module, "_LEAST_PAUSE", timedelta(0))
    monkeypatch.setattr(sweeper_module, "fitting", lambda hosts, seconds, wish: Pace(0, 0))
    # What is dead here refuses at once on loopback, unless its port is one of these.
    monkeypatch.setattr(sweeper_module, "_LEAST_KNOCK_SECONDS", 0.2)
    made: list[Fleet] = []

    def make(**more: str) -> Fleet:
        configured = settings.load(
            environment={
                "DESKSIDE_DATABASE__URL": database_url,
                "DESKSIDE_WEB__SECRET_KEY": "only for tests",
                "DESKSIDE_HEALTH__ALLOW_NETWORKS": "127.0.0.0/8",
                "DESKSIDE_HEALTH__LIMITS__TCP_SECONDS": "0.2",
                **more,
            }
        )
        made.append(Fleet(app.build(configured, [], lambda family: wire), wire))
        return made[-1]

    yield make
    for fleet in made:
        fleet.parts.context.examiner.close()
        fleet.database.dispose()


@pytest.fixture
def dead_port() -> Iterator[int]:
    """A port that is silent on every address of 127/8: its one place is taken."""
    with socket.socket() as listener:
        listener.bind(("0.0.0.0", 0))
        listener.listen(0)
        port = int(listener.getsockname()[1])
        fillers = [socket.socket() for _ in range(3)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        yield port
        for filler in fillers:
            filler.close()


def test_only_hosts_that_changed_are_written(make_fleet: Callable[..., Fleet], wire: Wire, dead_port: int) -> None:
    fleet = make_fleet()
    addresses = fleet.add(600, (dead_port,))
    assert fleet.round() == 600
    assert set(fleet.words().values()) == {"ok"}
    wire.dead = {addresses[7]}
    # A share of the fleet has its usual round trip refreshed in each round.
    assert 1 <= fleet.round() < 120
    assert fleet.words()[addresses[7]] == "down"
    with reading(fleet.database) as connection:
        (change,) = hosts.changes(connection)
        row = hosts.get(connection, addresses[7])
    assert (change.address, change.before, change.word) == (addresses[7], "ok", "down")
    assert row is not None and row.alive_at is not None and row.since > row.alive_at
    assert "0 of 3" in row.why


def test_a_host_is_ok_again_after_two_good_rounds(make_fleet: Callable[..., Fleet], wire: Wire, dead_port: int) -> None:
    fleet = make_fleet()
    addresses = fleet.add(40, (dead_port,))
    wire.dead = {addresses[0]}
    fleet.round()
    wire.dead = set()
    fleet.round()
    assert fleet.words()[addresses[0]] == "down"
    fleet.round()
    assert fleet.words()[addresses[0]] == "ok"
    with reading(fleet.database) as connection:
        assert [(row.before, row.word) for row in hosts.changes(connection)] == [("down", "ok"), ("unknown", "down")]


def test_a_round_in_which_too_many_fall_silent_changes_nothing_and_is_noticed_once(
    make_fleet: Callable[..., Fleet], wire: Wire, dead_port: int, caplog: pytest.LogCaptureFixture
) -> None:
    fleet = make_fleet()
    addresses = fleet.add(40, (dead_port,))
    fleet.round()
    wire.dead = set(addresses[:10])
    assert fleet.round() == 0
    fleet.round()
    assert set(fleet.words().values()) == {"ok"}
    with reading(fleet.database) as connection:
        last = sweeps.last(connection)
        assert last is not None and last.braked
        assert "10 of 40" in last.remark
        assert (sweeps.held(connection), hosts.changes(connection)) == (2, [])
    assert sum("not believed" in record.message for record in caplog.records) == 1


def test_silent_anchors_brake_even_one_silent_host(
    make_fleet: Callable[..., Fleet], wire: Wire, dead_port: int
) -> None:
    fleet = make_fleet(
        DESKSIDE_HEALTH__ANCHORS=f"127.0.0.1:{dead_port}", DESKSIDE_HEALTH__LIMITS__ICMP_WAIT_SECONDS="0"
    )
    addresses = fleet.add(5, (dead_port,))
    fleet.round()
    wire.dead = {addresses[0]}
    fleet.parts.context.sweeper._anchors = lambda: False  # type: ignore[union-attr,method-assign]
    fleet.round()
    assert set(fleet.words().values()) == {"ok"}


def test_nobody_outside_the_inventory_or_behind_the_guard_is_looked_at(make_fleet: Callable[..., Fleet]) -> None:
    fleet = make_fleet(DESKSIDE_HEALTH__DENY_NETWORKS="127.20.0.2/32")
    with fleet.database.begin() as connection:
        services.put(
            connection,
            [
                Service(0, "acme", "one", (), ("127.20.0.1",), (9,)),
                Service(0, "acme", "two", (), ("127.20.0.2",), (9,)),
                Service(0, "acme", "three", (), ("127.20.0.3",), (9,), status="terminated"),
            ],
        )
    fleet.round()
    assert set(fleet.words()) == {"127.20.0.1"}
    with fleet.database.begin() as connection:
        services.put(connection, [Service(0, "acme", "one", (), ("127.20.0.9",), (9,))])
    fleet.round()
    assert set(fleet.words()) == {"127.20.0.9"}


def test_waiting_tickets_about_a_server_that_died_are_looked_at_live(
    make_fleet: Callable[..., Fleet], wire: Wire, dead_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet = make_fleet()
    addresses = fleet.add(40, (dead_port,))
    shelf = Shelf(fleet.database, utc_now() - timedelta(hours=1))
    for number in range(30):
        shelf.ticket(str(number), minute=number, targets=[target(addresses[0])])
    shelf.ticket("other", targets=[target(addresses[1])])
    shelf.ticket("answered", targets=[target(addresses[0])], status="pending")
    asked: list[str] = []
    monkeypatch.setattr(
        sweep_module, "ask_for_check", lambda context, connection, desk, ticket_id, asked_by: asked.append(ticket_id)
    )
    fleet.round()
    assert asked == []
    wire.dead = {addresses[0]}
    fleet.round()
    assert asked == [str(number) for number in range(20)]


def test_the_last_rounds_word_is_there_at_once_unless_it_is_old_or_doubtful(
    make_fleet: Callable[..., Fleet], wire: Wire, dead_port: int
) -> None:
    fleet = make_fleet()
    addresses = fleet.add(40, (dead_port,))
    wire.dead = {addresses[0]}
    fleet.round()
    with reading(fleet.database) as connection:
        both = last_word(connection, [target(addresses[1]), target(addresses[0])], utc_now())
        assert both is not None
        assert both.word == "down"
        assert both.headline.startswith("from the last sweep at")
        assert last_word(connection, [target(addresses[0])], utc_now() + timedelta(minutes=2)) is None
        assert last_word(connection, [target(addresses[0]), target("127.99.0.1")], utc_now()) is None
    wire.dead = set(addresses)
    fleet.round()
    with reading(fleet.database) as connection:
        assert last_word(connection, [target(addresses[1])], utc_now()) is None


def test_a_round_that_waited_behind_another_is_left_out(
    make_fleet: Callable[..., Fleet], monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet = make_fleet()
    fleet.add(3)
    fleet.round()
    monkeypatch.setattr(sweep_module, "_LEAST_PAUSE", timedelta(minutes=1))
    assert sweep_module.sweep(Run(0, fleet.parts.context)) is None


def test_a_round_is_given_up_when_the_process_ends(make_fleet: Callable[..., Fleet]) -> None:
    fleet = make_fleet()
    fleet.add(3)
    fleet.parts.context.stopping.set()
    assert sweep_module.sweep(Run(0, fleet.parts.context)) is None
    with reading(fleet.database) as connection:
        assert sweeps.last(connection) is None


def test_without_a_sweep_nothing_is_looked_at(make_fleet: Callable[..., Fleet]) -> None:
    fleet = make_fleet(DESKSIDE_HEALTH__SWEEP_SECONDS="0")
    assert fleet.parts.context.sweeper is None
    assert sweep_module.sweep(Run(0, fleet.parts.context)) is None


def target(address: str) -> dict[str, Any]:
    return {"service": "srv", "host": None, "address": address, "ports": [9], "found_by": "", "addresses": [address]}


@pytest.mark.slow
def test_a_large_fleet_that_just_lives_writes_a_fifteenth_of_its_rows(
    make_fleet: Callable[..., Fleet],
) -> None:
    fleet = make_fleet()
    fleet.add(4_000)
    assert fleet.round() == 4_000
    assert fleet.round() < 400
    with reading(fleet.database) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(host)) == 4_000
        assert connection.scalar(sa.select(sa.func.count()).select_from(host_change)) == 0
        assert not connection.execute(sa.select(job)).all()
