"""Candidates for digests from WHMCS: its published announcements."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from markupsafe import Markup
from marshmallow import RAISE, Schema

from adapters.whmcs import languages, normalise
from adapters.whmcs.desk import NAME, WhmcsDesk
from adapters.whmcs.rows import AnnouncementRow
from deskside.errors import Permanent
from deskside.model.digest import Entry, Found
from deskside.ports import Environment

MOST_PAGES = 40
_PAGE = 50
_LATER_PAGES = 2
_LONGEST_TITLE, _LONGEST_SUMMARY = 300, 400


class Options(Schema):
    """There is nothing to choose."""

    class Meta:
        unknown = RAISE


class Announcements:
    """Announcements, the newest first. A translation is another row with a `parent`, and another page."""

    def __init__(self, desk: Callable[[], WhmcsDesk]) -> None:
        self._desk = desk

    def look(self, options: Mapping[str, Any], cursor: str) -> Found:
        """All published announcements at the first look, the newest hundred at a later one."""
        desk = self._desk()
        entries: dict[str, Entry] = {}
        start = 0
        for _ in range(_LATER_PAGES if cursor else MOST_PAGES):
            rows = desk.clients.here().announcements(start, _PAGE)
            entries |= {row.id: entry for row in rows if (entry := _entry(row, desk.url, desk.zone)) is not None}
            start += len(rows)
            if len(rows) < _PAGE:
                break
        return Found(tuple(entries.values()), "seen")


class AnnouncementsPlugin:
    """Entry point `deskside.digest_sources: whmcs_announcements`."""

    name = "whmcs_announcements"
    schema: type[Schema] = Options

    def build(self, environment: Environment) -> Announcements:
        """The announcements of the configured WHMCS."""

        def desk() -> WhmcsDesk:
            found = environment.desks.get(NAME)
            if not isinstance(found, WhmcsDesk):
                raise Permanent("WHMCS is not configured: there is no section [whmcs]")
            return found

        return Announcements(desk)


def _entry(row: AnnouncementRow, base: str, zone: ZoneInfo) -> Entry | None:
    title = " ".join(row.title.split())[:_LONGEST_TITLE]
    if not row.published or row.date is None or not title:
        return None
    text = Markup(row.body).striptags()  # noqa: S704 - what comes out is text
    return Entry(
        guid=row.id,
        # This form works with every setting of "friendly URLs"; a translation is shown at its original's address.
        url=f"{base}/index.php?rp={quote(f'/announcements/{row.parent or row.id}')}",
        title=title,
        published_at=normalise.to_utc(row.date, zone),
        summary=" ".join(text.split())[:_LONGEST_SUMMARY],
        section="announcements",
        language=languages.tag(row.language),
    )
