"""Changing a chain while people are inside: a new version, and what becomes of them, counted before it is done."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from deskside.store.database import Row
from deskside.store.push_tables import enrollment, send
from push.chains import definition as definitions_of
from push.chains import flow, store
from push.chains.definition import Definition, Delay, Step
from push.chains.flow import Traveller
from push.sending.gates import Manners

_AT_ONCE = 5000


class Those(StrEnum):
    """What becomes of those who are inside when a chain is edited.

    `STAY`: they finish on the version they entered with. `MOVE`: they go on in the new version from where they are.
    `CATCH_UP`: so, and they get the new steps they have passed, those who finished too, unless their last message is
    too long ago.
    """

    STAY = "stay"
    MOVE = "move"
    CATCH_UP = "catch_up"


@dataclass(frozen=True, slots=True)
class Effect:
    """How many people an edit touches.

    `inside` are under way; `stranded` of them wait for a step the new version does not have; `missed` passed a step
    that is new, `finished` of these had ended.
    """

    inside: int
    stranded: int
    missed: int
    finished: int


def preview(connection: sa.Connection, row: Row, new: Mapping[str, Any], within: timedelta, now: datetime) -> Effect:
    """What an edit would touch; `within` is how long ago their last message may be. Raises ValidationError."""
    definition = definitions_of.read(new)
    inside = _of_chain(connection, row.id, flow.ACTIVE)
    ended = _of_chain(connection, row.id, flow.FINISHED)
    stranded = sum(one.waiting is not None and one.waiting.step_key not in definition.steps for one in inside)
    behind = [one for one in (*inside, *ended) if _missed(one, definition, now - within) is not None]
    return Effect(len(inside), stranded, len(behind), sum(one.row.state == flow.FINISHED for one in behind))


def edit(
    connection: sa.Connection,
    row: Row,
    new: Mapping[str, Any],
    those: Those,
    *,
    within: timedelta,
    by: str,
    now: datetime,
    manners: Manners,
) -> int:
    """Make `new` the chain's newest version, for newcomers, and for those inside as said; its number.

    Raises ValidationError naming the faults of the definition.
    """
    version = store.add_version(connection, row.id, new, by, now)
    if those is Those.STAY:
        return version
    definition = store.definition(connection, row.id, version)
    for one in _of_chain(connection, row.id, flow.ACTIVE):
        missed = _missed(one, definition, now - within) if those is Those.CATCH_UP else None
        _move(connection, one, definition, version, missed, manners, now)
    if those is Those.CATCH_UP:
        for one in _of_chain(connection, row.id, flow.FINISHED):
            missed = _missed(one, definition, now - within)
            if missed is not None:
                _move(connection, one, definition, version, missed, manners, now)
    return version


@dataclass(frozen=True, slots=True)
class _Inside:
    """A person's way so far: the step that waits for them, and when they had their last one (or entered)."""

    row: Row
    traveller: Traveller
    waiting: Row | None
    last_at: datetime


def _move(
    connection: sa.Connection,
    one: _Inside,
    definition: Definition,
    version: int,
    missed: Step | None,
    manners: Manners,
    now: datetime,
) -> None:
    values = {"version": version, "state": flow.ACTIVE, "left_at": None}
    connection.execute(sa.update(enrollment).where(enrollment.c.id == one.row.id).values(values))
    if one.waiting is None and missed is None:
        # A step of theirs is leaving just now; once it is settled, the new version says what follows.
        return
    if one.waiting is not None:
        # Taken back as if never planned: it is planned again, or a later version may have it again.
        connection.execute(sa.delete(send).where(send.c.id == one.waiting.id))
    moved = replace(one.traveller, definition=definition)
    if missed is not None:
        flow.plan(connection, [(moved, replace(missed, after=Delay()), now)], manners)
        return
    following = definition.steps.get(one.waiting.step_key) if one.waiting else None
    following = following or _onward(moved)
    if following is None:
        flow.finish(connection, one.row.id, now)
    else:
        flow.plan(connection, [(moved, following, one.last_at)], manners)


def _onward(moved: Traveller) -> Step | None:
    """The first step of the version after all those this person had."""
    steps = list(moved.definition.steps.values())
    passed = max((number for number, step in enumerate(steps) if step.key in moved.done), default=-1)
    return next(iter(steps[passed + 1 :]), None)


def _missed(one: _Inside, definition: Definition, since: datetime) -> Step | None:
    """The first step that is new to this person and that they have passed, unless their last was before `since`."""
    if one.last_at < since:
        return None
    known = one.traveller.definition.steps
    for step in definition.steps.values():
        if one.waiting is not None and step.key == one.waiting.step_key:
            return None
        if step.key not in known and step.key not in one.traveller.done:
            return step
    return None


def _of_chain(connection: sa.Connection, chain_id: int, state: str) -> list[_Inside]:
    ids = connection.scalars(
        sa.select(enrollment.c.id).where(enrollment.c.chain == chain_id, enrollment.c.state == state)
    ).all()
    mine = sa.select(enrollment.c.id).where(enrollment.c.chain == chain_id)
    waiting = {
        row.enrollment: row
        for row in connection.execute(
            sa.select(send).where(send.c.enrollment.in_(mine), send.c.state.in_(("due", "held")))
        )
    }
    settled = sa.select(send.c.enrollment, sa.func.max(send.c.decided_at, type_=send.c.decided_at.type)).where(
        send.c.enrollment.in_(mine), send.c.state.not_in(("due", "held"))
    )
    last = dict(connection.execute(settled.group_by(send.c.enrollment)).all())
    return [
        _Inside(one.row, one, waiting.get(one.row.id), last.get(one.row.id) or one.row.entered_at)
        for start in range(0, len(ids), _AT_ONCE)
        for one in flow.travellers(connection, ids[start : start + _AT_ONCE])
    ]
