"""Zendesk: everything of Deskside that knows about it. `docs/zendesk.md` tells an admin what to do."""

from collections.abc import Mapping
from typing import Any

import marshmallow
import sqlalchemy as sa

from adapters.zendesk.desk import NAME, ZendeskDesk
from adapters.zendesk.guide.feeds import ArticlesPlugin, PostsPlugin
from adapters.zendesk.guide.source import GuideSourcePlugin
from adapters.zendesk.guide.target import GuideTargetPlugin
from adapters.zendesk.settings import Settings, ZendeskSchema
from deskside.store.bindings import StoredBindings


class ZendeskPlugin:
    """Entry point `deskside.desks: zendesk`."""

    name = NAME
    schema: type[marshmallow.Schema] = ZendeskSchema

    def build(self, settings: Mapping[str, Any], database: sa.Engine) -> ZendeskDesk:
        """The desk for a section that `schema` loaded; nothing is asked of Zendesk yet."""
        return ZendeskDesk(Settings(**settings), StoredBindings(database, NAME))


plugin = ZendeskPlugin()
articles = ArticlesPlugin()
posts = PostsPlugin()
knowledge_source = GuideSourcePlugin()
knowledge_target = GuideTargetPlugin()
