"""A store with topics."""

import pytest
import sqlalchemy as sa

from push.subscribers import topics
from push.subscribers.topics import Topic


@pytest.fixture
def offered(database: sa.Engine) -> None:
    with database.begin() as connection:
        topics.put(connection, Topic("outages", {"en": "Outages", "ru": "Сбои"}, 2))
        topics.put(connection, Topic("news", {"en": "News"}, 1))
        topics.put(connection, Topic("old", {"en": "Old"}, 3, active=False))
