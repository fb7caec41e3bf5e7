"""The simulated desk as a server in a thread, with hands for tests and for the demonstration."""

import copy
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from deskside.demo.serving import Background
from deskside.demo.zendesk import people, shapes
from deskside.demo.zendesk.app import create_app
from deskside.demo.zendesk.guide.hands import GuideHands
from deskside.demo.zendesk.guide.state import Brand
from deskside.demo.zendesk.limits import Limits
from deskside.demo.zendesk.pages import queue_view
from deskside.demo.zendesk.sender import Invocation
from deskside.demo.zendesk.state import Clock, Json, State, User, now
from deskside.demo.zendesk.views import tickets_of
from deskside.demo.zendesk.world import OAuthClient, Recorded, World


class SimulatedZendesk(GuideHands):
    """A Zendesk account on loopback; each further brand of it has a port of its own.

    `clock` gives the account's time (aware, UTC); `plan_limit` is its requests a minute. Attributes that a test may
    turn: `limits`, `faults`, `sender` (pauses and time-outs), `incremental_hold_seconds`, `search_lag_seconds`,
    `guide` (how the help centre treats bodies, and its limits), `world` for everything else. `start` after `stop`
    serves the same account at the same address again.
    """

    def __init__(
        self, host: str = "127.0.0.1", port: int = 0, *, clock: Clock | None = None, plan_limit: int = 700
    ) -> None:
        self.client_id = "deskside"
        self.client_secret = secrets.token_urlsafe(32)
        state = State(clock or now)
        limits = Limits(state.clock, plan_limit, plan_limit)
        super().__init__(World(state, OAuthClient(self.client_id, self.client_secret), limits))
        self.state = state
        self.limits = self.world.limits
        self.faults = self.world.faults
        self.sender = self.world.sender
        self.bot_user_id = self.add_user("Deskside", "deskside@desk.example", role="admin")
        self.world.client.user_id = self.bot_user_id
        self._serving = Background(host, port, "zendesk")
        self._brands: dict[int, Background] = {}

    @property
    def url(self) -> str:
        """Where it is served; only known once it was started."""
        if not self.world.base:
            raise RuntimeError("the simulated desk was not started")
        return self.world.base

    @property
    def requests(self) -> list[Recorded]:
        """What arrived at the API, oldest first."""
        return list(self.world.requests)

    @property
    def deliveries(self) -> list[Invocation]:
        """What was sent to webhooks, oldest first."""
        return list(self.sender.log)

    @property
    def incremental_hold_seconds(self) -> float:
        """How long a change is held back from the incremental export; 0 for not at all."""
        return self.world.incremental_hold_seconds

    @incremental_hold_seconds.setter
    def incremental_hold_seconds(self, seconds: float) -> None:
        self.world.incremental_hold_seconds = seconds

    @property
    def search_lag_seconds(self) -> float:
        """How far the search index is behind."""
        return self.world.index.lag_seconds

    @search_lag_seconds.setter
    def search_lag_seconds(self, seconds: float) -> None:
        self.world.index.lag_seconds = seconds

    def start(self) -> Self:
        """Listen and serve in the background."""
        self.world.base = self.guide.default_brand.url = self._serving.start(lambda: create_app(self.world))
        for key in self._brands:
            self._serve_brand(key)
        self.sender.start()
        return self

    def _serve_brand(self, brand_id: int) -> None:
        self.guide.brands[brand_id].url = self._brands[brand_id].start(lambda: create_app(self.world))

    def stop(self) -> None:
        """Stop serving and delivering; open connections are cut."""
        if self._serving.stop():
            for brand in self._brands.values():
                brand.stop()
            self.sender.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def drain(self, timeout: float = 10.0) -> bool:
        """Wait until every webhook delivery is made or given up."""
        return self.sender.drain(timeout)

    def add_brand(self, name: str, subdomain: str, locales: Sequence[str] = ("en-us",)) -> int:
        """A new brand with a help centre of its own, at a port of its own; the first locale is its default."""
        with self.state.lock:
            brand = Brand(next(self.state.ids), name, subdomain, self.state.clock(), list(locales))
            self.guide.brands[brand.id] = brand
            self._brands[brand.id] = Background(self._serving.host, 0, f"zendesk-{subdomain}")
        if self.world.base:
            self._serve_brand(brand.id)
        return brand.id

    def revoke_tokens(self) -> None:
        """Make every token given so far invalid."""
        with self.state.lock:
            self.state.tokens.clear()

    def add_organization(
        self, name: str, external_id: str | None = None, fields: Json | None = None, tags: Iterable[str] = ()
    ) -> int:
        """A new organization; fields that are new become organization fields of type text."""
        with self.state.lock:
            for key in fields or {}:
                self.add_organization_field(key, key.replace("_", " ").capitalize())
            row = people.new_organization(
                self.world, name, external_id=external_id, fields=dict(fields or {}), tags=list(tags)
            )
            return row.id

    def add_organization_field(
        self, key: str, title: str, kind: str = "text", options: Sequence[tuple[str, str]] = ()
    ) -> int:
        """An organization field, the one with this key when there is one; `options` of a drop-down as in a ticket's."""
        with self.state.lock:
            for row in self.state.organization_fields.values():
                if row["key"] == key:
                    return int(row["id"])
            number, at = next(self.state.ids), shapes.stamp(self.state.clock())
            self.state.organization_fields[number] = {
                "id": number,
                "type": kind,
                "key": key,
                "title": title,
                "raw_title": title,
                "description": "",
                "raw_description": "",
                "position": len(self.state.organization_fields),
                "active": True,
                "system": False,
                "regexp_for_validation": None,
                "created_at": at,
                "updated_at": at,
            }
            if options:
                rows = [{"id": next(self.state.ids), "name": name, "value": value} for name, value in options]
                self.state.organization_fields[number]["custom_field_options"] = rows
            return number

    def add_user(
        self,
        name: str,
        email: str | None,
        role: str = "end-user",
        organization_id: int | None = None,
        external_id: str | None = None,
        *,
        group_id: int | None = None,
        tags: Iterable[str] = (),
    ) -> int:
        """A new user; `group_id` is an agent's default group."""
        with self.state.lock:
            return people.new_user(
                self.world,
                name,
                email,
                role=role,
                organization_id=organization_id,
                external_id=external_id,
                default_group_id=group_id,
                tags=list(tags),
            ).id

    def add_group(self, name: str) -> int:
        """A new group of agents."""
        with self.state.lock:
            return people.new_group(self.world, name).id

    def add_ticket_field(self, kind: str, title: str, options: Sequence[tuple[str, str]] = (), **more: Any) -> int:
        """A custom ticket field; `options` are (name, value) pairs of a drop-down."""
        with self.state.lock:
            rows = [{"id": next(self.state.ids), "name": name, "value": value} for name, value in options]
            return self.world.add_ticket_field(kind, title, options=rows, **more).id

    def add_sla_policy(self, title: str, metrics: Sequence[Json]) -> int:
        """A service level policy, for listing."""
        with self.state.lock:
            number = next(self.state.ids)
            self.state.sla_policies[number] = {
                "id": number,
                "title": title,
                "description": "",
                "position": len(self.state.sla_policies) + 1,
                "filter": {"all": [], "any": []},
                "policy_metrics": list(metrics),
            }
            return number

    def set_slas(self, ticket_id: int, metrics: Sequence[tuple[str, str, datetime]] | None) -> None:
        """Give a ticket live service levels as (metric, stage, breach time), or None for none: a change of its own."""
        with self.state.lock:
            ticket = self.world.desk.find(ticket_id)
            rows = [{"metric": name, "stage": stage, "breach_at": at} for name, stage, at in metrics or ()]
            ticket.slas = None if metrics is None else rows
            ticket.generated = self.state.next_generated()

    def create_ticket(
        self,
        requester_id: int,
        subject: str,
        text: str,
        *,
        group_id: int | None = None,
        tags: Iterable[str] = (),
        custom_fields: dict[int, Any] | None = None,
        priority: str | None = None,
        channel: str = "email",
        at: datetime | None = None,
    ) -> int:
        """A ticket as a client opens it; `at` backdates it."""
        given: Json = {"subject": subject, "comment": {"body": text}, "requester_id": requester_id, "tags": list(tags)}
        given.update({"group_id": group_id} if group_id else {})
        given.update({"priority": priority} if priority else {})
        given.update({"custom_fields": custom_fields} if custom_fields else {})
        return self.world.desk.create(given, self._user(requester_id), channel, at)[0].id

    def comment(
        self, ticket_id: int, author_id: int, text: str, public: bool = True, *, at: datetime | None = None
    ) -> None:
        """A comment as a person writes it; an agent's public one leaves the status alone."""
        given = {"comment": {"body": text, "public": public, "author_id": author_id}}
        author = self._user(author_id)
        self.world.desk.update(ticket_id, given, author, "web" if author.is_staff else "email", at)

    def change(self, ticket_id: int, actor_id: int, **changes: Any) -> None:
        """Any change an agent makes on the screen: the attributes of `PUT /tickets/{id}`."""
        self.world.desk.update(ticket_id, changes, self._user(actor_id), "web")

    def set_status(self, ticket_id: int, status: str, actor_id: int) -> None:
        """Change the status; an agent who solves a ticket nobody has becomes its assignee."""
        with self.state.lock:
            changes: Json = {"status": status}
            if status in ("solved", "closed") and self.world.desk.find(ticket_id).assignee_id is None:
                changes["assignee_id"] = actor_id
            self.change(ticket_id, actor_id, **changes)

    def assign(self, ticket_id: int, agent_id: int) -> None:
        """An agent takes a ticket."""
        self.change(ticket_id, agent_id, assignee_id=agent_id)

    def merge(self, source_id: int, target_id: int, actor_id: int) -> None:
        """Merge one ticket into another."""
        self.world.desk.merge(source_id, target_id, self._user(actor_id))

    def soft_delete(self, ticket_id: int, actor_id: int) -> None:
        """Delete a ticket, restorably."""
        self.world.desk.soft_delete(ticket_id, self._user(actor_id))

    def undelete(self, ticket_id: int, actor_id: int) -> None:
        """Bring a deleted ticket back."""
        self.world.desk.undelete(ticket_id, self._user(actor_id))

    def ticket(self, ticket_id: int) -> Json:
        """A ticket as the API shows it, deleted or not."""
        with self.state.lock:
            return copy.deepcopy(shapes.ticket(self.state, self.state.tickets[ticket_id], self.world.base))

    def queue(self) -> list[int]:
        """The waiting tickets as an agent sees them: by the view that shows the queue, else by arrival."""
        with self.state.lock:
            view = queue_view(list(self.state.views.values()))
            rows = tickets_of(self.world, view) if view else list(self.state.tickets.values())
            return [row.id for row in rows if row.status in ("new", "open")]

    def tickets(self) -> list[Json]:
        """All tickets, oldest first."""
        with self.state.lock:
            return [self.ticket(key) for key in self.state.tickets]

    def comments(self, ticket_id: int) -> list[Json]:
        """A ticket's comments as the API shows them."""
        with self.state.lock:
            return copy.deepcopy([shapes.comment(row) for row in self.state.tickets[ticket_id].comments])

    def _user(self, user_id: int) -> User:
        return self.state.users[user_id]
