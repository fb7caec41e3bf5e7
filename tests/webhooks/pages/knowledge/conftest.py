"""A knowledge base of one source and two targets, and a person who looks at it."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from deskside.settings import Settings
from tests.knowledge.library import Library


@pytest.fixture
def library(database: sa.Engine) -> Library:
    return Library(database)


@pytest.fixture
def settings(configured: Callable[..., Settings]) -> Settings:
    return configured(
        WEB__SECRET_KEY="only for tests",
        KNOWLEDGE__SOURCES__HANDBOOK__KIND="markdown",
        KNOWLEDGE__TARGETS__GUIDE__KIND="zendesk",
        KNOWLEDGE__TARGETS__WHMCS__KIND="whmcs",
    )
