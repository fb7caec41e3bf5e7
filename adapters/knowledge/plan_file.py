"""A plan as a document: JSON, complete, in a stable order; what is strange or newer is refused on the way in."""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import marshmallow as ma
from marshmallow import validate

from adapters.knowledge import actions
from adapters.knowledge.actions import Action
from adapters.knowledge.planning import counts
from deskside.errors import Malformed

VERSION = 1
MOST_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class SourceState:
    """How reading a source went. `unreadable` are documents that could not be read, with the reason."""

    title: str
    state: str
    error: str = ""
    documents: int = 0
    full_at: datetime | None = None
    unreadable: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TargetState:
    """How looking at a target went: good or failed. `leaving` articles would leave it, `most` may at once."""

    title: str
    state: str
    error: str = ""
    articles: int = 0
    leaving: int = 0
    most: int = 0
    requests: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """What should change, and how its makers were at the time."""

    made_at: datetime
    sources: Mapping[str, SourceState]
    targets: Mapping[str, TargetState]
    actions: tuple[Action, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many actions there are of each kind."""
        return counts(list(self.actions))

    @property
    def failed(self) -> bool:
        """Whether a source or a target could not be looked at."""
        return "failed" in {state.state for state in self.sources.values()} | {
            state.state for state in self.targets.values()
        }

    @property
    def changes(self) -> bool:
        """Whether there is anything to apply or to decide."""
        return any(action.kind in actions.APPLIED | actions.ASKING for action in self.actions)


def ordered(found: list[Action]) -> tuple[Action, ...]:
    """Actions in the order of every plan: by target, kind, section and title."""
    rank = {kind: number for number, kind in enumerate(actions.KINDS)}
    return tuple(sorted(found, key=lambda item: (item.target, rank[item.kind], item.section, item.title, item.id)))


class _Strict(ma.Schema):
    class Meta:
        unknown = ma.RAISE


class _ActionSchema(_Strict):
    id = ma.fields.String(required=True)
    kind = ma.fields.String(required=True, validate=validate.OneOf(actions.KINDS))
    would = ma.fields.String(validate=validate.OneOf(["", *actions.KINDS]))
    target = ma.fields.String(required=True)
    source = ma.fields.String(required=True)
    document = ma.fields.String(required=True)
    language = ma.fields.String()
    title = ma.fields.String()
    section = ma.fields.List(ma.fields.String())
    reason = ma.fields.String()
    article_id = ma.fields.String()
    binding = ma.fields.Integer(allow_none=True, strict=True)
    content_hash = ma.fields.String()
    source_hash = ma.fields.String()
    base_hash = ma.fields.String()
    target_hash = ma.fields.String()
    filed_hash = ma.fields.String()
    seen = ma.fields.String()
    numbered = ma.fields.Boolean()
    outdated = ma.fields.Boolean()
    moved_to = ma.fields.String()
    heir = ma.fields.String()
    size = ma.fields.Integer(strict=True)
    size_limit = ma.fields.Integer(allow_none=True, strict=True)
    warnings = ma.fields.List(ma.fields.String())
    diff = ma.fields.String()
    source_diff = ma.fields.String()
    target_diff = ma.fields.String()
    target_title = ma.fields.String()
    target_html = ma.fields.String()

    @ma.post_load
    def _action(self, data: dict[str, Any], **_: Any) -> Action:
        given = data.pop("id")
        for name in ("section", "warnings"):
            data[name] = tuple(data.get(name, ()))
        action = Action(**data)
        if action.id != given:
            raise ma.ValidationError(f"is {given!r}, and should be {action.id!r}", "id")
        return action


class _SourceSchema(_Strict):
    title = ma.fields.String(required=True)
    state = ma.fields.String(required=True)
    error = ma.fields.String()
    documents = ma.fields.Integer()
    full_at = ma.fields.AwareDateTime(allow_none=True)
    unreadable = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String())

    @ma.post_load
    def _state(self, data: dict[str, Any], **_: Any) -> SourceState:
        return SourceState(**data)


class _TargetSchema(_Strict):
    title = ma.fields.String(required=True)
    state = ma.fields.String(required=True)
    error = ma.fields.String()
    articles = ma.fields.Integer()
    leaving = ma.fields.Integer()
    most = ma.fields.Integer()
    requests = ma.fields.Integer()

    @ma.post_load
    def _state(self, data: dict[str, Any], **_: Any) -> TargetState:
        return TargetState(**data)


class _PlanSchema(_Strict):
    version = ma.fields.Integer(required=True, strict=True)
    made_at = ma.fields.AwareDateTime(required=True)
    counts = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    sources = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Nested(_SourceSchema), required=True)
    targets = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Nested(_TargetSchema), required=True)
    actions = ma.fields.List(ma.fields.Nested(_ActionSchema), required=True)

    @ma.post_load
    def _plan(self, data: dict[str, Any], **_: Any) -> Plan:
        ids = [action.id for action in data["actions"]]
        if len(set(ids)) < len(ids):
            raise ma.ValidationError("two of them have the same id", "actions")
        return Plan(data["made_at"], data["sources"], data["targets"], tuple(data["actions"]))


def dump(plan: Plan) -> str:
    """The plan as text."""
    document = {
        "version": VERSION,
        "made_at": plan.made_at,
        "counts": plan.counts,
        "sources": {name: asdict(state) for name, state in sorted(plan.sources.items())},
        "targets": {name: asdict(state) for name, state in sorted(plan.targets.items())},
        "actions": [_plain(action) for action in plan.actions],
    }
    return json.dumps(document, indent=1, ensure_ascii=False, default=lambda value: value.isoformat()) + "\n"


def load(text: str) -> Plan:
    """The plan of a text. Raises Malformed naming what is strange in it."""
    try:
        document = json.loads(text)
    except ValueError as error:
        raise Malformed(f"the plan is not JSON: {error}") from None
    if not isinstance(document, Mapping) or not isinstance(document.get("version"), int):
        raise Malformed("this is no plan: it has no version")
    if document["version"] != VERSION:
        raise Malformed(f"the plan has version {document['version']}, and this Deskside reads version {VERSION}")
    try:
        plan: Plan = _PlanSchema().load(document)
    except ma.ValidationError as error:
        raise Malformed(f"the plan cannot be used: {_first(error.messages_dict)}") from None
    return plan


def write(plan: Plan, path: Path) -> None:
    """Write a plan into a file: a whole one, or none."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.absolute().parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(dump(plan))
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink()
        raise


def read(path: Path) -> Plan:
    """The plan of a file. Raises Malformed."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise Malformed(f"{path} is too large for a plan")
        return load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Malformed(f"cannot read the plan {path}: {error}") from None


def _plain(action: Action) -> dict[str, Any]:
    """An action without what it leaves empty."""
    values: dict[str, Any] = {"id": action.id}
    for item in fields(action):
        value = getattr(action, item.name)
        if value not in ("", (), None, False, 0) or item.name in {"kind", "target", "source", "document"}:
            values[item.name] = list(value) if isinstance(value, tuple) else value
    return values


def _first(messages: Any) -> str:
    """The first of nested messages, with the way to it."""
    way = []
    while isinstance(messages, Mapping):
        key, messages = next(iter(messages.items()))
        way.append(str(key))
    said = messages[0] if isinstance(messages, list) else messages
    return f"{'.'.join(way)}: {said}"
