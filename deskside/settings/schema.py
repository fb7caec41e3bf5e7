"""What every section's schema is made of."""

from typing import Any

from marshmallow import RAISE, Schema, fields


class Several(fields.List[Any]):
    """A list; from the environment one text with commas."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        return super()._deserialize(parts(value) if isinstance(value, str) else value, attr, data, **kwargs)


class Whole(fields.Integer):
    """A whole number, or text that is one: 1.5 is refused, not cut."""

    def _validated(self, value: Any) -> int:
        if isinstance(value, float) and not value.is_integer():
            raise self.make_error("invalid", input=value)
        return int(super()._validated(value))


class SectionSchema(Schema):
    """Base of every section: an unknown key is an error, because it is most likely a misspelt one."""

    class Meta:
        unknown = RAISE


def parts(value: Any) -> list[Any]:
    """The items of a list, or of a text with commas."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return list(value)
