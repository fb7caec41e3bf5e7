"""The plug-in registry: built-in and foreign plug-ins are found the same way, by entry points."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any

from deskside.errors import ConfigurationError

GROUPS = {
    "deskside.desks": "DeskPlugin",
    "deskside.probes": "Probe",
    "deskside.factors": "Factor",
    "deskside.digest_sources": "DigestSourcePlugin",
    "deskside.channels": "ChannelPlugin",
    "deskside.knowledge_sources": "KnowledgeSourcePlugin",
    "deskside.knowledge_targets": "KnowledgeTargetPlugin",
}


@dataclass(frozen=True, slots=True)
class Plugin:
    """One plug-in: its group, its name, where it comes from, and the object itself."""

    group: str
    name: str
    distribution: str
    loaded: Any


def find(group: str) -> Sequence[Plugin]:
    """Every installed plug-in of a group, by name.

    Raises ConfigurationError naming the distribution when one cannot be imported, or when two claim one name.
    """
    found: dict[str, Plugin] = {}
    for entry in sorted(entry_points(group=group), key=lambda entry: entry.name):
        distribution = entry.dist.name if entry.dist else "?"
        if entry.name in found and found[entry.name].distribution != distribution:
            raise ConfigurationError(
                f"{group}: both {found[entry.name].distribution} and {distribution} bring a plug-in '{entry.name}'"
            )
        try:
            loaded = entry.load()
        except Exception as error:
            raise ConfigurationError(f"{group}: '{entry.name}' of {distribution} cannot be loaded: {error}") from error
        found[entry.name] = Plugin(group, entry.name, distribution, loaded)
    return tuple(found.values())
