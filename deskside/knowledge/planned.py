"""The document of a stored plan, read for the screens: what it says is told, what is missing in it is left out.

A plan may have been made by another version of the program, so nothing in it is relied on.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from functools import cached_property
from typing import Any

# In the order in which people want to read them.
KINDS = (
    "conflict",
    "drift",
    "held",
    "refused",
    "removed",
    "archive",
    "unpublish",
    "restore",
    "create",
    "update",
    "file",
    "outdated",
    "unrouted",
)
# What applying a plan does without asking anybody.
APPLIED = frozenset({"create", "update", "file", "outdated", "restore", "unpublish", "archive"})
ASKING = frozenset({"drift", "conflict"})
# A document that stands nowhere.
UNROUTED = "unrouted"


@dataclass(frozen=True, slots=True)
class Planned:
    """One action of a plan, in the words of the plan's file (`adapters.knowledge.actions.Action`)."""

    kind: str
    target: str
    source: str = ""
    document: str = ""
    language: str = ""
    title: str = ""
    section: tuple[str, ...] = ()
    reason: str = ""
    would: str = ""
    article_id: str = ""
    binding: int | None = None
    source_hash: str = ""
    seen: str = ""
    numbered: bool = False
    size: int = 0
    size_limit: int | None = None
    warnings: tuple[str, ...] = ()
    diff: str = ""
    source_diff: str = ""
    target_diff: str = ""
    target_title: str = ""
    target_html: str = ""
    id: str = ""

    @property
    def leaves(self) -> bool:
        """Whether a conflict is about an article that should leave its readers: no document says what it should be."""
        return self.kind == "conflict" and not self.source_hash


_DEFAULTS = {each.name: each.default for each in fields(Planned) if each.default is not MISSING}
_NUMBERS = ("binding", "size_limit")


@dataclass(frozen=True, slots=True)
class Told:
    """What a plan says of a source or a target: what it is called, why it could not be looked at, what it was asked.

    `unreadable` are the documents of a source that could not be read, with the reason.
    """

    title: str = ""
    error: str = ""
    articles: int = 0
    requests: int = 0
    unreadable: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PlanDocument:
    """The actions of a plan, those that need a person first. `readable` is false where the file could not be read."""

    actions: tuple[Planned, ...] = ()
    sources: Mapping[str, Told] = field(default_factory=dict)
    targets: Mapping[str, Told] = field(default_factory=dict)
    readable: bool = True

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many actions there are of each kind, in the order of KINDS."""
        found = Counter(action.kind for action in self.actions)
        return {kind: found[kind] for kind in sorted(found, key=_place)}

    @cached_property
    def numbered(self) -> Mapping[str, int]:
        """For each target how many articles may leave it once somebody says this number."""
        return dict(Counter(action.target for action in self.actions if action.numbered))

    def of_kind(self, *kinds: str) -> Sequence[Planned]:
        """The actions of these kinds."""
        return [action for action in self.actions if action.kind in kinds]

    @cached_property
    def unrouted(self) -> frozenset[tuple[str, str]]:
        """The documents that no route names, by source and id."""
        return frozenset((action.source, action.document) for action in self.of_kind(UNROUTED))

    def of_document(self, source: str, document: str) -> Sequence[Planned]:
        """Everything that the plan says of a document."""
        return [action for action in self.actions if (action.source, action.document) == (source, document)]

    def about(self, binding: int) -> Planned | None:
        """The drift or conflict of this binding."""
        return next((action for action in self.of_kind(*ASKING) if action.binding == binding), None)


@dataclass(frozen=True, slots=True)
class Came:
    """What came of an action: done, skipped, failed or left, and why."""

    state: str
    reason: str = ""


def came_of(document: PlanDocument, outcome: object) -> Mapping[str, Came]:
    """What came of the actions of a plan by their ids, as far as its outcome (`kb_plan.outcome`) tells.

    The outcome names only what was not done. The others are done if so many were: else only some were chosen.
    """
    told = outcome if isinstance(outcome, dict) else {}
    problems = told.get("problems")
    found = {
        str(name): Came(str(one.get("state", "")), str(one.get("reason", "")))
        for name, one in (problems.items() if isinstance(problems, dict) else ())
        if isinstance(one, dict)
    }
    rest = [action.id for action in document.of_kind(*APPLIED) if action.id not in found]
    if rest and told.get("done") == len(rest):
        found |= dict.fromkeys(rest, Came("done"))
    return found


def rest(document: PlanDocument, came: Mapping[str, Came]) -> list[Planned]:
    """The actions that need nobody's word and are not done."""
    return [action for action in document.of_kind(*APPLIED) if action.id not in came or came[action.id].state != "done"]


def read(document: str) -> PlanDocument:
    """What the document of a plan says, whatever it is."""
    try:
        found = json.loads(document)
    except ValueError:
        return PlanDocument(readable=False)
    listed = found.get("actions") if isinstance(found, dict) else None
    if not isinstance(listed, list):
        return PlanDocument(readable=False)
    actions = [_planned(values) for values in listed if isinstance(values, dict)]
    return PlanDocument(
        tuple(sorted(actions, key=lambda action: _place(action.kind))),
        _told(found.get("sources")),
        _told(found.get("targets")),
    )


def _planned(values: Mapping[str, Any]) -> Planned:
    """An action of those values that are what they should be."""
    kept: dict[str, Any] = {"kind": str(values.get("kind", "")), "target": str(values.get("target", ""))}
    for name, default in _DEFAULTS.items():
        value = values.get(name)
        if isinstance(default, tuple):
            if isinstance(value, list):
                kept[name] = tuple(item for item in value if isinstance(item, str))
        elif isinstance(value, type(default)) or (name in _NUMBERS and isinstance(value, int)):
            kept[name] = value
    return Planned(**kept)


def _told(values: object) -> dict[str, Told]:
    if not isinstance(values, dict):
        return {}
    return {name: _one_told(found) for name, found in values.items() if isinstance(found, dict)}


def _one_told(values: Mapping[str, Any]) -> Told:
    title, error = values.get("title"), values.get("error")
    articles, requests, unreadable = values.get("articles"), values.get("requests"), values.get("unreadable")
    return Told(
        title if isinstance(title, str) else "",
        error if isinstance(error, str) else "",
        articles if isinstance(articles, int) else 0,
        requests if isinstance(requests, int) else 0,
        {name: str(why) for name, why in unreadable.items()} if isinstance(unreadable, dict) else {},
    )


def _place(kind: str) -> int:
    return KINDS.index(kind) if kind in KINDS else len(KINDS)
