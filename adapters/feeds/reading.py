"""A feed's bytes into entries, by feedparser, which knows the dialects: RSS 0.9x to 2.0, RDF, Atom."""

import calendar
import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import feedparser
from markupsafe import Markup

from deskside.errors import Permanent
from deskside.fetching import checked
from deskside.model.digest import Entry
from deskside.text import clean

MOST_ENTRIES = 500
_LONGEST_TITLE, _LONGEST_SUMMARY, _LONGEST_NAME, _LONGEST_GUID = 300, 400, 120, 300
_KINDS_OF_PICTURES = ("image/jpeg", "image/png", "image/webp", "image/gif")


def read_feed(body: bytes, content_type: str, url: str, now: datetime) -> tuple[Entry, ...]:
    """The entries that have a title and a public link. Raises `Permanent` when this is no feed.

    An entry without a date gets `now`, and so does one from the future. A guid that stands at several entries of one
    feed names none of them; their links do.
    """
    # As a stream: given bytes alone, feedparser would take them for a file's name first.
    parsed = feedparser.parse(
        io.BytesIO(body), response_headers={"content-type": content_type, "content-location": url}
    )
    if not parsed.get("version") and not parsed.get("entries"):
        raise Permanent("this is no RSS or Atom feed")
    language = clean(parsed.feed.get("language", "")).strip().lower()[:16]
    entries = [entry for raw in parsed.entries[:MOST_ENTRIES] if (entry := _entry(raw, language, now)) is not None]
    return tuple(_named(entries))


def _entry(raw: Any, language: str, now: datetime) -> Entry | None:
    title = _plain(raw.get("title"))[:_LONGEST_TITLE]
    url = clean(raw.get("link")).strip()
    if not title or not _public(url):
        return None
    tags = [tag.get("term") for tag in raw.get("tags") or () if tag.get("term")]
    return Entry(
        guid=clean(raw.get("id")).strip()[:_LONGEST_GUID] or url[:_LONGEST_GUID],
        url=url,
        title=title,
        published_at=_moment(raw, now),
        summary=_cut(_plain(raw.get("summary")), _LONGEST_SUMMARY),
        section=_plain(tags[0])[:_LONGEST_NAME] if tags else "",
        author=_plain(raw.get("author"))[:_LONGEST_NAME],
        language=language,
        image=_picture(raw),
    )


def _named(entries: Sequence[Entry]) -> Iterator[Entry]:
    links: dict[str, set[str]] = {}
    for entry in entries:
        links.setdefault(entry.guid, set()).add(entry.url)
    given: set[str] = set()
    for entry in entries:
        guid = entry.guid if len(links[entry.guid]) == 1 else entry.url[:_LONGEST_GUID]
        if guid not in given:
            given.add(guid)
            yield replace(entry, guid=guid)


def _moment(raw: Any, now: datetime) -> datetime:
    for name in ("published_parsed", "updated_parsed", "created_parsed"):
        # As a plain dictionary: its own `get` lends one date another's name.
        parsed = dict.get(raw, name)
        if parsed:
            try:
                return min(now, datetime.fromtimestamp(calendar.timegm(parsed), UTC))
            except (ValueError, OverflowError, OSError):
                continue
    return now


def _picture(raw: Any) -> str:
    given = [item.get("url", "") for name in ("media_thumbnail", "media_content") for item in raw.get(name) or ()]
    given += [item.get("href", "") for item in raw.get("enclosures") or () if item.get("type") in _KINDS_OF_PICTURES]
    return next((url for url in map(str, given) if url.startswith("https://") and _public(url)), "")


def _public(url: str) -> bool:
    try:
        checked(url)
    except Permanent:
        return False
    return True


def _plain(value: object) -> str:
    """HTML, or plain text with entities, as one line of text."""
    return " ".join(clean(Markup(clean(value)).striptags()).split())  # noqa: S704 - what comes out is text


def _cut(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    return text[: longest - 1].rsplit(" ", 1)[0].rstrip(" ,.;:") + "…"
