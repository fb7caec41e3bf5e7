"""The options of one feed."""

from marshmallow import RAISE, Schema, ValidationError, fields, validates

from deskside.errors import Permanent
from deskside.fetching import checked


class FeedSchema(Schema):
    """`url` is where the feed is, as a stranger's browser would open it."""

    class Meta:
        unknown = RAISE

    url = fields.String(required=True)

    @validates("url")
    def _url(self, value: str, data_key: str) -> None:
        try:
            checked(value)
        except Permanent as error:
            raise ValidationError(str(error)) from None
