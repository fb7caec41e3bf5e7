"""A knowledge base of its own for each test, once on each database where that may matter."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.adapters.knowledge.world import World
from tests.databases import migrated_sqlite, open_careless


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """On SQLite."""
    database = open_careless(migrated_sqlite(tmp_path / "deskside.db"))
    yield World(database)
    database.dispose()


@pytest.fixture
def world_on_both(database: sa.Engine) -> World:
    """Once on each database."""
    return World(database)
