"""Every port of Deskside, in one place: what a plug-in implements.

A plug-in is an object named by an entry point of its own package. The built-in ones register the same way, in
`setup.cfg`; `docs/plugins.md` shows a whole plug-in in one file.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

import marshmallow
import sqlalchemy as sa

from deskside.model.access import Access
from deskside.model.article import Article, Asset, Document, Filing, Limits, Listing, Text, Upload
from deskside.model.billing import Bill, Credit, Invoice
from deskside.model.digest import Found
from deskside.model.effect import Note, Placement, Receipt, TagChange
from deskside.model.health import Finding
from deskside.model.place import Contribution
from deskside.model.service import Service, Target
from deskside.model.ticket import Changes, Client, Delivery, Event, Reply, Ticket


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One line of `deskside check`: what was tried, whether it works, and the cure when it does not."""

    name: str
    ok: bool
    message: str
    cure: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing `deskside connect` makes on the desk; `action` is `create`, `update` or `keep`."""

    action: str
    what: str
    detail: str = ""


class Desk(Protocol):
    """A help desk. Every call may be made from any worker thread.

    Calls that reach outside raise `errors.Permanent` or `errors.Transient`, never a library's own error. `name` is for
    programs: a section of the configuration, a part of addresses. `title` is what people call the desk, as it is
    written.
    """

    name: str
    title: str

    def accept(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Delivery:
        """Verify a delivery over its raw bytes. Nothing outside is asked; the store may be.

        Raises `NotAuthentic` for a bad, missing or old signature and `Malformed` for a body that cannot be read.
        """

    def parse(self, headers: Mapping[str, str], body: bytes) -> Event:
        """Read a stored delivery. No I/O. Raises `Malformed`."""

    def read_ticket(self, ticket_id: str) -> Ticket:
        """The ticket as it is now, with its client and its service level. Raises `Gone` when there is none."""

    def digest(self, ticket: Ticket) -> str:
        """A text that changes exactly when something of the ticket changed that is not our own writing."""

    def changes(self, cursor: str | None) -> Changes:
        """The next page of tickets that changed since `cursor`; None starts an hour ago."""

    def add_note(self, ticket_id: str, note: Note) -> Receipt:
        """Add a note that only agents see. Raises `UnknownOutcome` when no answer came."""

    def find_note(self, ticket_id: str, marker: str) -> Receipt | None:
        """The note with this marker, by a consistent read (never a search index), or None."""

    def change_tags(self, ticket_id: str, change: TagChange) -> Receipt:
        """Add and remove tags without touching any other."""

    def set_placement(self, ticket_id: str, placement: Placement) -> Receipt:
        """Write band and sort key where the desk's views can use them."""

    def connect(self, base_url: str, dry_run: bool) -> Sequence[Step]:
        """Make on the desk what Deskside needs, idempotently; with `dry_run` only say what would be made."""

    def check(self) -> Sequence[CheckResult]:
        """Prove that the credentials and what `connect` made truly work."""

    def ticket_url(self, ticket_id: str) -> str:
        """Where an agent opens this ticket on the desk."""


@runtime_checkable
class Inventory(Protocol):
    """A desk that also knows what its clients have: a `Desk` may have this method besides."""

    def services(self, client: Client) -> Sequence[Service]:
        """All services of this client, ended ones included; `Service.client` is one of the client's aliases.

        The names are unique within the client; the ids do not matter. Raises `Permanent` or `Transient`.
        """


@runtime_checkable
class Billing(Protocol):
    """A desk that also writes invoices: a `Desk` may have these methods besides.

    Nothing here books a payment, or sends one back: only the client pays, and only people and their payment provider
    refund. Methods raise as those of `Desk` do.
    """

    def has_account(self, client_id: str) -> bool:
        """Whether this client can be sent an invoice; a guest cannot. No I/O."""

    def create_invoice(self, bill: Bill) -> Receipt:
        """Write an open invoice and send it; its id. Raises `Permanent` when the client pays in another currency."""

    def find_invoice(self, client_id: str, marker: str) -> Receipt | None:
        """The invoice with this marker, by a consistent read, or None."""

    def read_invoice(self, invoice_id: str) -> Invoice:
        """The invoice as it is now. Raises `Gone` when there is none."""

    def cancel_invoice(self, invoice_id: str) -> Receipt:
        """Cancel an invoice if nothing was paid for it; else leave it as it is."""

    def add_credit(self, credit: Credit) -> Receipt:
        """Put money on the client's account, to be used for any invoice."""

    def find_credit(self, client_id: str, marker: str) -> Receipt | None:
        """The credit with this marker, by a consistent read, or None."""

    def invoice_url(self, invoice_id: str, *, for_client: bool) -> str:
        """Where the client pays it, or where an agent sees it."""


@runtime_checkable
class Correspondence(Protocol):
    """A desk that also tells what was said on a ticket: a `Desk` may have this method besides."""

    def replies(self, ticket_id: str) -> Sequence[Reply]:
        """What everybody on the ticket could read, the first word first; no internal notes.

        Raises `Gone`, `Permanent` or `Transient`.
        """


@runtime_checkable
class Portal(Protocol):
    """A desk whose own pages tell who is signed in there: a `Desk` may have this method besides."""

    def portal_secrets(self) -> Sequence[str]:
        """What its pages sign the identity of a visitor with, the current one first. The store may be asked."""


class DeskPlugin(Protocol):
    """Entry point group `deskside.desks`: how a desk is configured and built.

    `schema` checks the section of `deskside.toml` that has the plug-in's name; `build` gets what the schema loaded.
    """

    name: str
    schema: type[marshmallow.Schema]

    def build(self, settings: Mapping[str, Any], database: sa.Engine) -> Desk:
        """Make the desk. No I/O: the outside is first touched by a worker."""


class Resolver(Protocol):
    """Names to addresses for probes; nothing in a probe resolves in any other way."""

    async def addresses(self, host: str) -> tuple[str, ...]:
        """The A and AAAA addresses of `host`, unchecked. Raises the health room's `ResolverTimeout`, `NoSuchName`."""


class Guard(Protocol):
    """Decides which addresses may be connected to: deny by default."""

    def check(self, address: str) -> None:
        """Raise `errors.AddressForbidden`, naming the reason, unless `address` may be probed."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a probe is given besides its target: the checked address, the guard, the resolver and its limits.

    `access` is how to sign in to the target, where its client gave that; it must not get into a finding or a log.
    """

    address: str | None
    addresses: tuple[str, ...]
    guard: Guard
    resolver: Any
    limits: Mapping[str, float]
    access: Access | None = None


class Probe(Protocol):
    """Entry point group `deskside.probes`: one kind of look at one target.

    A probe connects only to `surroundings.address`, asks `surroundings.guard` for any other address first, follows
    no redirect, and may be cancelled at any await when the deadline comes.
    """

    name: str
    kind: str

    def applies(self, target: Target) -> bool:
        """Whether this probe has anything to look at on this target."""

    async def look(self, target: Target, surroundings: Surroundings) -> Sequence[Finding]:
        """Look once. Raises only for its own faults: what the network does is a finding."""


class ProbePlugin(Protocol):
    """A probe that must be configured: the entry point group `deskside.probes` also takes one of these.

    `build` gets the loaded section `[health]` and the database.
    """

    name: str

    def build(self, settings: Any, database: sa.Engine) -> Probe:
        """Make the probe. No I/O: it is first used by a worker."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What a factor may judge: the ticket, and what Deskside knows around it, frozen at this moment.

    `carried_minutes` is how long the ticket waited in earlier turns (working minutes), `reopened` is true when it was
    solved before. `recent_tickets` is how many other tickets its client opened in the last 30 days, None when we have
    not watched for so long. `incident` is the title of an open incident that explains why the server is down.
    `options` are the settings of the queue section, overlaid by the weights in force.
    """

    ticket: Ticket
    now: datetime
    reopened: bool
    carried_minutes: int
    server_down: bool
    minutes_to_breach: int | None
    options: Mapping[str, Any]
    recent_tickets: int | None = None
    incident: str | None = None


class Factor(Protocol):
    """Entry point group `deskside.factors`: minutes of head start for one reason."""

    name: str

    def weigh(self, situation: Situation) -> Contribution | None:
        """The contribution (minutes >= 0), or None when the reason does not apply."""


@dataclass(frozen=True, slots=True)
class Environment:
    """What a digest source may be made of: the configured desks by name, and the guard of every address."""

    desks: Mapping[str, Desk]
    guard: Guard


class DigestSource(Protocol):
    """Looks for what could stand in a digest. Used by one thread at a time, never by a request handler."""

    def look(self, options: Mapping[str, Any], cursor: str) -> Found:
        """What is there, as far as strangers may read it; `cursor` is what the last look left, "" before the first.

        `options` are what the plug-in's schema loaded. May leave out what it told before; the first look tells
        everything, because nothing of that is taken for new. Raises `Permanent` or `Transient`.
        """


class DigestSourcePlugin(Protocol):
    """Entry point group `deskside.digest_sources`: a kind of place where candidates for digests come from.

    `schema` checks the options of one source of this kind, as ops enter them.
    """

    name: str
    schema: type[marshmallow.Schema]

    def build(self, environment: Environment) -> DigestSource:
        """Make the source. No I/O: it is first used by a worker."""


class Channel(Protocol):
    """Another way to reach a person, for when a push is not seen. Every call may be made from any worker thread."""

    name: str

    def send(self, recipient: str, subject: str, text: str, *, html: str = "", marker: str = "") -> Receipt:
        """Send one message; `text` is all of it, `html` the same more nicely.

        `marker` is the same when the same message is sent again, so that the other side can tell. Raises `Permanent`
        (the recipient is refused), `Transient` (nothing was sent), or `UnknownOutcome`.
        """

    def check(self) -> Sequence[CheckResult]:
        """Prove that it can be reached, without sending anything."""


class ChannelPlugin(Protocol):
    """Entry point group `deskside.channels`: how a channel is configured and built.

    `schema` checks the section of `deskside.toml` that has the plug-in's name; `attribute` is the attribute of a
    subscriber that holds where this channel reaches them.
    """

    name: str
    schema: type[marshmallow.Schema]
    attribute: str

    def build(self, settings: Mapping[str, Any]) -> Channel:
        """Make the channel. No I/O: it is first used by a worker."""


@dataclass(frozen=True, slots=True)
class Surface:
    """What a knowledge source or target may be made of: desks by name, the guard of every address, the store.

    `base_url` is where Deskside itself is reached.
    """

    desks: Mapping[str, Desk]
    guard: Guard
    database: sa.Engine
    base_url: str = ""


class KnowledgeSource(Protocol):
    """Where documents are written. Used by one thread at a time, never by a request handler.

    `converter` is another text whenever the same document would be converted to other HTML: it stands in every hash.
    Every call raises `Permanent` or `Transient` when the source refuses or does not answer. An expired token, a 403 or
    a listing that breaks off is an error, never a short answer.
    """

    name: str
    title: str
    converter: str

    def changes(self, watermark: str) -> Listing:
        """What changed since `watermark` ("" before the first look), with enough overlap that nothing is missed.

        A source that cannot tell answers with a complete listing.
        """

    def listing(self) -> Listing:
        """Every document there is, to the end. Raises rather than answer less."""

    def read(self, document_id: str) -> Sequence[Document]:
        """A document in each of its languages. Raises `Gone` when the source itself says it was deleted."""

    def fetch(self, asset: Asset) -> bytes:
        """The bytes of a file. Raises `Gone`."""

    def check(self) -> Sequence[CheckResult]:
        """Prove that the source can be read."""


class KnowledgeSourcePlugin(Protocol):
    """Entry point group `deskside.knowledge_sources`: a kind of place where documents are written.

    `schema` checks a section `[knowledge.sources.NAME]` whose `kind` is this plug-in's name (without the key `kind`).
    """

    name: str
    schema: type[marshmallow.Schema]

    def build(self, name: str, settings: Mapping[str, Any], surface: Surface) -> KnowledgeSource:
        """Make the source called `name`. No I/O: it is first used by a worker."""


class KnowledgeTarget(Protocol):
    """Where articles are read. Used by one thread at a time, never by a request handler.

    Calls raise `Permanent` (this item is refused; or `TargetRefuses`: no item will be taken), `Transient` or, from
    those that make something, `UnknownOutcome`. A PUT may be repeated; what makes something is found again by
    its marker.
    """

    name: str
    title: str

    @property
    def requests(self) -> int:
        """How often the other side was asked so far."""

    def limits(self) -> Limits:
        """What it takes; asked of the target itself where it can tell."""

    def preflight(self, languages: Sequence[str]) -> Sequence[CheckResult]:
        """Prove before a run that every language can be written and what the configuration names is there."""

    def listing(self) -> Iterator[Article]:
        """Every article with all its texts, ours and others', to the end. Raises rather than answer less."""

    def read(self, article_id: str) -> Article:
        """One article as it is now. Raises `Gone` when it was archived or deleted."""

    def find(self, marker: str) -> str | None:
        """The id of the article that was made with this marker, by a consistent read."""

    def sections(self) -> Mapping[tuple[str, ...], str]:
        """The ids of all sections by the names on the way to them, outermost first."""

    def create_section(self, path: tuple[str, ...], language: str) -> str:
        """Make a section below those that are there, and answer its id; one that is there already is answered."""

    def create(self, marker: str, filing: Filing, text: Text) -> str:
        """Make an article that readers do not see yet, in its first language, and answer its id. Nobody is mailed."""

    def write_text(self, article_id: str, text: Text) -> None:
        """Write one language, adding it where it is not there; `draft` false shows it. Nobody is mailed."""

    def file(self, article_id: str, marker: str, filing: Filing) -> None:
        """Move, label, order it and say who may read it. The id stays, and with it address, votes and comments."""

    def archive(self, article_id: str) -> None:
        """Take it from the readers, so that people can bring it back. One that is gone already is no error."""

    def upload(self, filename: str, content_type: str, content: bytes) -> Upload:
        """Take a file that any number of bodies may show."""

    def url(self, article_id: str, language: str) -> str:
        """The address of an article, as it stands in links. No I/O."""

    def redirect(self, article_id: str, to: str) -> bool:
        """Send readers of an archived article to another address; false where the target cannot."""


class KnowledgeTargetPlugin(Protocol):
    """Entry point group `deskside.knowledge_targets`: a kind of place where articles are read.

    `schema` checks a section `[knowledge.targets.NAME]` whose `kind` is this plug-in's name (without the key `kind`).
    """

    name: str
    schema: type[marshmallow.Schema]

    def build(self, name: str, settings: Mapping[str, Any], surface: Surface) -> KnowledgeTarget:
        """Make the target called `name`. No I/O: it is first used by a worker."""


@dataclass(frozen=True, slots=True)
class Job:
    """A run of a task to come. Jobs of one lane run in order, one at a time; a higher priority runs first."""

    task: str
    args: Mapping[str, Any]
    lane: str | None = None
    priority: int = 0


class Engine(Protocol):
    """Runs tasks at least once, also across kill -9, in order within a lane. `context` is handed to every task."""

    context: Any

    def enqueue(
        self, connection: sa.Connection, task: str, *, lane: str | None = None, priority: int = 0, **args: Any
    ) -> None:
        """Write a job inside the caller's transaction: it exists exactly if that commits. Higher priority first."""

    def enqueue_all(self, connection: sa.Connection, jobs: Sequence[Job]) -> None:
        """Write several jobs, in this order, in as few statements as possible; otherwise as `enqueue`."""

    def work(self, stopping: Callable[[], bool]) -> None:
        """Run jobs until `stopping()` is true; blocks."""

    def wake(self) -> None:
        """Look for work now instead of at the next poll."""
