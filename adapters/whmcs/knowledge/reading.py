"""The addon's rows made into Deskside's words."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from adapters.whmcs.languages import Languages
from deskside.errors import Permanent
from deskside.model.article import Article, ArticleText
from deskside.text import clean, identifier


def article(row: Mapping[str, Any], languages: Languages, url: Callable[[str], str], private: str) -> Article:
    """An article of the addon's answer; `private` is the segment of those that only clients may read.

    Raises `Permanent` for a row that is not whole: an article without texts would look like one that somebody emptied.
    """
    found, texts = identifier(row.get("id")), row.get("texts")
    if found is None or not texts:
        raise Permanent("the addon's answer holds an article without an id or without texts")
    read = [_text(text, languages) for text in texts]
    return Article(
        id=found,
        section=identifier(row.get("category")) or "",
        url=url(found),
        texts={text.language: text for text in reversed(read)},
        labels=tuple(clean(tag) for tag in row.get("tags") or ()),
        segment=private if row.get("private") else "",
        position=row.get("order"),
        public=bool(row.get("public")),
        marker=clean(row.get("marker")),
    )


def paths(categories: Sequence[Mapping[str, Any]]) -> dict[tuple[str, ...], str]:
    """The ids of categories by the names on the way to them; of two with the same path the one that comes first.

    One whose parent is missing, or that stands in a ring, is in no path.
    """
    rows = {category["id"]: category for category in categories}
    found: dict[tuple[str, ...], str] = {}
    for number in rows:
        names: list[str] = []
        at, seen = number, set()
        while at in rows and at not in seen:
            seen.add(at)
            names.append(clean(rows[at]["name"]))
            at = rows[at]["parent"]
        if at == 0:
            found.setdefault(tuple(reversed(names)), str(number))
    return found


def database(told: Mapping[str, Any]) -> str:
    """What the database takes, for a person."""
    most = told.get("article_bytes")
    said = [f"articles of {most:,} bytes" if most else "articles of any length"]
    if not told.get("four_byte_characters"):
        said.append(f"{clean(told.get('charset'))}, so texts with emoji are refused")
    if not told.get("transactions"):
        said.append("no transactions (not InnoDB), so a request that breaks off may be half done")
    return "; ".join(said)


def _text(row: Mapping[str, Any], languages: Languages) -> ArticleText:
    return ArticleText(
        language=clean(row.get("tag")) or languages.tag(clean(row.get("language"))),
        title=clean(row.get("title")),
        html=clean(row.get("html")),
        edited_at=clean(row.get("edited")),
        draft=bool(row.get("draft")),
    )
