"""A section `[knowledge.sources.NAME]` of kind `markdown`."""

import re

from marshmallow import fields, validate

from deskside.settings.schema import SectionSchema, Several

LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
_LANGUAGE = validate.Regexp(
    re.compile(rf"{LANGUAGE.pattern}\Z"), error="A language tag in small letters, such as en-us."
)


class MarkdownSchema(SectionSchema):
    """`languages` are those a file name may end in (`page.ru.md`), besides `language`, which is that of all others.

    `ignore` are globs on paths, for what is no article. `url` is where people see a file, with `{path}` in it.
    """

    folder = fields.String(required=True, validate=validate.Length(min=1))
    git = fields.Boolean(load_default=False)
    language = fields.String(load_default="en-us", validate=_LANGUAGE)
    languages = Several(fields.String(validate=_LANGUAGE), load_default=[])
    ignore = Several(fields.String(validate=validate.Length(min=1)), load_default=[])
    url = fields.String(load_default="", validate=validate.Regexp(r"(https?://.*\{path\}.*)?\Z"))
