"""One look at a feed: asked for only what changed (RFC 9110, 13.1), read whatever its dialect."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from adapters.feeds.reading import read_feed
from deskside.errors import Permanent, Transient
from deskside.fetching import Fetcher, Page, host_of
from deskside.model.digest import Found

_ACCEPT = "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1"
# What an unchanged feed is asked with, and what the answer calls it.
_VALIDATORS = {"If-None-Match": "ETag", "If-Modified-Since": "Last-Modified"}
_LONGEST_VALIDATOR = 500


class FeedSource:
    """Any public RSS or Atom feed."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher

    def look(self, options: Mapping[str, Any], cursor: str) -> Found:
        """All entries of the feed; none where it says that it has not changed since `cursor`."""
        url = options["url"]
        page = self._fetcher.get(url, {"Accept": _ACCEPT, **_asked_with(cursor, url)})
        if page.status == 304:
            return Found((), cursor)
        _judge(page)
        entries = read_feed(page.body, page.headers.get("Content-Type", ""), page.url, datetime.now(UTC))
        return Found(entries, _validators(page, url))


def _asked_with(cursor: str, url: str) -> dict[str, str]:
    """The validators in a cursor. Those of another address are worth nothing."""
    try:
        kept = json.loads(cursor)
    except ValueError:
        return {}
    if not isinstance(kept, dict) or kept.get("url") != url:
        return {}
    return {name: str(kept[name]) for name in _VALIDATORS if kept.get(name)}


def _validators(page: Page, url: str) -> str:
    given = {name: page.headers.get(header, "") for name, header in _VALIDATORS.items()}
    kept = {name: value for name, value in given.items() if value and len(value) <= _LONGEST_VALIDATOR}
    return json.dumps({"url": url, **kept}) if kept else ""


def _judge(page: Page) -> None:
    host = host_of(page.url)
    if page.status == 200:
        return
    if page.status in (429, 500, 502, 503, 504):
        raise Transient(f"{host} answers {page.status}")
    raise Permanent(f"{host} answers {page.status}")
