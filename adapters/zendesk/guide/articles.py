"""Rows of articles made into Deskside's words, and the two places a marker can stand in.

A marker is a label where the plan has labels, else an empty link in the body that no reader sees.
Sources: developer.zendesk.com, "Articles", "Translations".
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from adapters.zendesk.client import Row
from deskside.errors import Permanent
from deskside.model.article import Article, ArticleText
from deskside.text import clean, identifier

MARKER_LABEL = "deskside-"
_MARKER = re.compile(r"[A-Za-z0-9._-]{1,64}")
_EMPTY = r"(?:\s|&nbsp;|\u00a0)*"
_LINK = rf"""<a\b[^>]*\bdata-deskside=["']([A-Za-z0-9._-]{{1,64}})["'][^>]*>{_EMPTY}</a>"""
# Guide may have put it into a paragraph of its own.
_STAMP = re.compile(rf"\s*(?:<p[^>]*>{_EMPTY}{_LINK}{_EMPTY}</p>|{_LINK})", re.I)
# The API flattens content blocks to text and shows no sign of them (developer.zendesk.com, "Help Center API limitations
# with content blocks"); what an editor or a theme may leave of one is looked for all the same.
_BLOCK = re.compile(r"""<[^>]*\b(?:data-content-block|content-block|contentblock)\b[^>]*>""", re.I)


def label_of(marker: str) -> str:
    """The label that carries a marker. Raises `Permanent` for a marker that no label can carry."""
    if not _MARKER.fullmatch(marker):
        raise Permanent("a marker may have letters, digits, '.', '_' and '-', and 64 of them at most")
    return MARKER_LABEL + marker


def marker_of(labels: Sequence[str]) -> str:
    """The marker among labels, empty when there is none."""
    found = (label.removeprefix(MARKER_LABEL) for label in labels if label.startswith(MARKER_LABEL))
    return next((marker for marker in found if _MARKER.fullmatch(marker)), "")


def stamped(html: str, marker: str) -> str:
    """A body that carries its marker."""
    label_of(marker)
    return f'{html}<a data-deskside="{marker}"></a>'


def unstamped(html: str) -> tuple[str, str]:
    """A body without its marker, and the marker; empty when there is none."""
    found = _STAMP.search(html)
    return (_STAMP.sub("", html), found[1] or found[2]) if found else (html, "")


def read_article(row: Row, hands_off: str = "") -> Article:
    """The article of a row that was asked for with its translations.

    `hands_off` is the label by which people keep programs away. Raises `Permanent` for a row that is not whole: an
    article without its texts would look like one that somebody emptied.
    """
    article_id, section = identifier(row.get("id")), identifier(row.get("section_id"))
    if article_id is None or section is None:
        raise Permanent("Zendesk's answer holds an article without an id or a section")
    labels = read_labels(row)
    texts: dict[str, ArticleText] = {}
    stamp = ""
    for translation in read_translations(row):
        text, found = _read_text(translation)
        texts[text.language] = text
        stamp = stamp or found
    segment = segment_of(row)
    return Article(
        id=article_id,
        section=section,
        url=clean(row.get("html_url")),
        texts=texts,
        labels=tuple(label for label in labels if not label.startswith(MARKER_LABEL)),
        segment=segment,
        position=row["position"] if isinstance(row.get("position"), int) else None,
        public=not segment,
        marker=marker_of(labels) or stamp,
        locked=_locked(labels, texts.values(), hands_off),
    )


def read_labels(row: Mapping[str, Any]) -> tuple[str, ...]:
    """An article's labels, in their order."""
    return tuple(clean(label) for label in row.get("label_names") or () if isinstance(label, str))


def read_translations(row: Mapping[str, Any]) -> list[Row]:
    """The rows of an article's texts. Raises `Permanent` when they are not there."""
    rows = row.get("translations")
    if not isinstance(rows, list) or not rows or not all(isinstance(item, dict) for item in rows):
        raise Permanent(f"Zendesk's answer holds article {row.get('id')} without its translations")
    return rows


def segment_of(row: Mapping[str, Any]) -> str:
    """Who may read an article: the ids of its user segments, with commas; empty is everybody."""
    several = row.get("user_segment_ids")
    ids = [identifier(item) for item in several] if isinstance(several, list) else []
    ids = [item for item in ids if item] or [identifier(row.get("user_segment_id"))]
    return ", ".join(item for item in ids if item)


def language_of(value: object) -> str:
    """A locale as Guide writes it: lower case with a hyphen."""
    return clean(value).strip().lower().replace("_", "-")


def _read_text(row: Mapping[str, Any]) -> tuple[ArticleText, str]:
    html, marker = unstamped(clean(row.get("body")))
    text = ArticleText(
        language=language_of(row.get("locale")),
        title=clean(row.get("title")),
        html=html,
        # A translation's own time moves with its text; the article's also with labels, order and votes.
        edited_at=clean(row.get("updated_at")),
        draft=row.get("draft") is not False,
        outdated=row.get("outdated") is True,
    )
    return text, marker


def _locked(labels: Sequence[str], texts: Any, hands_off: str) -> str:
    if hands_off and hands_off in labels:
        return f"it has the label {hands_off!r}"
    if any(_BLOCK.search(text.html) for text in texts):
        return "it is made of content blocks, which a program would flatten"
    return ""
