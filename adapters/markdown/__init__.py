"""Markdown: a folder, or a checkout of a git repository, in which a team writes its documents."""

from collections.abc import Mapping
from typing import Any

import marshmallow

from adapters.markdown.settings import MarkdownSchema
from adapters.markdown.source import MarkdownSource
from deskside.ports import Surface


class MarkdownPlugin:
    """Entry point `deskside.knowledge_sources: markdown`."""

    name = "markdown"
    schema: type[marshmallow.Schema] = MarkdownSchema

    def build(self, name: str, settings: Mapping[str, Any], surface: Surface) -> MarkdownSource:
        """The source; no file is opened yet."""
        return MarkdownSource(name, settings)


plugin = MarkdownPlugin()
