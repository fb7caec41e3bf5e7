"""The face for browsers, with a key to send with, two topics, and a portal."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from deskside.settings import Settings
from push.subscribers import topics
from push.subscribers.topics import Topic
from tests.webhooks.desk import Asked, make_app
from tests.webhooks.push.browser import PORTAL, PORTAL_SECRET, Browser


@pytest.fixture
def variables() -> dict[str, str]:
    return {
        "WEB__SECRET_KEY": "only for tests",
        "PUSH__VAPID_PRIVATE_KEY": "AQ" + "A" * 40 + "E",
        "PUSH__NAME": "Acme Hosting",
        "PUSH__ORIGINS": PORTAL,
        "PUSH__PORTAL_SECRET": PORTAL_SECRET,
        "PUSH__DEVICES": "3",
    }


@pytest.fixture
def settings(configured: Callable[..., Settings], variables: dict[str, str]) -> Settings:
    return configured(**variables)


@pytest.fixture
def app(database: sa.Engine, settings: Settings, asked: Asked) -> Flask:
    with database.begin() as connection:
        topics.put(connection, Topic("news", {"en": "News & tips", "ru": "Новости"}, 1))
        topics.put(connection, Topic("outages", {"en": "Outages"}, 2, proposed=False))
        topics.put(connection, Topic("retired", {"en": "Retired"}, 3, active=False))
    return make_app(database, settings, asked)


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A browser nobody knows yet."""
    return Browser(app)


@pytest.fixture
def browsers(app: Flask) -> Callable[[], Browser]:
    """As many browsers as a test wants."""
    return lambda: Browser(app)
