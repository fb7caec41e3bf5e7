"""What a chain is: its steps, how far apart, and what ends it early. A definition is checked once and never changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from deskside.errors import Malformed
from deskside.settings.schema import SectionSchema
from push.contents import check_content, is_language, read_content
from push.model import Content, Urgency, Variant, Window
from push.settings import read_window

END = ""
# What can end a chain for one person before its last step.
CLICKED, TOPIC_LEFT, TICKET_OPENED = "clicked", "topic_left", "ticket_opened"
EXITS = (CLICKED, TOPIC_LEFT, TICKET_OPENED)
MOST_STEPS = 20


@dataclass(frozen=True, slots=True)
class Delay:
    """How long after the step before. Minutes and hours are absolute; days keep the time of the local day."""

    minutes: int = 0
    hours: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One message of a chain.

    `window` is when it may come, in the person's own time; None is the portal's. Later than `late_minutes` after it
    was due it is of no use. `following` is the key of the next step, `clicked` that of the next one for somebody who
    clicked this one; `END` is none.
    """

    key: str
    after: Delay
    variant: Variant
    late_minutes: int
    window: Window | None = None
    urgency: Urgency = Urgency.NORMAL
    following: str = END
    clicked: str | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """The steps by their keys, in order, and what ends the chain early."""

    steps: Mapping[str, Step]
    exits: frozenset[str] = frozenset()

    @property
    def first(self) -> Step:
        """Where everybody begins."""
        return next(iter(self.steps.values()))

    def next_after(self, key: str, *, clicked: bool) -> Step | None:
        """The step after this one; None at the end, and where the step no longer exists."""
        step = self.steps.get(key)
        if step is None:
            return None
        following = step.clicked if clicked and step.clicked is not None else step.following
        return self.steps.get(following)


def read(definition: Mapping[str, Any]) -> Definition:
    """A definition from its JSON. Raises marshmallow's ValidationError naming each fault by its step."""
    found: Definition = _SCHEMA.load(definition)
    return found


class _DelaySchema(SectionSchema):
    minutes = fields.Integer(strict=True, load_default=0, validate=validate.Range(0, 60 * 24))
    hours = fields.Integer(strict=True, load_default=0, validate=validate.Range(0, 24 * 30))
    days = fields.Integer(strict=True, load_default=0, validate=validate.Range(0, 366))

    @post_load
    def _delay(self, data: dict[str, int], **_: Any) -> Delay:
        return Delay(**data)


class _Contents(fields.Field[dict[str, Content]]):
    """A message by language."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Content]:
        if not isinstance(value, dict) or not value:
            raise ValidationError("there is no text in any language")
        try:
            found = {str(language): read_content(content) for language, content in value.items()}
        except (KeyError, TypeError, AttributeError) as error:
            raise ValidationError(f"this is no message: {error}") from None
        for language, content in found.items():
            if not is_language(language):
                raise ValidationError(f"{language} is no language tag such as en or pt-BR")
            try:
                check_content(content, language)
            except Malformed as error:
                raise ValidationError(str(error)) from None
        return found


class _StepSchema(SectionSchema):
    key = fields.String(required=True, validate=validate.Regexp(r"[a-z0-9][a-z0-9-]{0,39}\Z"))
    after = fields.Nested(_DelaySchema, required=True)
    window = fields.String(load_default="")
    days = fields.List(fields.Integer(strict=True, validate=validate.Range(0, 6)), load_default=None)
    late_minutes = fields.Integer(strict=True, load_default=360, validate=validate.Range(1, 60 * 24 * 30))
    urgency = fields.Enum(Urgency, by_value=True, load_default=Urgency.NORMAL)
    contents = _Contents(required=True)
    following = fields.String(load_default=None, allow_none=True)
    clicked = fields.String(load_default=None, allow_none=True)

    @post_load
    def _step(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        text, days = data.pop("window"), data.pop("days")
        window = read_window(text) if text else None
        if window is not None and days:
            window = Window(window.start, window.end, frozenset(days))
        variant = Variant(data["key"], data.pop("contents"))
        return {**data, "window": window, "variant": variant}


class _DefinitionSchema(SectionSchema):
    steps = fields.List(fields.Nested(_StepSchema), required=True, validate=validate.Length(1, MOST_STEPS))
    exits = fields.List(fields.String(validate=validate.OneOf(EXITS)), load_default=list)

    @validates_schema
    def _ways(self, data: dict[str, Any], **_: Any) -> None:
        steps = data["steps"]
        keys = [step["key"] for step in steps]
        for number, step in enumerate(steps):
            if step["key"] in keys[:number]:
                raise ValidationError(f"there are two steps '{step['key']}'", "steps")
            for name in ("following", "clicked"):
                wanted = step[name]
                # Only forward: nobody goes round in a chain.
                if wanted and wanted not in keys[number + 1 :]:
                    raise ValidationError(f"'{step['key']}': after it there is no step '{wanted}'", "steps")

    @post_load
    def _definition(self, data: dict[str, Any], **_: Any) -> Definition:
        steps = data["steps"]
        after = [step["key"] for step in steps[1:]] + [END]
        made = [
            Step(**{**step, "following": follows if step["following"] is None else step["following"]})
            for step, follows in zip(steps, after, strict=True)
        ]
        return Definition({step.key: step for step in made}, frozenset(data["exits"]))


_SCHEMA = _DefinitionSchema()
