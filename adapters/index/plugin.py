"""The section `[knowledge.targets.NAME]` of kind `index`, and the target made of it."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema

from adapters.index.target import IndexTarget
from deskside.ports import Surface
from deskside.settings.schema import SectionSchema


class Options(SectionSchema):
    """`[knowledge.targets.NAME]` with `kind = "index"`: there is nothing to say."""


class IndexPlugin:
    """Entry point `deskside.knowledge_targets: index`."""

    name = "index"
    schema: type[Schema] = Options

    def build(self, name: str, settings: Mapping[str, Any], surface: Surface) -> IndexTarget:
        """The target called `name`."""
        return IndexTarget(name, surface.database, surface.base_url)
