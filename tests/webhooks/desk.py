"""What the tests of the faces share: an app, a filled store, and a person's form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.test import TestResponse

from adapters.feeds.settings import FeedSchema
from adapters.zendesk.guide.feeds import ArticlesOptions
from deskside.model.boost import Offers, Wish
from deskside.model.effect import EffectKind
from deskside.model.place import Contribution, Scale
from deskside.model.weights import Change
from deskside.order import key
from deskside.order.estimate import Calibration
from deskside.order.pace import Pace
from deskside.settings import Settings
from deskside.store import checks, effects, inbox, paces, tickets
from deskside.store.moves import Answer, Prospect
from deskside.vault import Vault
from webhooks import limits, site
from webhooks.actions import Actions

PASSWORD = "correct horse battery"
HOSTILE = "<script>alert('x')</script><img src=x onerror=alert(1)>\x00\x1b[31m\u202eexe.fdp & \"quotes\" 'single'"
CAPS = key.Caps()


class Compiled(BytecodeCache):
    """Templates as they were compiled for an earlier app: the same for all."""

    def __init__(self) -> None:
        self.code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.code:
            bucket.bytecode_from_string(self.code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.code[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()

PORTAL_SECRET_OF_WHMCS = "signed by the addon"


@dataclass
class Asked:
    """What was asked of the wiring; `answer` is what it says to each."""

    checks: list[tuple[str, str, str]] = field(default_factory=list)
    deliveries: list[int] = field(default_factory=list)
    effects: list[str] = field(default_factory=list)
    accesses: list[tuple[str, str]] = field(default_factory=list)
    moves: list[dict[str, Any]] = field(default_factory=list)
    # What the wiring answers to a wish to move a ticket.
    move_answer: Answer | None = field(default_factory=lambda: Answer(Prospect("front", 0, 5, 1)))
    weights: list[Change] = field(default_factory=list)
    boosts: list[dict[str, Any]] = field(default_factory=list)
    # What the wiring offers for money, and answers to a wish to buy it.
    boost_offers: Offers | None = None
    boost_answer: Wish = field(default_factory=lambda: Wish(made=True))
    # A 1 for each time that was asked for.
    pushes: list[int] = field(default_factory=list)
    # Which sources of digests were to be looked at, and which drafts sent, by whom.
    looks: list[int] = field(default_factory=list)
    digests: list[tuple[int, str]] = field(default_factory=list)
    # Who asked for a look at the knowledge base, which actions were to be applied, and what was decided.
    knowledge_looks: list[str] = field(default_factory=list)
    knowledge_applied: list[tuple[int, list[str] | None, str, int | None]] = field(default_factory=list)
    knowledge_decided: list[tuple[int, str, str, str]] = field(default_factory=list)
    # On which tickets somebody missed an article.
    candidates: list[tuple[str, str, str]] = field(default_factory=list)
    answer: bool = True

    def actions(self) -> Actions:
        """The same, as the faces see it. Zendesk and WHMCS are configured."""

        def note(where: list[Any], what: Any) -> bool:
            where.append(what)
            return self.answer

        return Actions(
            check_again=lambda desk, ticket_id, who: note(self.checks, (desk, ticket_id, who)),
            replay_delivery=lambda inbox_id: note(self.deliveries, inbox_id),
            replay_effect=lambda name: note(self.effects, name),
            ticket_url=lambda desk, ticket_id: (
                f"https://help.example/agent/tickets/{ticket_id}" if desk in ("zendesk", "whmcs") else None
            ),
            desk_title=lambda desk: {"zendesk": "Zendesk", "whmcs": "WHMCS"}.get(desk, desk),
            access_given=lambda desk, ticket_id: self.accesses.append((desk, ticket_id)),
            move=self._move,
            change_weights=self.weights.append,
            boost_offers=lambda desk, ticket_id: self.boost_offers,
            ask_boost=self._ask_boost,
            push_soon=lambda _: self.pushes.append(1),
            digest_kinds=lambda: {"feed": FeedSchema, "articles": ArticlesOptions},
            look_at_source=lambda _, source_id: note(self.looks, source_id),
            send_digest=lambda _, digest_id, by: note(self.digests, (digest_id, by)),
            look_at_knowledge=lambda _, by: note(self.knowledge_looks, by),
            apply_knowledge=lambda _, plan_id, ids, by, allow_archive=None: note(
                self.knowledge_applied, (plan_id, None if ids is None else list(ids), by, allow_archive)
            ),
            decide_knowledge=lambda _, binding_id, decision, seen, by: note(
                self.knowledge_decided, (binding_id, decision, seen, by)
            ),
            ask_candidate=lambda desk, ticket_id, by: note(self.candidates, (desk, ticket_id, by)),
            portal_secrets=lambda desk: [PORTAL_SECRET_OF_WHMCS] if desk == "whmcs" else [],
        )

    def _ask_boost(self, desk: str, ticket_id: str, kind: str, by: str, description: str, expected: int | None) -> Wish:
        self.boosts.append({"ticket": ticket_id, "kind": kind, "by": by, "line": description, "expected": expected})
        return self.boost_answer

    def _move(
        self,
        desk: str,
        ticket_id: str,
        kind: str,
        by: str,
        reason: str,
        *,
        dry_run: bool = False,
        expected: int | None = None,
    ) -> Answer | None:
        found = self.move_answer
        if found is None:
            return None
        found = replace(found, prospect=replace(found.prospect, kind=kind))
        if dry_run:
            return found
        self.moves.append({"ticket": ticket_id, "kind": kind, "by": by, "reason": reason, "expected": expected})
        return replace(found, made=not found.refused and found.prospect.helps)


def make_app(database: sa.Engine, settings: Settings, asked: Asked, vault: Vault | None = None) -> Flask:
    """An app with every face but the receivers."""
    app = Flask("deskside-test")
    site.register(app, database, settings, asked.actions(), vault)
    app.jinja_env.bytecode_cache = COMPILED
    limits.limiter.reset()
    return app


def contribution(factor: str, minutes: int, reason: str, scale: Scale = Scale.COMMERCIAL) -> Contribution:
    """A factor's part."""
    return Contribution(factor, minutes, scale, reason)


VIP = contribution("vip_tag", 60, "the ticket has the tag vip")
SLA = contribution("sla_target", 240, "first reply is due in 240 min", Scale.CONTRACT)
DOWN = contribution("server_down", 4320, "the server web-3 does not answer", Scale.EMERGENCY)


@dataclass(frozen=True)
class Shelf:
    """Fills the store with what concerns one desk. Times are minutes after `start`."""

    database: sa.Engine
    start: datetime
    desk: str = "zendesk"

    def ticket(
        self,
        ticket_id: str,
        *,
        minute: int = 0,
        pool: str = "Support",
        contributions: Sequence[Contribution] = (),
        health: str = "",
        headline: str = "",
        subject: str = "",
        client: str = "Acme Ltd",
        status: str = "open",
        **more: Any,
    ) -> None:
        """A ticket and its place, as the pipeline stores it."""
        at = self.start + timedelta(minutes=minute)
        arrived = int(at.timestamp())
        place = key.place(arrived, contributions, CAPS)
        values: dict[str, Any] = {
            "pool": pool,
            "status": status,
            "waiting": status in {"new", "open"},
            "subject": subject or f"Question {ticket_id}",
            "client_id": client.lower(),
            "client_name": client,
            "requester_name": "Ann Doe",
            "created_at": at,
            "updated_at": at,
            "read_at": at,
            "digest": "0" * 64,
            "arrived_at": at,
            "arrived": arrived,
            "head_start": place.head_start,
            "key": place.key,
            "band": place.band,
            "contributions": [
                {"factor": part.factor, "minutes": part.minutes, "scale": part.scale, "reason": part.reason}
                for part in contributions
            ],
            "safe_at": datetime.fromtimestamp(key.safe_from(arrived, place.head_start, CAPS), UTC),
            "emergency": place.band == "emergency",
            "health": health,
            "health_headline": headline,
            "health_at": at if health else None,
        }
        with self.database.begin() as connection:
            tickets.put(connection, self.desk, ticket_id, **{**values, **more})

    def pace(self, minutes: float = 10, pool: str = "Support", *, named: bool = True) -> None:
        """What was measured of a pool: one ticket in so many minutes, and times that came out half as long, as said
        and twice as long; or, without `named`, too few to name a time.
        """
        ratios = Calibration(((0.5, 1.0, 2.0),) * 4, 60) if named else None
        known = paces.Known(Pace(1 / (60 * minutes), 0.0, (), 60), ratios, ratios, 60 if named else 20)
        with self.database.begin() as connection:
            paces.put(connection, paces.as_text({pool: known}))

    def take(self, ticket_id: str) -> None:
        """An agent took the ticket: it waits no longer."""
        with self.database.begin() as connection:
            tickets.update(connection, self.desk, ticket_id, status="pending", waiting=False)

    def check(
        self, ticket_id: str, word: str = "down", *, headline: str = "web-3 is down", **report: Any
    ) -> dict[str, Any]:
        """A health check with one report; gives the report."""
        at = datetime.now(UTC) - timedelta(minutes=2)
        made = {**REPORT, "word": word, "headline": headline, "checked_at": at.isoformat(), **report}
        with self.database.begin() as connection:
            checks.add(
                connection,
                desk=self.desk,
                ticket_id=ticket_id,
                asked_by="pipeline",
                word=word,
                headline=headline,
                reports=[made],
                checked_at=at,
            )
        return made

    def effect(
        self,
        name: str,
        ticket_id: str,
        state: str = "planned",
        *,
        kind: EffectKind = EffectKind.NOTE,
        error: str = "",
    ) -> None:
        """An outbox row in this state."""
        with self.database.begin() as connection:
            effects.plan(connection, name, desk=self.desk, ticket_id=ticket_id, kind=kind, payload={})
            if state != "planned":
                effects.start(connection, name)
            if state in {"done", "dead"}:
                effects.settle(connection, name, state, error=error)

    def delivery(
        self,
        delivery_id: str,
        state: str = "waiting",
        *,
        body: bytes = b"{}",
        headers: Mapping[str, str] | None = None,
        type: str = "zen:event-type:ticket.created",
        ticket_id: str | None = None,
        outcome: str = "",
    ) -> int:
        """A delivery in this state; its row id."""
        with self.database.begin() as connection:
            headers = headers or {"Content-Type": "application/json"}
            arrival = inbox.Arrival(self.desk, delivery_id, type, ticket_id, headers, body)
            found = inbox.add_all(connection, [arrival])[arrival.identity]
            if state != "waiting":
                inbox.settle(connection, found, state, outcome)
        return found


def finding(probe: str, word: str, summary: str, took: float, **details: Any) -> dict[str, Any]:
    """A finding as it is stored."""
    sign = "silent" if word == "down" else "alive"
    return {
        "probe": probe,
        "kind": probe,
        "word": word,
        "sign": sign,
        "summary": summary,
        "details": details,
        "took_ms": took,
    }


REPORT: dict[str, Any] = {
    "target": {
        "service": "web-3 (VPS L)",
        "host": "shop.example.com",
        "address": None,
        "ports": [22, 80, 443],
        "found_by": "the domain shop.example.com in the subject",
    },
    "address": "198.51.100.23",
    "word": "down",
    "headline": "web-3 is down",
    "findings": [
        finding("icmp", "down", "no answer to 4 of 4 pings", 2004.2, sent=4, received=0, loss_percent=100),
        finding("tcp", "down", "no answer on 22, 80, 443", 3001.9, ports={"22": "timeout", "80": "timeout"}),
        finding("dns", "ok", "the name leads to 198.51.100.23", 12.4, addresses=["198.51.100.23"], ttl_seconds=300),
        finding("tls", "unknown", "no connection, so no certificate to read", 0.0),
    ],
    "took_ms": 3012.5,
    "vantage": "fra-1",
}


def text(client: FlaskClient, path: str) -> str:
    """A page that must be there, with ordinary spaces."""
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True).replace("\N{NO-BREAK SPACE}", " ")


def csrf_of(client: FlaskClient, page: str) -> str:
    """The form token of a page, as a browser would send it."""
    html = client.get(page).get_data(as_text=True)
    return html.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]


def post(client: FlaskClient, path: str, *, page: str = "/settings", **form: str) -> TestResponse:
    """Send a form as a browser would: with the token of the page it is on."""
    return client.post(path, data={"csrf_token": csrf_of(client, page), **form})
