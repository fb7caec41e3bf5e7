"""WHMCS: everything of Deskside that knows about it. `docs/whmcs.md` tells an admin what to do."""

from collections.abc import Mapping
from typing import Any

import marshmallow
import sqlalchemy as sa

from adapters.whmcs.announcing import AnnouncementsPlugin
from adapters.whmcs.desk import NAME, WhmcsDesk
from adapters.whmcs.knowledge import KnowledgePlugin
from adapters.whmcs.settings import Settings, WhmcsSchema
from deskside.store.bindings import StoredBindings
from deskside.store.database import reading
from deskside.store.tickets import unfinished


class WhmcsPlugin:
    """Entry point `deskside.desks: whmcs`."""

    name = NAME
    schema: type[marshmallow.Schema] = WhmcsSchema

    def build(self, settings: Mapping[str, Any], database: sa.Engine) -> WhmcsDesk:
        """The desk for a section that `schema` loaded; nothing is asked of WHMCS yet."""

        def known() -> frozenset[str]:
            with reading(database) as connection:
                return unfinished(connection, NAME)

        return WhmcsDesk(Settings(**settings), StoredBindings(database, NAME), known)


plugin = WhmcsPlugin()
announcements = AnnouncementsPlugin()
knowledge_target = KnowledgePlugin()
