"""A living stream of tickets: clients write, chase and come back, agents solve the head of the queue, servers die."""

import random
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from deskside.demo import cast
from deskside.demo.cast import Letter, Organization
from deskside.demo.servers import Condition, Server, Servers
from deskside.demo.stage import Stage

FEWEST, MOST = 8, 22
OPENING = 12
OPENING_HOURS = 30
FIRST_SECONDS = 3.0
REPAIR = timedelta(seconds=90)


class Stream:
    """What happens on the desk, by its own public hands, so that its webhooks tell of it.

    `seed` makes the choices repeatable; `pace` is the mean time between two happenings in seconds. `open` peoples the
    desk and fills the backlog; `run` keeps it alive until its event is set.
    """

    def __init__(self, stage: Stage, servers: Servers, seed: int = 1, pace: float = 6.0) -> None:
        self.stage = stage
        self.servers = servers
        self.pace = pace
        self.random = random.Random(seed)  # noqa: S311 - a demonstration, repeatable on purpose
        self.clients: dict[int, Organization] = {}
        self._opened = False
        self._solved: list[int] = []
        self._outages: dict[int, tuple[str, datetime]] = {}
        self._dead_first = [server for server in servers.servers.values() if server.condition is Condition.DEAD]

    def open(self) -> None:
        """People the desk and fill it with a backlog of different ages; only the first time."""
        if self._opened:
            return
        self._opened = True
        self.stage.open(self.servers)
        ages = sorted((self.random.uniform(0.2, OPENING_HOURS) for _ in range(OPENING)), reverse=True)
        for place, hours in enumerate(ages):
            self._write(cast.ORGANIZATIONS[place % len(cast.ORGANIZATIONS)], hours)
        for ticket_id in self.random.sample(sorted(self.clients), 2):
            self._chase(ticket_id)

    def run(self, stop: threading.Event) -> None:
        """Let things happen until `stop` is set; the ticket about the dead server is among the first."""
        self.open()
        wait = min(FIRST_SECONDS, self.pace)
        while not stop.wait(wait):
            self.step()
            wait = self.random.uniform(0.5, 1.5) * self.pace

    def step(self) -> str:
        """Let one thing happen and say what, in a few words."""
        self.open()
        if self._dead_first:
            return self._outage_ticket(self._dead_first.pop(0))
        waiting = len(self.stage.queue())
        choices: list[tuple[int, Callable[[], str]]] = [
            (40 if waiting < MOST else 0, self._new_ticket),
            (15 if waiting else 0, self._chase_one),
            (40 if waiting > FEWEST else 5, self._solve_head),
            (8 if self._solved else 0, self._reopen),
            (5, self._change_a_server),
        ]
        weights = [weight for weight, _ in choices]
        return self.random.choices([act for _, act in choices], weights)[0]()

    def _new_ticket(self) -> str:
        client = self.random.choice(cast.ORGANIZATIONS)
        return f"{client.name} opens ticket {self._write(client)}"

    def _outage_ticket(self, server: Server) -> str:
        client = next(row for row in cast.ORGANIZATIONS if row.key == server.client)
        letter = self.random.choice(cast.DOWN_RUSSIAN if client.russian else cast.DOWN)
        ticket_id = self._send(client, letter, server)
        self._outages[ticket_id] = (server.name, self.stage.clock() + REPAIR)
        return f"{client.name} cannot reach {server.name}: ticket {ticket_id}"

    def _write(self, client: Organization, hours_ago: float = 0.0) -> int:
        servers = [server for server in self.servers.servers.values() if server.client == client.key]
        general: Sequence[Letter] = cast.GENERAL_RUSSIAN if client.russian else cast.GENERAL
        about: Sequence[Letter] = cast.ABOUT_A_SERVER_RUSSIAN if client.russian else cast.ABOUT_A_SERVER
        down: Sequence[Letter] = cast.DOWN_RUSSIAN if client.russian else cast.DOWN
        if not servers or self.random.random() < 0.25:
            return self._send(client, self.random.choice(general), None, hours_ago)
        server = self.random.choice(servers)
        dead = server.condition is Condition.DEAD and not hours_ago
        return self._send(client, self.random.choice(down if dead else about), server, hours_ago)

    def _send(self, client: Organization, letter: Letter, server: Server | None, hours_ago: float = 0.0) -> int:
        others = [row for row in self.servers.servers.values() if row.client != client.key]
        words = {
            "domain": server.domains[0] if server else "our site",
            "address": server.address if server else "our address",
            "other": self.random.choice(others).domains[0],
            "number": self.random.randrange(10, 250),
        }
        group = cast.BILLING_GROUP if letter.billing else cast.RUSSIAN_GROUP if client.russian else cast.SERVERS_GROUP
        now = self.stage.clock()
        ticket_id = self.stage.write(
            client,
            self.random.choice(client.people)[1],
            fill(letter.subject, words),
            fill(letter.text, words),
            group=group,
            priority=letter.priority,
            server=server.name if server else None,
            at=now - timedelta(hours=hours_ago) if hours_ago else None,
        )
        if client.plan == "enterprise":
            # A promise that is still open, also for the backlog: old breaches would only freeze the picture.
            breach = now + timedelta(minutes=self.random.randrange(15, 240))
            self.stage.promise(ticket_id, breach)
        self.clients[ticket_id] = client
        return ticket_id

    def _chase_one(self) -> str:
        ticket_id = self.random.choice(self.stage.queue())
        self._chase(ticket_id)
        return f"the client asks again in ticket {ticket_id}"

    def _chase(self, ticket_id: int) -> None:
        texts = cast.CHASING_RUSSIAN if self._is_russian(ticket_id) else cast.CHASING
        self.stage.client_says(ticket_id, self.random.choice(texts))

    def _solve_head(self) -> str:
        self._repair()
        queue = [ticket_id for ticket_id in self.stage.queue() if ticket_id not in self._outages]
        if not queue:
            return "nothing can be solved yet"
        agent = self.random.choice(self.stage.agents_for(queue[0]))
        texts = cast.SOLVING_RUSSIAN if self._is_russian(queue[0]) else cast.SOLVING
        self.stage.solve(queue[0], agent, self.random.choice(texts))
        self._solved.append(queue[0])
        return f"an agent solves ticket {queue[0]}, the head of the queue"

    def _repair(self) -> None:
        """Bring back the servers whose repair is done; until then their tickets stay, for everybody to see."""
        now = self.stage.clock()
        for ticket_id, (server, until) in list(self._outages.items()):
            if now >= until:
                self.servers.revive(server)
                del self._outages[ticket_id]

    def _reopen(self) -> str:
        ticket_id = self._solved.pop(self.random.randrange(len(self._solved)))
        texts = cast.REOPENING_RUSSIAN if self._is_russian(ticket_id) else cast.REOPENING
        self.stage.client_says(ticket_id, self.random.choice(texts))
        return f"ticket {ticket_id} is back"

    def _change_a_server(self) -> str:
        dead = [row for row in self.servers.servers.values() if row.condition is Condition.DEAD]
        if len(dead) > 1:
            server = self.random.choice(dead)
            self.servers.revive(server.name)
            return f"{server.name} of {server.client} works again"
        alive = [row for row in self.servers.servers.values() if row.condition is Condition.WORKING]
        server = self.random.choice(alive)
        self.servers.kill(server.name)
        return f"{server.name} of {server.client} dies; {self._outage_ticket(server)}"

    def _is_russian(self, ticket_id: int) -> bool:
        return ticket_id in self.clients and self.clients[ticket_id].russian


def fill(text: str, words: dict[str, object]) -> str:
    """Put the words into a letter; braces of its own are left alone."""
    for name, value in words.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text
