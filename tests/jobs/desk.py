"""What the tests of the jobs share: a desk that can fail in every way, an examiner that says what it is told, and one
step of work at a time on the real store and the real engine's rows.
"""

import hashlib
import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from adapters.health.settings import BUDGETS
from adapters.ranking import plan, reopened, server_down, sla_target, vip_tag, waiting
from deskside import settings
from deskside.errors import Gone, Malformed
from deskside.model.effect import Note, Placement, Receipt, TagChange
from deskside.model.health import Finding, HealthReport, Sign, Word
from deskside.model.service import Service, Target
from deskside.model.ticket import Changes, Client, Delivery, Event, EventKind, ServiceLevel, Status, Ticket
from deskside.ports import CheckResult, Step
from deskside.store import effects, inbox, services, tickets
from deskside.store.database import Row, reading, utc_now
from deskside.store.tables import effect, job
from jobs import runtime  # noqa: F401 - registers every task
from jobs.context import Context
from jobs.engine import for_database
from jobs.engine.tasks import TASKS, Run

MORNING = datetime(2026, 11, 23, 9, tzinfo=UTC)
FACTORS = (waiting, server_down, sla_target, reopened, vip_tag, plan)
DESK = "zendesk"


@dataclass(frozen=True)
class Fault:
    """What the next write meets: an error, raised after the desk acted or instead of it."""

    error: Exception
    acts: bool


@dataclass
class FakeDesk:
    """A desk in memory. Writes take the next of `faults`; reads are counted."""

    name: str = DESK
    title: str = "Zendesk"
    tickets: dict[str, Ticket] = field(default_factory=dict)
    notes: list[tuple[str, str]] = field(default_factory=list)
    tags: list[tuple[str, TagChange]] = field(default_factory=list)
    placements: list[tuple[str, Placement]] = field(default_factory=list)
    faults: deque[Fault] = field(default_factory=deque)
    pages: dict[str | None, Changes] = field(default_factory=dict)
    reads: list[str] = field(default_factory=list)
    asked_for_marker: list[str] = field(default_factory=list)
    asked_for_changes: list[str | None] = field(default_factory=list)

    def accept(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Delivery:
        return Delivery(hashlib.sha256(body).hexdigest(), None, "fake")

    def parse(self, headers: Mapping[str, str], body: bytes) -> Event:
        try:
            read = json.loads(body)
        except ValueError:
            raise Malformed("the body is not JSON") from None
        kind = EventKind(read.get("kind", "changed"))
        return Event(kind, f"fake.{kind.value}", read.get("ticket"), read.get("own", False))

    def read_ticket(self, ticket_id: str) -> Ticket:
        self.reads.append(ticket_id)
        try:
            return self.tickets[ticket_id]
        except KeyError:
            raise Gone(f"there is no ticket {ticket_id}") from None

    def digest(self, ticket: Ticket) -> str:
        told = [ticket.status.value, ticket.pool, ticket.subject, ticket.priority, sorted(ticket.tags)]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()

    def changes(self, cursor: str | None) -> Changes:
        self.asked_for_changes.append(cursor)
        return self.pages[cursor]

    def add_note(self, ticket_id: str, note: Note) -> Receipt:
        self._write(lambda: self.notes.append((ticket_id, note.marker)))
        return Receipt(f"note-{len(self.notes)}")

    def find_note(self, ticket_id: str, marker: str) -> Receipt | None:
        self.asked_for_marker.append(marker)
        return Receipt(f"found-{marker}") if (ticket_id, marker) in self.notes else None

    def change_tags(self, ticket_id: str, change: TagChange) -> Receipt:
        self._write(lambda: self.tags.append((ticket_id, change)))
        return Receipt()

    def set_placement(self, ticket_id: str, placement: Placement) -> Receipt:
        self._write(lambda: self.placements.append((ticket_id, placement)))
        return Receipt()

    def connect(self, base_url: str, dry_run: bool) -> Sequence[Step]:
        return ()

    def check(self) -> Sequence[CheckResult]:
        return ()

    def ticket_url(self, ticket_id: str) -> str:
        return f"https://desk.example/{ticket_id}"

    def fail(self, error: Exception, *, acts: bool = False) -> None:
        """The next write raises this, after acting or without."""
        self.faults.append(Fault(error, acts))

    def _write(self, act: Callable[[], None]) -> None:
        fault = self.faults.popleft() if self.faults else None
        if fault is None or fault.acts:
            act()
        if fault is not None:
            raise fault.error


@dataclass
class FakeExaminer:
    """Says of each service the word it was told, `ok` if none."""

    words: dict[str, Word] = field(default_factory=dict)
    asked: list[tuple[tuple[str, ...], bool]] = field(default_factory=list)
    incident: str = ""

    def examine_all(self, targets: Sequence[Target], *, fresh: bool = False) -> tuple[HealthReport, ...]:
        self.asked.append((tuple(target.service for target in targets), fresh))
        return tuple(self._report(target) for target in targets)

    def _report(self, target: Target) -> HealthReport:
        word = self.words.get(target.service, Word.OK)
        finding = Finding("tcp", "tcp", word, Sign.NOTHING, f"{target.service} was looked at")
        findings = (finding,)
        if self.incident:
            told = {"known_incident": True, "incidents": [{"id": 1, "title": self.incident}]}
            findings += (Finding("incident", "incident", Word.UNKNOWN, Sign.NOTHING, "known incident", told),)
        return HealthReport(
            target, target.address, word, f"{target.service} is {word.value}", findings, utc_now(), 1.0, "test"
        )


@dataclass
class Bench:
    """The parts on a table: the desk, the examiner and the store, with nothing running."""

    context: Context
    desk: FakeDesk
    examiner: FakeExaminer

    @property
    def database(self) -> sa.Engine:
        return self.context.database

    def run(self, task: str, *, attempts: int = 0, **args: Any) -> None:
        """Run a task as an engine does; its error comes out."""
        settle = TASKS[task].function(Run(attempts, self.context), **args)
        if settle:
            with self.database.begin() as connection:
                settle(connection)

    def give_up(self, task: str, error: str, **args: Any) -> None:
        """What an engine does with a job that failed too often."""
        on_dead = TASKS[task].on_dead
        assert on_dead is not None
        with self.database.begin() as connection:
            on_dead(connection, error, args)

    def queued(self, task: str | None = None) -> list[dict[str, Any]]:
        """The arguments of the jobs that wait, in the order they were written."""
        return [args for name, args in jobs_in(self.database) if task in (None, name)]

    def forget_jobs(self) -> None:
        """Drop what waits, to see only what the next step asks for."""
        with self.database.begin() as connection:
            connection.execute(sa.delete(job))
            if connection.dialect.name == "postgresql":
                connection.execute(sa.text("DELETE FROM procrastinate_jobs"))

    def put(self, ticket_id: str = "1", **values: Any) -> Ticket:
        """A ticket on the desk: a new one, or the one there with other values."""
        known = self.desk.tickets.get(ticket_id)
        made = replace(known, **values) if known else make_ticket(ticket_id, **values)
        self.desk.tickets[ticket_id] = made
        return made

    def look(self, ticket_id: str = "1") -> Row:
        """Let Deskside look at the ticket; the row it has then."""
        self.run("ticket.refresh", desk=DESK, ticket_id=ticket_id)
        return self.row(ticket_id)

    def row(self, ticket_id: str = "1") -> Row:
        with reading(self.database) as connection:
            found = tickets.get(connection, DESK, ticket_id)
        assert found is not None
        return found

    def known(self, ticket_id: str) -> bool:
        with reading(self.database) as connection:
            return tickets.get(connection, DESK, ticket_id) is not None

    def add_service(self, name: str = "srv1", client: str = "acme", address: str = "192.0.2.10") -> None:
        with self.database.begin() as connection:
            services.put(connection, [Service(0, client, name, (), (address,), (22,))])

    def deliver(self, body: bytes, ticket_id: str | None = "1", delivery_id: str = "d1") -> int:
        """A delivery in the inbox; its row id."""
        with self.database.begin() as connection:
            arrival = inbox.Arrival(DESK, delivery_id, "fake", ticket_id, {}, body)
            return inbox.add_all(connection, [arrival])[arrival.identity]

    def delivery(self, inbox_id: int) -> Row:
        with reading(self.database) as connection:
            found = inbox.get(connection, inbox_id)
        assert found is not None
        return found

    def effect(self, key: str) -> Row:
        with reading(self.database) as connection:
            found = effects.get(connection, key)
        assert found is not None
        return found

    def effects(self, kind: str | None = None) -> list[Row]:
        """Every effect, or those of one kind, oldest first."""
        query = sa.select(effect).order_by(effect.c.created_at, effect.c.key)
        with reading(self.database) as connection:
            return list(connection.execute(query if kind is None else query.where(effect.c.kind == kind)))


def make_bench(
    database: sa.Engine,
    environment: Mapping[str, str] | None = None,
    desk: FakeDesk | None = None,
    **parts: Any,
) -> Bench:
    """A bench on this database; `environment` configures, `parts` stand in for parts of the context."""
    values = {"DESKSIDE_DATABASE__URL": database.url.render_as_string(hide_password=False), **(environment or {})}
    configured = settings.load(Path("/dev/null"), values)
    desk, examiner = desk or FakeDesk(), FakeExaminer()
    context = Context(
        **{
            "database": database,
            "engine": for_database(database, 2),
            "settings": configured,
            "desks": {DESK: desk},
            "factors": [module.factor for module in FACTORS],
            "examiner": examiner,
            "calendars": configured.calendars,
            "pool_rules": configured.pool_rules,
            "caps": configured.caps,
            "quiet_seconds": 20.0,
            # The budgets have tests of their own.
            "budgets": {**dict.fromkeys(BUDGETS, 10_000), "asked_again_seconds": BUDGETS["asked_again_seconds"]},
            **parts,
        }
    )
    context.engine.context = context
    return Bench(context, desk, examiner)


def make_ticket(ticket_id: str = "1", **values: Any) -> Ticket:
    """A new ticket of the client Acme, who came in the morning."""
    defaults: dict[str, Any] = {
        "subject": "It does not work",
        "text": "Please help",
        "status": Status.NEW,
        "pool": "Support",
        "client": Client("7", "Acme", frozenset({"acme"})),
        "created_at": MORNING,
        "updated_at": MORNING,
    }
    return Ticket(desk=DESK, id=ticket_id, **{**defaults, **values})


def promised(minutes: int, at: datetime = MORNING) -> ServiceLevel:
    """A reply promised within so many minutes of `at`."""
    return ServiceLevel("first_reply_time", at + timedelta(minutes=minutes))


def jobs_in(database: sa.Engine) -> list[tuple[str, dict[str, Any]]]:
    """What waits for a worker: task and arguments, in the order of writing."""
    with database.connect() as connection:
        if connection.dialect.name == "sqlite":
            rows = connection.execute(
                sa.select(job.c.task, job.c.args).where(job.c.state == "ready").order_by(job.c.id)
            )
        else:
            rows = connection.execute(
                sa.text("SELECT task_name, args FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id")
            )
        return [(row[0], row[1]) for row in rows]
