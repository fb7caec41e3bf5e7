"""Categories and sections by the names on the way to them.

An article of Guide stands in a section, a section in a category, and on Enterprise plans in another section.
Sources: developer.zendesk.com, "Sections", "Categories".
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from adapters.zendesk.client import Row
from adapters.zendesk.guide.api import HelpCenter, NotAllowed, made
from adapters.zendesk.guide.articles import language_of
from deskside.errors import Permanent
from deskside.text import clean, identifier

# Five levels of sections, in a category.
DEEPEST = 6

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """`categories` and `sections`: ids by path. Of two with the same path the older one is found."""

    categories: Mapping[Path, str]
    sections: Mapping[Path, str]

    def paths(self) -> dict[str, Path]:
        """The way to each section, by its id."""
        return {section: path for path, section in self.sections.items()}


def read_tree(center: HelpCenter) -> Tree:
    """All categories and sections, by two listings."""
    names = {}
    for row in _oldest_first(center.rows("help_center/categories.json", "categories")):
        names[str(row["id"])] = _name(row)
    rows = {str(row["id"]): row for row in _oldest_first(center.rows("help_center/sections.json", "sections"))}
    sections: dict[Path, str] = {}
    for section_id in rows:
        path = _path(section_id, rows, names)
        if path is not None:
            sections.setdefault(path, section_id)
    categories: dict[Path, str] = {}
    for category_id, name in names.items():
        categories.setdefault((name,), category_id)
    return Tree(categories, sections)


def create_section(center: HelpCenter, path: Path, language: str) -> str:
    """The id of the section at `path`, after making what is missing on the way.

    What is there is read first, so that it may be called again after an unknown outcome.
    """
    wanted = tuple(_plain(name) for name in path)
    if len(wanted) < 2 or not all(wanted):
        raise Permanent(f"{' / '.join(path)!r}: an article of Guide stands in a section of a category: name both")
    if len(wanted) > DEEPEST:
        raise Permanent(f"{' / '.join(path)!r}: Guide has five levels of sections in a category, and no more")
    tree = read_tree(center)
    if wanted in tree.sections:
        return tree.sections[wanted]
    category = tree.categories.get(wanted[:1]) or _create_category(center, wanted[0], language)
    parent: str | None = None
    for depth in range(2, len(wanted) + 1):
        known = tree.sections.get(wanted[:depth])
        parent = known or _create_section(center, category, parent, wanted[depth - 1], language)
    if parent is None:
        raise Permanent("no section was made")
    return parent


def _create_category(center: HelpCenter, name: str, language: str) -> str:
    payload = {"category": {"name": name, "locale": language_of(language)}, "notify_subscribers": False}
    return made(center.ask("POST", "help_center/categories.json", json=payload), "category")[0]


def _create_section(center: HelpCenter, category: str, parent: str | None, name: str, language: str) -> str:
    section: Row = {"name": name, "locale": language_of(language)}
    if parent is not None:
        section["parent_section_id"] = int(parent)
    payload = {"section": section, "notify_subscribers": False}
    try:
        answer = center.ask("POST", f"help_center/categories/{category}/sections.json", json=payload)
    except NotAllowed as error:
        if parent is None:
            raise
        raise Permanent(f"{name!r}: only Enterprise plans have sections in sections ({error})") from None
    return made(answer, "section")[0]


def _oldest_first(rows: Iterable[Row]) -> list[Row]:
    found = [row for row in rows if identifier(row.get("id"))]
    return sorted(found, key=lambda row: int(row["id"]))


def _path(section_id: str, rows: Mapping[str, Row], categories: Mapping[str, str]) -> Path | None:
    """None for a section whose category or parent is not shown to us, or that is its own ancestor."""
    names: list[str] = []
    at: str | None = section_id
    while at is not None:
        row = rows.get(at)
        if row is None or len(names) > DEEPEST:
            return None
        names.append(_name(row))
        parent = identifier(row.get("parent_section_id"))
        if parent is None:
            category = categories.get(str(row.get("category_id")))
            return None if category is None else (category, *reversed(names))
        at = parent
    return None


def _name(row: Row) -> str:
    return _plain(clean(row.get("name")))


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", " ".join(name.split()))
