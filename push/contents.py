"""Messages as JSON: how the store and the API have them, checked on the way in."""

from typing import Any

from marshmallow import fields, post_load, validate

from deskside.settings import SectionSchema
from push.model import Button, Content


class _ButtonSchema(SectionSchema):
    title = fields.String(required=True, validate=validate.Length(1, 40))
    url = fields.String(required=True, validate=validate.Length(1, 2000))

    @post_load
    def _button(self, data: dict[str, str], **_: Any) -> Button:
        return Button(**data)


class ContentSchema(SectionSchema):
    """`push.model.Content`"""

    title = fields.String(required=True, validate=validate.Length(1, 200))
    body = fields.String(load_default="", validate=validate.Length(max=500))
    url = fields.String(required=True, validate=validate.Length(1, 2000))
    icon = fields.String(load_default="", validate=validate.Length(max=2000))
    image = fields.String(load_default="", validate=validate.Length(max=2000))
    badge = fields.String(load_default="", validate=validate.Length(max=2000))
    buttons = fields.List(fields.Nested(_ButtonSchema), load_default=list, validate=validate.Length(max=2))

    @post_load
    def _content(self, data: dict[str, Any], **_: Any) -> Content:
        return Content(**{**data, "buttons": tuple(data["buttons"])})
