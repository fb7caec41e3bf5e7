"""A portal with topics and people, and campaigns in every state."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from deskside.settings import Settings
from deskside.store.database import Row, reading, utc_now
from deskside.store.push_tables import campaign
from push.campaigns import control, drafts
from push.sending.gates import manners
from push.settings import PushSchema
from tests.push.sending.world import Hand, World, draft


@pytest.fixture
def world(database: sa.Engine) -> World:
    return World(database, Hand(utc_now()))


@pytest.fixture
def settings(configured: Callable[..., Settings]) -> Settings:
    return configured(WEB__SECRET_KEY="only for tests", PUSH__VAPID_PRIVATE_KEY="AQ" + "A" * 40 + "E", PUSH__QUIET="")


@pytest.fixture
def make(world: World, settings: Settings) -> Callable[..., int]:
    """A campaign that was brought to this state."""

    def made(state: str = "draft", **values: Any) -> int:
        now = utc_now()
        own = manners(settings.section("push", PushSchema))
        with world.database.begin() as connection:
            number = drafts.create(connection, draft(**values), "ops", now)
            if state == "draft":
                return number
            drafts.schedule_it(connection, number, own, now)
            if state == "unconfirmed":
                late = {"state": state, "start_at": now - timedelta(hours=5)}
                connection.execute(sa.update(campaign).where(campaign.c.id == number).values(late))
            elif state != "scheduled":
                control.start_next(connection, own, now)
                if state == "paused":
                    control.pause(connection, number, "ops")
                elif state == "held":
                    control.hold_late(connection, now - timedelta(days=1), now + timedelta(days=1))
                elif state == "cancelled":
                    control.cancel(connection, number, "ops", now)
        if state == "done":
            world.hand.now = utc_now()
            world.run()
            with world.database.begin() as connection:
                control.finish(connection, utc_now())
        return number

    return made


def row_of(database: sa.Engine, number: int) -> Row:
    """The campaign as it is now."""
    with reading(database) as connection:
        return drafts.get(connection, number)
