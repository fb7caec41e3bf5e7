"""From `[knowledge]` to the sources and targets there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.knowledge.settings import KnowledgeSchema, KnowledgeSettings
from deskside.errors import ConfigurationError
from deskside.plugins import Plugin, find
from deskside.ports import KnowledgeSource, KnowledgeTarget, Surface
from deskside.settings import Settings


@dataclass(frozen=True, slots=True)
class Publishing:
    """What the knowledge base is made of here."""

    settings: KnowledgeSettings
    sources: Mapping[str, KnowledgeSource]
    targets: Mapping[str, KnowledgeTarget]


def build(settings: Settings, surface: Surface) -> Publishing | None:
    """The parts that `[knowledge]` names; None without a source and a target. Raises ConfigurationError."""
    knowledge: KnowledgeSettings = settings.section("knowledge", KnowledgeSchema)
    if not knowledge.sources and not knowledge.targets:
        return None
    sources = _all(settings, surface, "sources", knowledge.sources, find("deskside.knowledge_sources"))
    targets = _all(settings, surface, "targets", knowledge.targets, find("deskside.knowledge_targets"))
    return Publishing(knowledge, sources, targets)


def _all(
    settings: Settings, surface: Surface, what: str, tables: Mapping[str, Mapping[str, Any]], plugins: Sequence[Plugin]
) -> dict[str, Any]:
    kinds = {plugin.name: plugin.loaded for plugin in plugins}
    made = {}
    for name, table in sorted(tables.items()):
        section = f"knowledge.{what}.{name}"
        kind = table.get("kind")
        if kind not in kinds:
            found = f"(found {kind!r})" if kind else "is missing"
            there = ", ".join(sorted(kinds)) or "none"
            raise ConfigurationError(f"[{section}] kind {found}: must be one of the kinds there are: {there}")
        rest = {key: value for key, value in table.items() if key != "kind"}
        plugin = kinds[kind]
        made[name] = plugin.build(name, settings.subsection(section, rest, plugin.schema), surface)
    return made
