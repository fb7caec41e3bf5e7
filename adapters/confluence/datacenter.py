"""Confluence Data Center: its REST API, with a personal access token (7.9 and later).

https://developer.atlassian.com/server/confluence/rest/ — `limit` is capped as the server likes, so a short page is
not the last one; CQL reads times to the minute, in a zone of its own.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from adapters.confluence.api import (
    Ancestor,
    Entry,
    File,
    Space,
    WikiPage,
    is_restricted,
    moment,
    number,
    results,
    word,
)
from adapters.confluence.session import ApiSession, Forbidden, Parameters, Row
from deskside.errors import Gone, Permanent, TargetRefuses, Transient

_API = "/rest/api"
_MOST = 100
_LISTED = "version,ancestors,metadata.labels"
_WHOLE = "body.storage,version,space,ancestors,metadata.labels"
# CQL's times are to the minute, of the server's zone (up to 14 hours from ours), and may lie in a gap of its clocks.
OVERLAP = timedelta(hours=24)
_GAP = timedelta(hours=1)


class DataCenter:
    """The API of a Data Center."""

    def __init__(self, session: ApiSession) -> None:
        self._session = session

    def whoami(self) -> str:
        """As `Api`."""
        answer = self._session.read(f"{_API}/user/current")
        if answer.get("type") == "anonymous" or not (answer.get("userKey") or answer.get("username")):
            raise TargetRefuses("Confluence takes us for a stranger: the token is not accepted any more")
        return word(answer.get("displayName")) or word(answer.get("username"))

    def spaces(self, keys: Collection[str]) -> Mapping[str, Space]:
        """As `Api`; one by one, because the list of all spaces ends where the server likes."""
        found = {}
        for key in keys:
            try:
                row = self._session.read(f"{_API}/space/{key}", {"expand": "homepage"})
            except (Gone, Forbidden):
                continue
            home = word((row.get("homepage") or {}).get("id"))
            found[key] = Space(word(row.get("key")), word(row.get("key")), word(row.get("name")), home)
        return found

    def pages(self, space: Space) -> Iterator[Entry]:
        """As `Api`."""
        asked = {"spaceKey": space.key, "type": "page", "status": "current", "expand": _LISTED}
        return (_entry(row) for row in self._listing(f"{_API}/content", asked))

    def changed(self, space: Space, since: datetime) -> Iterator[Entry]:
        """As `Api`."""
        try:
            yield from self._changed(space, since - OVERLAP)
        except Permanent as error:
            if isinstance(error, TargetRefuses | Gone):
                raise
            # A time that the server's clocks skipped is refused.
            yield from self._changed(space, since - OVERLAP - _GAP)

    def _changed(self, space: Space, since: datetime) -> Iterator[Entry]:
        cql = f'type = page and space = "{space.key}" and lastmodified >= "{since:%Y-%m-%d %H:%M}"'
        asked = {"cql": f"{cql} order by lastmodified desc", "expand": _LISTED}
        rows = self._listing(f"{_API}/content/search", asked, moving=True)
        return (_entry(row) for row in rows if row.get("status", "current") == "current")

    def page(self, page_id: str) -> WikiPage:
        """As `Api`."""
        return _page(self._session.read(f"{_API}/content/{page_id}", {"status": "any", "expand": _WHOLE}))

    def page_called(self, space: Space, title: str) -> WikiPage | None:
        """As `Api`."""
        asked = {"spaceKey": space.key, "title": title, "type": "page", "status": "current", "expand": _WHOLE}
        rows = results(self._session.read(f"{_API}/content", asked))
        return _page(rows[0]) if rows else None

    def ancestors(self, page_id: str) -> Sequence[Ancestor]:
        """As `Api`."""
        answer = self._session.read(f"{_API}/content/{page_id}", {"status": "any", "expand": "ancestors"})
        rows = answer.get("ancestors")
        if not isinstance(rows, list):
            raise Transient("a page of Confluence without its ancestors")
        return tuple(Ancestor(word(row.get("id")), word(row.get("title"))) for row in rows)

    def restricted(self, page_id: str) -> bool:
        """As `Api`."""
        return is_restricted(self._session.read(f"{_API}/content/{page_id}/restriction/byOperation/read"))

    def files(self, page_id: str) -> Sequence[File]:
        """As `Api`."""
        rows = self._listing(f"{_API}/content/{page_id}/child/attachment", {"expand": "version"})
        return tuple(
            File(
                word(row.get("id")),
                word(row.get("title")),
                word((row.get("metadata") or {}).get("mediaType")),
                number((row.get("version") or {}).get("number")),
            )
            for row in rows
        )

    def download(self, page_id: str, file_id: str, number: int) -> bytes:
        """As `Api`: by the file's own link, which a Data Center serves itself."""
        answer = self._session.read(f"{_API}/content/{file_id}")
        path = word((answer.get("_links") or {}).get("download")).partition("?")[0]
        if not path.startswith("/download/attachments/"):
            raise Permanent("a file of Confluence without an address")
        return self._session.file(path, {"version": number} if number else None)

    def person(self, key: str) -> str:
        """As `Api`; by user key, which bodies have, or by user name, which old ones have."""
        for name in ("key", "username"):
            try:
                return word(self._session.read(f"{_API}/user", {name: key}).get("displayName"))
            except Gone:
                continue
        return ""

    def _listing(self, path: str, parameters: Parameters, *, moving: bool = False) -> Iterator[Row]:
        """All rows, page by page, as long as the server names a next one."""
        seen: set[str] = set()
        start = 0
        while True:
            answer = self._session.read(path, {**parameters, "limit": _MOST, "start": start})
            rows = results(answer)
            for row in rows:
                row_id = word(row.get("id"))
                if not row_id:
                    raise Transient("a row of Confluence without an id")
                if row_id not in seen:
                    yield row
                elif not moving:
                    raise Transient("a listing of Confluence repeats itself")
                seen.add(row_id)
            if not (answer.get("_links") or {}).get("next"):
                return
            if not rows:
                raise Transient("a listing of Confluence goes on without an end")
            start += len(rows)


def _entry(row: Row) -> Entry:
    version = row.get("version") or {}
    if not number(version.get("number")):
        raise Transient("a page of Confluence without a version")
    above = row.get("ancestors") or []
    parent = word(above[-1].get("id")) if above else ""
    return Entry(word(row.get("id")), number(version["number"]), parent, moment(version.get("when")), _labels(row))


def _labels(row: Row) -> tuple[str, ...]:
    """The labels everybody sees; people's own are theirs."""
    labels = ((row.get("metadata") or {}).get("labels") or {}).get("results") or []
    return tuple(word(label.get("name")) for label in labels if label.get("prefix") in ("global", "team"))


def _page(row: Row) -> WikiPage:
    body = (row.get("body") or {}).get("storage") or {}
    if not isinstance(body.get("value"), str):
        raise Transient("a page of Confluence without a body")
    entry = _entry(row)
    return WikiPage(
        entry=entry,
        space=word((row.get("space") or {}).get("key")),
        title=word(row.get("title")),
        status=word(row.get("status")),
        body=body["value"],
        labels=entry.labels,
        position=number((row.get("extensions") or {}).get("position")),
        path=word((row.get("_links") or {}).get("webui")),
    )
