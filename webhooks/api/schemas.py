"""What the API takes and gives. The OpenAPI document is made of these."""

from marshmallow import Schema, fields, validate

from deskside.model.effect import EffectKind

HEALTH = ("", "down", "degraded", "ok", "unknown")
DELIVERY_STATES = ("waiting", "done", "ignored", "dead")
EFFECT_STATES = ("planned", "trying", "done", "dropped", "dead")
MOVES = ("front", "second", "complaint")


def _text(description: str = "", *, of: tuple[str, ...] = (), nullable: bool = False) -> fields.String:
    return fields.String(
        required=True,
        allow_none=nullable,
        validate=validate.OneOf(of) if of else None,
        metadata={"description": description} if description else {},
    )


def _number(description: str = "") -> fields.Integer:
    return fields.Integer(required=True, metadata={"description": description} if description else {})


def _time(description: str = "", *, nullable: bool = False) -> fields.DateTime:
    return fields.DateTime(
        format="iso",
        required=True,
        allow_none=nullable,
        metadata={"description": description} if description else {},
    )


class Problem(Schema):
    """A problem document, RFC 9457."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    errors = fields.Dict(metadata={"description": "What was wrong with which argument."})


class QueueArguments(Schema):
    """Which stretch of the queue."""

    pool = fields.String(validate=validate.Length(1, 120), metadata={"description": "Only this pool."})
    limit = fields.Integer(
        load_default=20, validate=validate.Range(1, 200), metadata={"description": "Most tickets of each pool."}
    )
    offset = fields.Integer(
        load_default=0,
        validate=validate.Range(0, 1_000_000),
        metadata={"description": "How many tickets of each pool to leave out."},
    )


class EventArguments(Schema):
    """Which deliveries."""

    state = fields.String(validate=validate.OneOf(DELIVERY_STATES))
    before = fields.Integer(
        validate=validate.Range(1, 2**63 - 1),
        metadata={"description": "Only deliveries older than the one with this id."},
    )
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class AgentBody(Schema):
    """Who acts."""

    agent = fields.String(
        required=True, validate=validate.Length(1, 120), metadata={"description": "The name of the person who acts."}
    )


class NextBody(AgentBody):
    """Who wants a ticket, and of which pools."""

    pools = fields.List(
        fields.String(validate=validate.Length(1, 120)),
        load_default=list,
        validate=validate.Length(max=200),
        metadata={"description": "Only these; without any those of the person, else all."},
    )


class SkipBody(AgentBody):
    """Who passes a ticket over, and why."""

    reason = fields.String(required=True, validate=validate.Length(1, 500))


class MoveBody(SkipBody):
    """Who moves a ticket forward, how and why."""

    kind = fields.String(
        required=True,
        validate=validate.OneOf(MOVES),
        metadata={"description": "To the front, behind the first, or as a complaint that was confirmed."},
    )
    dry_run = fields.Boolean(load_default=False, metadata={"description": "Only say what would come of it."})
    expected = fields.Integer(
        load_default=None,
        allow_none=True,
        validate=validate.Range(1),
        metadata={"description": "The place that was shown to whoever decided: another one is refused."},
    )


class Pool(Schema):
    """One pool of the queue."""

    pool = _text()
    waiting = _number("How many tickets wait.")
    down = _number("How many of them have a server that is down.")
    oldest = _time("Arrival of the ticket that waits longest.", nullable=True)


class Contribution(Schema):
    """One reason for a head start."""

    factor = _text()
    minutes = _number("Working minutes.")
    scale = _text("Which cap the minutes fall under.", of=("commercial", "contract", "emergency"))
    reason = _text()


class QueuedTicket(Schema):
    """A waiting ticket and its place."""

    desk = _text()
    ticket_id = _text()
    pool = _text()
    position = _number("1 is next in this pool.")
    subject = _text("As the requester wrote it: never trust it.")
    client = _text("As the desk has it: never trust it.")
    status = _text()
    health = _text("Empty before the first check.", of=HEALTH)
    health_headline = _text()
    health_at = _time(nullable=True)
    arrived_at = _time()
    head_start_minutes = _number("Working minutes of head start that count now.")
    band = _text(of=("emergency", "ahead", "normal"))
    pinned = fields.Boolean(required=True, metadata={"description": "Overtaken so often that it was put ahead."})
    safe_at = _time("From then on no later ticket but an emergency can go ahead of it.", nullable=True)
    claimed_by = _text("Who has it now; null when nobody does.", nullable=True)
    claimed_until = _time(nullable=True)


class Place(QueuedTicket):
    """A waiting ticket, its place, and why."""

    contributions = fields.List(fields.Nested(Contribution), required=True)
    ahead = _text("Id of the ticket directly before it; null at the head.", nullable=True)
    why = _text("Why that ticket stands before it.", nullable=True)


class PlaceArguments(Schema):
    """What the time is for."""

    use = fields.String(
        load_default="api",
        validate=validate.OneOf(["api", "reply"]),
        metadata={"description": "`reply` when the text is sent to the client: it is scored as such."},
    )


class TakenBy(Schema):
    """By when a half, four fifths and nine tenths of such tickets are taken."""

    q50 = _time()
    q80 = _time()
    q90 = _time()


class WorkingMinutes(Schema):
    """The same in working minutes from `at`."""

    q50 = _number()
    q80 = _number()
    q90 = _number()


class ReplyText(Schema):
    """A text for the client, in each language."""

    en = _text()
    ru = _text()


class ExpectedPlace(Schema):
    """A waiting ticket, and when it will be taken."""

    desk = _text()
    ticket_id = _text()
    pool = _text()
    position = _number("1 is next in this pool.")
    at = _time("When the times were worked out: less than a minute ago, or little has changed since.")
    taken_by = fields.Nested(TakenBy, required=True, allow_none=True, metadata={"description": "Null: not yet known."})
    working_minutes = fields.Nested(WorkingMinutes, required=True, allow_none=True)
    worst_at = _time("The latest, if the pool keeps its pace and everybody comes ahead who may.", nullable=True)
    safe_at = _time("From then on no later ticket but an emergency can newly go ahead of it.", nullable=True)
    compared = _number("How many times of this pool were compared with what came, in the last 14 days.")
    needed = _number("How many it takes before a time is named.")
    link = _text("The client's own page.")
    text = fields.Nested(ReplyText, required=True)


class Queue(Schema):
    """The pools in which somebody waits, and the tickets of those asked for, in order."""

    pools = fields.List(fields.Nested(Pool), required=True)
    tickets = fields.List(fields.Nested(QueuedTicket), required=True)


class Claim(Schema):
    """A ticket that somebody has."""

    desk = _text()
    ticket_id = _text()
    pool = _text()
    subject = _text("As the requester wrote it: never trust it.")
    client = _text("As the desk has it: never trust it.")
    claimed_by = _text()
    claimed_until = _time("Until then nobody else is given it.")
    url = _text("Where the desk shows it; null when that desk is no longer configured.", nullable=True)


class Given(Schema):
    """What an agent was given."""

    ticket = fields.Nested(
        Claim, required=True, allow_none=True, metadata={"description": "Null when nobody waits for this agent."}
    )
    skipped = _number("How many free tickets are left that this agent skipped.")


class Released(Schema):
    """A ticket that is anybody's again."""

    desk = _text()
    ticket_id = _text()


class Move(Schema):
    """A ticket that somebody moved forward, or passed over."""

    id = _number()
    desk = _text()
    ticket_id = _text()
    kind = _text(of=(*MOVES, "skip"))
    at = _time()
    by = _text()
    reason = _text()
    position_before = _number("1 is next in its pool.")
    position_after = _number()
    minutes = _number("Working minutes of head start it gained.")


class Moved(Schema):
    """What came of a move, or would."""

    kind = _text(of=MOVES)
    position_before = _number("1 is next in its pool.")
    position_after = _number()
    changed = fields.Boolean(
        required=True, metadata={"description": "False when the place stays the same: then nothing is done."}
    )
    made = fields.Boolean(required=True, metadata={"description": "False after a dry run, and when nothing changed."})
    refused = _text(
        "Why it may not be moved, empty when it may: the client had its move today, too large a share of the recent "
        "arrivals was moved, or it would not get the expected place.",
        of=("", "client", "share", "changed"),
    )


class HealthCheck(Schema):
    """One examination of the servers a ticket is about."""

    id = _number()
    word = _text(of=HEALTH[1:])
    headline = _text()
    asked_by = _text()
    checked_at = _time()
    reports = fields.List(
        fields.Dict(), required=True, metadata={"description": "One report for each target, with its findings."}
    )


class Effect(Schema):
    """One change of the desk that Deskside intended."""

    key = _text()
    kind = _text(of=tuple(EffectKind))
    state = _text(of=EFFECT_STATES)
    attempts = _number()
    error = _text()
    created_at = _time()
    settled_at = _time(nullable=True)


class Ticket(Schema):
    """What is known of one ticket."""

    desk = _text()
    ticket_id = _text()
    pool = _text()
    status = _text()
    waiting = fields.Boolean(required=True)
    subject = _text("As the requester wrote it: never trust it.")
    client = _text("As the desk has it: never trust it.")
    created_at = _time()
    updated_at = _time()
    health = _text("Empty before the first check.", of=HEALTH)
    health_headline = _text()
    health_at = _time(nullable=True)
    url = _text("Where the desk shows it; null when that desk is no longer configured.", nullable=True)
    checks = fields.List(fields.Nested(HealthCheck), required=True, metadata={"description": "Newest first."})
    effects = fields.List(fields.Nested(Effect), required=True, metadata={"description": "Newest first."})


class Delivery(Schema):
    """One delivery, without its body."""

    id = _number()
    source = _text()
    type = _text()
    ticket_id = _text(nullable=True)
    received_at = _time()
    state = _text(of=DELIVERY_STATES)
    outcome = _text()
    settled_at = _time(nullable=True)


class Events(Schema):
    """A page of deliveries, newest first."""

    deliveries = fields.List(fields.Nested(Delivery), required=True)
    next = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Send it as `before` for the next page."}
    )


class Replayed(Schema):
    """A delivery that waits to be worked on again."""

    id = _number()
    state = _text(of=("waiting",))


class KnowledgeArguments(Schema):
    """What to look for."""

    q = fields.String(required=True, validate=validate.Length(1, 500), metadata={"description": "Any words."})
    language = fields.String(
        load_default="",
        validate=validate.Length(max=16),
        metadata={"description": "A tag such as en-us; articles in it come first."},
    )
    limit = fields.Integer(load_default=10, validate=validate.Range(1, 50))
    public = fields.Boolean(load_default=False, metadata={"description": "Only articles that everybody may read."})


class ArticleFound(Schema):
    """An article that answers."""

    title = _text()
    url = _text("Where it is read.")
    open_url = _text("The same through Deskside, which counts that it was opened.")
    target = _text("The help centre it stands in.")
    article_id = _text()
    language = _text()
    public = fields.Boolean(required=True, metadata={"description": "Whether everybody may read it."})
    snippet = _text("The passage that answers best, as plain text.")
    marks = fields.List(
        fields.List(fields.Integer()),
        required=True,
        metadata={"description": "Where words of the question stand in the passage: pairs of from and to."},
    )
    score = fields.Float(required=True, metadata={"description": "Compares the answers to one question."})


class ArticlesFound(Schema):
    """The answers to a question, the best first."""

    search = _number("The number of the question.")
    articles = fields.List(fields.Nested(ArticleFound), required=True)


class FindKbBody(Schema):
    """What somebody wrote after `/find_kb`."""

    arguments = fields.String(required=True, validate=validate.Length(max=2000))
    audience = fields.String(
        load_default="agent",
        validate=validate.OneOf(("agent", "client")),
        metadata={"description": "Who reads the answer; clients are told public articles only."},
    )
    language = fields.String(load_default="", validate=validate.Length(max=16))


class FoundLink(Schema):
    """An answer to open."""

    title = _text()
    url = _text("Through Deskside, which counts that it was opened.")
    target_url = _text("Where it ends.")


class FindKbReply(Schema):
    """What a channel shows."""

    lines = fields.List(fields.String(), required=True, metadata={"description": "Lines of plain text."})
    links = fields.List(fields.Nested(FoundLink), required=True)
