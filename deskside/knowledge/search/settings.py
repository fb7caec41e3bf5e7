"""`[knowledge.search]`: what the search is told by the team."""

from pathlib import Path

from marshmallow import fields, validate

from deskside.errors import ConfigurationError
from deskside.knowledge.search import synonyms
from deskside.knowledge.search.synonyms import Synonyms
from deskside.settings import Settings
from deskside.settings.schema import SectionSchema

_WORD = fields.String(validate=validate.Length(1, 80))


class SearchSchema(SectionSchema):
    """`[knowledge.search]`"""

    synonyms = fields.List(fields.List(_WORD, validate=validate.Length(2, 50)), load_default=list)
    synonyms_file = fields.String(load_default="")


def read(settings: Settings) -> Synonyms:
    """The synonyms of the configuration and of the file it names. Raises ConfigurationError."""
    section = settings.raw.get("knowledge", {}).get("search", {})
    if not isinstance(section, dict):
        raise ConfigurationError("[knowledge] search must be a table: write [knowledge.search]")
    loaded = settings.subsection("knowledge.search", section, SearchSchema)
    ours = synonyms.read(loaded["synonyms"])
    if not loaded["synonyms_file"]:
        return ours
    path = Path(loaded["synonyms_file"])
    try:
        return synonyms.Synonyms(ours.groups + synonyms.parse(path.read_text("utf-8-sig")).groups)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"[knowledge.search] synonyms_file: cannot read {path}") from error
