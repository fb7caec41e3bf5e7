"""What articles refer to by id and people by name: permission groups, user segments, content tags, languages.

Sources: developer.zendesk.com, "Management Permission Groups", "User Segments", "Content Tags", "Translations".
"""

from collections.abc import Iterable, Mapping

from adapters.zendesk.client import Row
from adapters.zendesk.guide.api import HelpCenter, made
from adapters.zendesk.guide.articles import language_of
from deskside.errors import Permanent
from deskside.text import clean, identifier


class Catalogue:
    """The names of one help centre, read when first needed and again when one is not known."""

    def __init__(self, center: HelpCenter, account: HelpCenter) -> None:
        """Permission groups belong to the `account`: on a brand's host Zendesk would redirect."""
        self._center = center
        self._account = account
        self._groups: Mapping[str, str] = {}
        self._segments: Mapping[str, str] = {}
        self._tags: dict[str, str] = {}
        self._languages: tuple[str, ...] = ()

    def permission_group(self, named: str) -> int:
        """The id of the permission group with this id or name; of the first there is for "".

        Raises `Permanent` when there is none.
        """
        if named and (found := identifier(named)):
            return int(found)
        if not self._groups or (named and named not in self._groups):
            self._groups = _by_name(self._account.rows("guide/permission_groups.json", "permission_groups"))
        if not named and self._groups:
            return int(next(iter(self._groups.values())))
        if named not in self._groups:
            raise Permanent(f"Guide has no permission group {named!r}; there are: {_listed(self._groups)}")
        return int(self._groups[named])

    def segment(self, named: str) -> int | None:
        """The id of the user segment with this id or name; None for "", which is everybody.

        Raises `Permanent` when there is none: an article must not become public by a misspelt name.
        """
        if not named:
            return None
        if found := identifier(named):
            return int(found)
        if named not in self._segments:
            self._segments = _by_name(self._center.rows("help_center/user_segments.json", "user_segments"))
        if named not in self._segments:
            raise Permanent(f"Guide has no user segment {named!r}; there are: {_listed(self._segments)}")
        return int(self._segments[named])

    def known_segment(self, named: str) -> bool:
        """Whether Guide itself lists this segment."""
        self._segments = _by_name(self._center.rows("help_center/user_segments.json", "user_segments"))
        return named in self._segments or identifier(named) in self._segments.values()

    def content_tags(self, names: Iterable[str]) -> list[str]:
        """The ids of content tags; those that are missing are made."""
        return [self._tags.get(name) or self._tags.setdefault(name, self._content_tag(name)) for name in names]

    def languages(self) -> tuple[str, ...]:
        """The languages that are enabled, asked once."""
        self._languages = self._languages or self.enabled_languages()
        return self._languages

    def enabled_languages(self) -> tuple[str, ...]:
        """The languages that are enabled now. Raises `TargetRefuses` where there is no help centre."""
        answer = self._center.ask("GET", "help_center/locales.json")
        found = answer.get("locales")
        if not isinstance(found, list):
            raise Permanent("Zendesk's answer holds no 'locales'")
        return tuple(language_of(item) for item in found)

    def _content_tag(self, name: str) -> str:
        params = {"filter[name_prefix]": name}
        for row in self._center.rows("guide/content_tags", "records", size=30, **params):
            if clean(row.get("name")).casefold() == name.casefold() and row.get("id"):
                return str(row["id"])
        answer = self._center.ask("POST", "guide/content_tags", json={"content_tag": {"name": name}})
        return made(answer, "content_tag")[0]


def _by_name(rows: Iterable[Row]) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in rows:
        if row_id := identifier(row.get("id")):
            found.setdefault(clean(row.get("name")).strip(), row_id)
    return found


def _listed(names: Mapping[str, str]) -> str:
    return ", ".join(repr(name) for name in names) or "none"
