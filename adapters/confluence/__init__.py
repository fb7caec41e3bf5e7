"""Confluence, in the Cloud and as Data Center: pages of chosen spaces as documents."""

from collections.abc import Mapping
from typing import Any

import marshmallow

from adapters.confluence.settings import ConfluenceSchema, Settings
from adapters.confluence.source import ConfluenceSource
from deskside.fetching import Fetcher
from deskside.ports import Surface


class ConfluencePlugin:
    """Entry point `deskside.knowledge_sources: confluence`."""

    name = "confluence"
    schema: type[marshmallow.Schema] = ConfluenceSchema

    def build(self, name: str, settings: Mapping[str, Any], surface: Surface) -> ConfluenceSource:
        """The source; nothing is asked of Confluence yet."""
        return ConfluenceSource(name, Settings(**settings), Fetcher(surface.guard))


plugin = ConfluencePlugin()
