from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.zendesk import knowledge_source, knowledge_target
from adapters.zendesk.desk import ZendeskDesk
from adapters.zendesk.guide.source import GuideSource
from adapters.zendesk.guide.target import GuideTarget
from deskside.guard import AddressGuard
from deskside.ports import Surface

Build = Callable[..., GuideTarget]


@pytest.fixture
def surface(desk: ZendeskDesk) -> Surface:
    return Surface({"zendesk": desk}, AddressGuard(), sa.create_engine("sqlite://"))


@pytest.fixture
def build(surface: Surface) -> Build:
    def made(**section: Any) -> GuideTarget:
        loaded = knowledge_target.schema().load(section)
        return knowledge_target.build("guide", loaded, surface)

    return made


@pytest.fixture
def target(build: Build) -> GuideTarget:
    return build()


@pytest.fixture
def build_source(surface: Surface) -> Callable[..., GuideSource]:
    def made(**section: Any) -> GuideSource:
        loaded = knowledge_source.schema().load(section)
        return knowledge_source.build("help", loaded, surface)

    return made


@pytest.fixture
def source(build_source: Callable[..., GuideSource]) -> GuideSource:
    return build_source()
