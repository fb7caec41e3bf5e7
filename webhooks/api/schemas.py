"""What the API takes and gives. The OpenAPI document is made of these."""

from marshmallow import Schema, fields, validate

HEALTH = ("", "down", "degraded", "ok", "unknown")
DELIVERY_STATES = ("waiting", "done", "ignored", "dead")
EFFECT_STATES = ("planned", "trying", "done", "dropped", "dead")


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
    kind = _text()
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
