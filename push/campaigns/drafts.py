"""Campaigns in the store: written, changed while they are drafts, duplicated, scheduled."""

import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from deskside.errors import Conflict, Gone, Malformed
from deskside.store.database import Row
from deskside.store.push_tables import campaign, topic
from push.campaigns import audience, schedule
from push.campaigns.definition import (
    Draft,
    Schedule,
    audience_as_json,
    check,
    check_schedule,
    read_audience,
    read_schedule,
    read_variant,
    schedule_as_json,
    variants_as_json,
)
from push.model import Kind
from push.sending import windows
from push.sending.gates import Manners

_NAME_LENGTH = 120


def create(connection: sa.Connection, draft: Draft, by: str, now: datetime) -> int:
    """Write a new campaign; its id. Raises Malformed."""
    values = {**_columns(connection, draft), "seed": secrets.token_hex(16)}
    values |= {"created_by": by, "created_at": now, "updated_at": now, "made_from": draft.made_from}
    return int(connection.execute(sa.insert(campaign).values(values).returning(campaign.c.id)).scalar_one())


def edit(connection: sa.Connection, number: int, draft: Draft, now: datetime) -> None:
    """Write a draft anew. Raises Malformed, and Conflict when it is a draft no more."""
    values = {**_columns(connection, draft), "updated_at": now}
    turn(connection, number, ("draft",), "draft", **values)


def duplicate(connection: sa.Connection, number: int, by: str, now: datetime) -> int:
    """A new draft like this campaign, without anything of what came of it; its id."""
    row = get(connection, number)
    copied = {name: getattr(row, name) for name in ("kind", "topic", "variants", "audience", "schedule")}
    values = {**copied, "late_minutes": row.late_minutes, "name": f"{row.name[: _NAME_LENGTH - 7]} (copy)"}
    values |= {"seed": secrets.token_hex(16), "created_by": by, "created_at": now, "updated_at": now}
    return int(connection.execute(sa.insert(campaign).values(values).returning(campaign.c.id)).scalar_one())


def schedule_it(connection: sa.Connection, number: int, manners: Manners, now: datetime) -> Row:
    """Let a draft start when its schedule says. Raises Malformed when that is over already, Conflict, Gone."""
    row = get(connection, number)
    draft = read(row)
    starts, ends = _bounds(connection, draft, manners, now)
    if ends <= now:
        raise Malformed("its time is over everywhere: choose a later one")
    return turn(connection, number, ("draft",), "scheduled", start_at=starts, end_at=ends, updated_at=now)


def confirm(
    connection: sa.Connection, number: int, by: str, manners: Manners, now: datetime, anew: Schedule | None = None
) -> Row:
    """Let a campaign that missed its start go out after all: at once, or as `anew` says. Raises Malformed, Conflict."""
    row = get(connection, number)
    if row.started_at is not None:
        raise Conflict("it had begun: resume it to send what is left")
    draft = read(row)
    chosen = anew or Schedule(hours=draft.schedule.hours)
    check_schedule(chosen)
    starts, ends = _bounds(connection, replace(draft, schedule=chosen), manners, now)
    values: dict[str, Any] = {
        "schedule": schedule_as_json(chosen),
        "start_at": starts,
        "end_at": ends,
        "updated_at": now,
    }
    return turn(connection, number, ("unconfirmed",), "scheduled", stopped_by=by, **values)


def unschedule(connection: sa.Connection, number: int, now: datetime) -> Row:
    """Make a campaign that has not begun a draft again. Raises Conflict."""
    return turn(
        connection, number, ("scheduled", "unconfirmed"), "draft", not_begun=True, start_at=None, updated_at=now
    )


def get(connection: sa.Connection, number: int) -> Row:
    """The campaign's row. Raises Gone."""
    row = connection.execute(sa.select(campaign).where(campaign.c.id == number)).first()
    if row is None:
        raise Gone(f"there is no campaign {number}")
    return row


def read(row: Row) -> Draft:
    """A row of `campaign` as it was written."""
    return Draft(
        name=row.name,
        kind=Kind(row.kind),
        variants=tuple(read_variant(variant) for variant in row.variants),
        topic=row.topic,
        audience=read_audience(row.audience),
        schedule=read_schedule(row.schedule),
        late_minutes=row.late_minutes,
        made_from=row.made_from,
    )


def turn(
    connection: sa.Connection,
    number: int,
    before: tuple[str, ...],
    after: str,
    *,
    not_begun: bool = False,
    **values: Any,
) -> Row:
    """Bring a campaign from one of the states `before` to `after`; its row then. Raises Conflict, Gone."""
    condition = [campaign.c.id == number, campaign.c.state.in_(before)]
    if not_begun:
        condition.append(campaign.c.started_at.is_(None))
    update = sa.update(campaign).where(*condition).values(state=after, **values)
    found = connection.execute(update.returning(*campaign.columns)).first()
    if found is None:
        raise Conflict(f"the campaign is {get(connection, number).state}")
    return found


def _columns(connection: sa.Connection, draft: Draft) -> dict[str, Any]:
    check(draft)
    if draft.topic is not None:
        known = sa.select(topic.c.name).where(topic.c.name == draft.topic)
        if connection.scalar(known) is None:
            raise Malformed(f"there is no topic {draft.topic}")
    return {
        "name": draft.name.strip(),
        "kind": draft.kind.value,
        "topic": draft.topic,
        "variants": variants_as_json(draft.variants),
        "audience": audience_as_json(draft.audience),
        "schedule": schedule_as_json(draft.schedule),
        "late_minutes": draft.late_minutes,
    }


def _bounds(connection: sa.Connection, draft: Draft, manners: Manners, now: datetime) -> tuple[datetime, datetime]:
    lived_in = {windows.zone(name) or manners.zone for name in audience.zones(connection)} | {manners.zone}
    return schedule.bounds(draft.schedule, lived_in, now, timedelta(minutes=draft.late_minutes))
