"""People on their way through a chain: entering, the next step, the way a click takes, the ends.

Only the next step of a person is ever planned. Every path is taken once: the key of a send names enrollment and step.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from deskside.store.database import Row, insert_all_new
from deskside.store.push_tables import chain, enrollment, push, send, subscriber, subscriber_topic, subscription
from deskside.store.tables import ticket
from push.chains import control, store, timing
from push.chains.definition import CLICKED, TICKET_OPENED, TOPIC_LEFT, Definition, Step
from push.model import Kind
from push.sending import ledger
from push.sending.gates import Manners
from push.sending.messages import Message, Settled
from push.sending.windows import zone as read_zone

SUBSCRIBED, TOPIC, MANUAL = "subscribed", "topic", "manual"
ACTIVE, FINISHED, EXITED = "active", "finished", "exited"


@dataclass(frozen=True, slots=True)
class Traveller:
    """One enrollment with what its next step depends on.

    `done` are the keys of its steps that were settled, or are leaving; `newest` is its newest send, 0 without any.
    """

    row: Row
    definition: Definition
    zone: str
    done: frozenset[str]
    newest: int = 0


def enter(
    connection: sa.Connection, chain_row: Row, people: Collection[int], manners: Manners, now: datetime
) -> tuple[int, ...]:
    """Let these people into an active chain, each at most once at a time; the ids of the new enrollments.

    Who was in it before comes in again only where the chain allows it, and after the days it names.
    """
    if chain_row.state != store.ACTIVE or not people:
        return ()
    entering = _rotations(connection, chain_row, people, now)
    rows = [
        {
            "chain": chain_row.id,
            "subscriber": person,
            "rotation": rotation,
            "version": chain_row.version,
            "entered_at": now,
        }
        for person, rotation in sorted(entering.items())
    ]
    ids = tuple(insert_all_new(connection, enrollment, rows, enrollment.c.id))
    entered = travellers(connection, ids)
    plan(connection, [(traveller, traveller.definition.first, now) for traveller in entered], manners)
    return ids


def arrived(connection: sa.Connection, person: int, manners: Manners, now: datetime) -> None:
    """A newcomer agreed to be sent messages: let them into every chain that waits for them, or for their topics."""
    topics = set(connection.scalars(sa.select(subscriber_topic.c.topic).where(subscriber_topic.c.subscriber == person)))
    for row in connection.execute(sa.select(chain).where(chain.c.state == store.ACTIVE, chain.c.entry == SUBSCRIBED)):
        if row.topic is None or row.topic in topics:
            enter(connection, row, [person], manners, now)
    chose(connection, person, topics, manners, now)


def chose(connection: sa.Connection, person: int, topics: Collection[str], manners: Manners, now: datetime) -> None:
    """Somebody chose these topics, which they had not before: let them into the chains that wait for that."""
    if not topics:
        return
    wanted = sa.select(chain).where(
        chain.c.state == store.ACTIVE, chain.c.entry == TOPIC, chain.c.topic.in_(sorted(topics))
    )
    for row in connection.execute(wanted):
        enter(connection, row, [person], manners, now)


def messages(connection: sa.Connection, rows: Sequence[Row]) -> dict[int, Message]:
    """The messages of these rows of `send`, by the row's id, with what ends or holds the chain for each person."""
    mine = [row for row in rows if row.enrollment is not None]
    if not mine:
        return {}
    entered = _enrollments(connection, {row.enrollment for row in mine})
    definitions = store.definitions(connection, {(row.chain, row.version) for row in entered.values()})
    ends = endings(connection, entered.values(), definitions)
    found = {}
    for row in mine:
        at = entered[row.enrollment]
        step = definitions[at.chain, at.version].steps.get(row.step_key)
        if step is None:
            # Its definition was never such: nothing to say.
            continue
        found[row.id] = Message(
            variant=step.variant,
            tag=f"chain-{at.chain}-{step.key}",
            topic=at.topic,
            urgency=step.urgency,
            window=step.window,
            ended=ends.get(at.id, ""),
            held=f"the chain '{at.chain_name}' is paused" if at.chain_state == store.PAUSED else "",
        )
    return found


def endings(
    connection: sa.Connection, entered: Iterable[Row], definitions: Mapping[tuple[int, int], Definition]
) -> dict[int, str]:
    """Why each of these enrollments goes no further, by its id; those that go on are not in it."""
    found: dict[int, str] = {}
    watched: dict[str, list[Row]] = {CLICKED: [], TOPIC_LEFT: [], TICKET_OPENED: []}
    for row in entered:
        if row.state != ACTIVE:
            found[row.id] = row.exit_reason or "the chain is over for this person"
        elif row.chain_state == store.ARCHIVED:
            found[row.id] = f"the chain '{row.chain_name}' was ended"
        else:
            for rule in definitions[row.chain, row.version].exits:
                watched[rule].append(row)
    if watched[CLICKED]:
        for one in _clicked_any(connection, [row.id for row in watched[CLICKED]]):
            found[one] = "clicked a message of this chain"
    if watched[TOPIC_LEFT]:
        chosen = _topics(connection, {row.subscriber for row in watched[TOPIC_LEFT]})
        for row in watched[TOPIC_LEFT]:
            if row.topic is not None and (row.subscriber, row.topic) not in chosen:
                found[row.id] = f"no longer wants the topic {row.topic}"
    if watched[TICKET_OPENED]:
        for one, name in _ticket_since(connection, [row.id for row in watched[TICKET_OPENED]]):
            found[one] = f"opened the ticket {name}"
    return found


def after(connection: sa.Connection, settled: Sequence[Settled], manners: Manners) -> None:
    """Steps were settled: plan the next of each person, or end their way."""
    steps = {one.enrollment: one for one in settled if one.kind is Kind.STEP and one.enrollment is not None}
    if not steps:
        return
    on_their_way = travellers(connection, steps)
    ends = endings(
        connection,
        [one.row for one in on_their_way],
        {(one.row.chain, one.row.version): one.definition for one in on_their_way},
    )
    gone = _unreachable(connection, {one.row.subscriber for one in on_their_way})
    clicks = _clicked(connection, [one.id for one in steps.values()])
    planned = []
    for traveller in on_their_way:
        one = steps[traveller.row.id]
        # A send can be settled twice, when its answer came after its lease: what follows was planned the first time.
        if traveller.row.state != ACTIVE or traveller.newest != one.id:
            continue
        reason = ends.get(traveller.row.id) or gone.get(traveller.row.subscriber, "")
        if reason:
            leave(connection, [traveller.row.id], reason, one.at)
            continue
        following = unhad(traveller, one.step_key, clicked=one.id in clicks)
        if following is None:
            finish(connection, traveller.row.id, one.at)
        else:
            planned.append((traveller, following, one.at))
    plan(connection, planned, manners)


def unhad(traveller: Traveller, key: str, *, clicked: bool) -> Step | None:
    """The step that follows `key` on this person's way, past those they had already."""
    step = traveller.definition.next_after(key, clicked=clicked)
    while step is not None and step.key in traveller.done:
        step = traveller.definition.next_after(step.key, clicked=False)
    return step


def clicked(connection: sa.Connection, sent: int, manners: Manners, now: datetime) -> None:
    """Somebody clicked the message of this send: take the way their chain has for that, at once."""
    row = connection.execute(sa.select(send.c.enrollment, send.c.step_key).where(send.c.id == sent)).first()
    if row is None or row.enrollment is None:
        return
    found = travellers(connection, [row.enrollment])
    if not found or found[0].row.state != ACTIVE:
        return
    traveller = found[0]
    if CLICKED in traveller.definition.exits:
        leave(connection, [traveller.row.id], "clicked a message of this chain", now)
        return
    step = traveller.definition.steps.get(row.step_key)
    if step is None or step.clicked is None or step.clicked == step.following:
        return
    # What already left, or is leaving, cannot be called back: then the person stays on the way they are on.
    withdrawn = withdraw(connection, [traveller.row.id], "took the way of those who clicked", now, step.following)
    if not withdrawn:
        return
    following = unhad(traveller, step.key, clicked=True)
    if following is None:
        finish(connection, traveller.row.id, now)
    else:
        plan(connection, [(traveller, following, now)], manners)


def leave(connection: sa.Connection, ids: Collection[int], reason: str, now: datetime) -> None:
    """End the way of these enrollments before its end; what was planned for them is skipped."""
    connection.execute(
        sa.update(enrollment)
        .where(enrollment.c.id.in_(ids), enrollment.c.state == ACTIVE)
        .values(state=EXITED, exit_reason=reason[:120], left_at=now)
    )
    withdraw(connection, ids, reason, now)


def finish(connection: sa.Connection, one: int, now: datetime) -> None:
    """This person had all there is."""
    connection.execute(
        sa.update(enrollment)
        .where(enrollment.c.id == one, enrollment.c.state == ACTIVE)
        .values(state=FINISHED, left_at=now)
    )


def withdraw(
    connection: sa.Connection, ids: Collection[int], reason: str, now: datetime, key: str | None = None
) -> int:
    """Skip what is planned for these enrollments and has not begun to leave; how many sends that were.

    `key` is the only step to skip; None is any.
    """
    waiting = sa.and_(send.c.enrollment.in_(ids), send.c.state.in_(("due", "held")))
    if key is not None:
        waiting = sa.and_(waiting, send.c.step_key == key)
    taken = connection.execute(
        sa.update(send).where(waiting).values(state="skipped", reason=reason[:200], decided_at=now).returning(send.c.id)
    )
    return len(taken.all())


def plan(connection: sa.Connection, wanted: Sequence[tuple[Traveller, Step, datetime]], manners: Manners) -> None:
    """Plan these steps, each counted from its instant; those of a paused chain are held."""
    sends = []
    for traveller, step, anchor in wanted:
        due = timing.due(step, anchor, read_zone(traveller.zone) or manners.zone, manners.window)
        sends.append(
            ledger.NewSend(
                dedupe_key=f"step:{traveller.row.id}:{step.key}",
                kind=Kind.STEP,
                subscriber=traveller.row.subscriber,
                due_at=due.at,
                not_after=due.not_after,
                enrollment=traveller.row.id,
                step_key=step.key,
            )
        )
    ledger.plan(connection, sends)
    paused = {traveller.row.chain for traveller, _, _ in wanted if traveller.row.chain_state == store.PAUSED}
    for one in sorted(paused):
        control.hold(connection, one)


def _enrollments(connection: sa.Connection, ids: Collection[int]) -> dict[int, Row]:
    rows = connection.execute(
        sa.select(
            enrollment,
            chain.c.name.label("chain_name"),
            chain.c.state.label("chain_state"),
            chain.c.topic,
        )
        .join(chain, chain.c.id == enrollment.c.chain)
        .where(enrollment.c.id.in_(ids))
    )
    return {row.id: row for row in rows}


def travellers(connection: sa.Connection, ids: Collection[int]) -> list[Traveller]:
    """These enrollments with all their next step depends on, by id."""
    rows = _enrollments(connection, ids)
    definitions = store.definitions(connection, {(row.chain, row.version) for row in rows.values()})
    zones = dict(
        connection.execute(
            sa.select(subscriber.c.id, subscriber.c.zone).where(
                subscriber.c.id.in_({row.subscriber for row in rows.values()})
            )
        ).all()
    )
    done: dict[int, set[str]] = {one: set() for one in rows}
    newest = dict.fromkeys(rows, 0)
    for row in connection.execute(
        sa.select(send.c.id, send.c.enrollment, send.c.step_key, send.c.state).where(send.c.enrollment.in_(rows))
    ):
        newest[row.enrollment] = max(newest[row.enrollment], row.id)
        if row.state not in ("due", "held"):
            done[row.enrollment].add(row.step_key)
    return [
        Traveller(row, definitions[row.chain, row.version], zones[row.subscriber], frozenset(done[one]), newest[one])
        for one, row in sorted(rows.items())
    ]


def _rotations(connection: sa.Connection, chain_row: Row, people: Collection[int], now: datetime) -> dict[int, int]:
    """Which of these people may enter now, and as the how manieth time (from 0)."""
    found = dict.fromkeys(people, 0)
    before = (
        sa.select(enrollment)
        .where(enrollment.c.chain == chain_row.id, enrollment.c.subscriber.in_(people))
        .order_by(enrollment.c.rotation)
    )
    for row in connection.execute(before):
        again = (
            chain_row.again_days is not None
            and row.state != ACTIVE
            and row.left_at + timedelta(days=chain_row.again_days) <= now
        )
        if again:
            found[row.subscriber] = row.rotation + 1
        else:
            found.pop(row.subscriber, None)
    return found


def _clicked_any(connection: sa.Connection, ids: Collection[int]) -> set[int]:
    return set(
        connection.scalars(
            sa.select(send.c.enrollment)
            .join(push, push.c.send == send.c.id)
            .where(send.c.enrollment.in_(ids), push.c.clicked_at.is_not(None))
        )
    )


def _clicked(connection: sa.Connection, sends: Collection[int]) -> set[int]:
    asked = sa.select(push.c.send).where(push.c.send.in_(sends), push.c.clicked_at.is_not(None))
    return set(connection.scalars(asked))


def _topics(connection: sa.Connection, people: Collection[int]) -> set[tuple[int, str]]:
    asked = sa.select(subscriber_topic.c.subscriber, subscriber_topic.c.topic).where(
        subscriber_topic.c.subscriber.in_(people)
    )
    return set(connection.execute(asked))


def _ticket_since(connection: sa.Connection, ids: Collection[int]) -> Sequence[tuple[int, str]]:
    asked = (
        sa.select(enrollment.c.id, sa.func.min(ticket.c.ticket_id))
        .join(subscriber, subscriber.c.id == enrollment.c.subscriber)
        .join(
            ticket,
            sa.and_(
                ticket.c.desk == subscriber.c.desk,
                ticket.c.client_id == subscriber.c.client_id,
                ticket.c.created_at > enrollment.c.entered_at,
            ),
        )
        .where(enrollment.c.id.in_(ids))
        .group_by(enrollment.c.id)
    )
    return connection.execute(asked).all()


def _unreachable(connection: sa.Connection, people: Collection[int]) -> dict[int, str]:
    """Why these people cannot be sent anything any more, by their id."""
    alive = set(
        connection.scalars(
            sa.select(subscription.c.subscriber)
            .where(subscription.c.subscriber.in_(people), subscription.c.state == "alive")
            .distinct()
        )
    )
    found = {one: "no browser of theirs is alive" for one in people if one not in alive}
    left = sa.select(subscriber.c.id).where(subscriber.c.id.in_(people), subscriber.c.left_at.is_not(None))
    return found | dict.fromkeys(connection.scalars(left), "unsubscribed")
