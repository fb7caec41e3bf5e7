"""The parts of web push on a table, once on each database."""

import pytest
import sqlalchemy as sa

from tests.push.sending.world import World


@pytest.fixture
def world(database: sa.Engine) -> World:
    return World(database)
