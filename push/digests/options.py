"""What ops say of one source: where what it brings belongs, and how soon that is old."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

NEWS_DAYS, KNOWLEDGE_DAYS = 3.0, 14.0


@dataclass(frozen=True, slots=True)
class Options:
    """`topic` is what its candidates belong to (None: everybody), `topics` the same by section, which goes first.

    `language` is that of entries that do not say theirs. A candidate loses half of its freshness in `half_life_days`.
    `own` are the options of its kind, as entered.
    """

    topic: str | None = None
    topics: Mapping[str, str] = field(default_factory=dict)
    language: str = ""
    half_life_days: float = NEWS_DAYS
    own: Mapping[str, Any] = field(default_factory=dict)

    def topic_of(self, section: str) -> str | None:
        """What a candidate of this section belongs to."""
        return self.topics.get(section.casefold(), self.topic)


class OptionsSchema(Schema):
    """The options every source has; `own` is checked by its kind."""

    class Meta:
        unknown = RAISE

    topic = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 40))
    topics = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 120)),
        values=fields.String(validate=validate.Length(1, 40)),
        load_default=dict,
    )
    language = fields.String(load_default="", validate=validate.Length(max=16))
    half_life_days = fields.Float(load_default=NEWS_DAYS, validate=validate.Range(0.1, 365))
    own = fields.Dict(keys=fields.String(), load_default=dict)


def read(stored: Mapping[str, Any]) -> Options:
    """Options as they were stored by `check`."""
    found = dict(OptionsSchema().load(stored))
    found["topics"] = {section.casefold(): topic for section, topic in found["topics"].items()}
    return Options(**found)


def check(entered: Mapping[str, Any], own: type[Schema]) -> dict[str, Any]:
    """What may be stored of options that were entered. Raises ValidationError naming the key."""
    checked: dict[str, Any] = OptionsSchema().load(entered)
    try:
        own().load(checked["own"])
    except ValidationError as error:
        raise ValidationError({"own": error.messages}) from None
    return {**checked, "language": checked["language"].lower()}
