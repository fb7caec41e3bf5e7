"""Confluence Cloud: pages, spaces, files and labels over v2; people, restrictions and bytes over what is left of v1.

https://developer.atlassian.com/cloud/confluence/rest/v2/ — v1's own pages answer 410 behind api.atlassian.com.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

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
from adapters.confluence.session import ApiSession, Parameters, Row
from deskside.errors import Gone, TargetRefuses, Transient

_V1, _V2 = "/wiki/rest/api", "/wiki/api/v2"
_MOST = 250
# Confluence's own index lags behind, and its machines' clocks differ.
OVERLAP = timedelta(minutes=10)


class Cloud:
    """The API of Confluence Cloud, on a site or behind Atlassian's gateway; one for each look.

    Ancestors come without titles, so those are asked for once and remembered.
    """

    def __init__(self, session: ApiSession) -> None:
        self._session = session
        self._known: dict[str, str] = {}

    def whoami(self) -> str:
        """As `Api`."""
        answer = self._session.read(f"{_V1}/user/current")
        if answer.get("type") == "anonymous" or not answer.get("accountId"):
            raise TargetRefuses("Confluence takes us for a stranger: the token is not accepted any more")
        return word(answer.get("displayName")) or word(answer.get("accountId"))

    def spaces(self, keys: Collection[str]) -> Mapping[str, Space]:
        """As `Api`."""
        rows = self._listing(f"{_V2}/spaces", {"keys": ",".join(keys)})
        found = (
            Space(word(row.get("id")), word(row.get("key")), word(row.get("name")), word(row.get("homepageId")))
            for row in rows
        )
        return {space.key: space for space in found}

    def pages(self, space: Space) -> Iterator[Entry]:
        """As `Api`."""
        rows = self._listing(f"{_V2}/spaces/{space.id}/pages", {"status": "current", "sort": "id"})
        return (_entry(row) for row in rows if row.get("status") == "current")

    def changed(self, space: Space, since: datetime) -> Iterator[Entry]:
        """As `Api`."""
        rows = self._listing(
            f"{_V2}/spaces/{space.id}/pages", {"status": "current", "sort": "-modified-date"}, moving=True
        )
        for row in rows:
            entry = _entry(row)
            if entry.modified_at < since - OVERLAP:
                return
            if row.get("status") == "current":
                yield entry

    def page(self, page_id: str) -> WikiPage:
        """As `Api`."""
        answer = self._session.read(f"{_V2}/pages/{page_id}", {"body-format": "storage", "include-labels": "true"})
        labels = answer.get("labels") or {}
        rows = results(labels) if labels else []
        if _cursor(labels):
            rows = list(self._listing(f"{_V2}/pages/{page_id}/labels", {}))
        return _page(answer, tuple(word(row.get("name")) for row in rows if row.get("prefix") in ("global", "team")))

    def page_called(self, space: Space, title: str) -> WikiPage | None:
        """As `Api`."""
        asked: Parameters = {
            "space-id": space.id,
            "title": title,
            "status": "current",
            "body-format": "storage",
            "limit": 2,
        }
        rows = results(self._session.read(f"{_V2}/pages", asked))
        return _page(rows[0]) if rows else None

    def ancestors(self, page_id: str) -> Sequence[Ancestor]:
        """As `Api`."""
        rows = list(self._listing(f"{_V2}/pages/{page_id}/ancestors", {}))
        found = [(word(row.get("id")), word(row.get("type")) or "page") for row in rows]
        unknown = [(one, kind) for one, kind in found if one not in self._known]
        self._known |= self._titles([one for one, kind in unknown if kind == "page"])
        self._known |= {one: self._folder(one) for one, kind in unknown if kind == "folder"}
        return tuple(Ancestor(one, self._known.get(one, ""), kind == "page") for one, kind in found)

    def restricted(self, page_id: str) -> bool:
        """As `Api`."""
        return is_restricted(self._session.read(f"{_V1}/content/{page_id}/restriction/byOperation/read"))

    def files(self, page_id: str) -> Sequence[File]:
        """As `Api`."""
        rows = self._listing(f"{_V2}/pages/{page_id}/attachments", {"status": "current"})
        return tuple(
            File(
                word(row.get("id")),
                word(row.get("title")),
                word(row.get("mediaType")),
                number((row.get("version") or {}).get("number")),
            )
            for row in rows
        )

    def download(self, page_id: str, file_id: str, number: int) -> bytes:
        """As `Api`."""
        return self._session.file(
            f"{_V1}/content/{page_id}/child/attachment/{file_id}/download", {"version": number} if number else None
        )

    def person(self, key: str) -> str:
        """As `Api`."""
        try:
            answer = self._session.read(f"{_V1}/user", {"accountId": key})
        except Gone:
            return ""
        return word(answer.get("publicName") or answer.get("displayName"))

    def _titles(self, ids: Sequence[str]) -> dict[str, str]:
        if not ids:
            return {}
        rows = self._listing(f"{_V2}/pages", {"id": ",".join(ids)})
        return {word(row.get("id")): word(row.get("title")) for row in rows}

    def _folder(self, folder_id: str) -> str:
        try:
            return word(self._session.read(f"{_V2}/folders/{folder_id}").get("title"))
        except Gone:
            return ""

    def _listing(self, path: str, parameters: Parameters, *, moving: bool = False) -> Iterator[Row]:
        """All rows, page by page. The end is where there is no next cursor, not where a page is short.

        Raises `Transient` when a cursor comes again, or (unless the order may move meanwhile) a row does.
        """
        cursors: set[str] = set()
        seen: set[str] = set()
        cursor = ""
        while True:
            answer = self._session.read(path, {**parameters, "limit": _MOST, **({"cursor": cursor} if cursor else {})})
            for row in results(answer):
                row_id = word(row.get("id"))
                if not row_id:
                    raise Transient("a row of Confluence without an id")
                if row_id not in seen:
                    yield row
                elif not moving:
                    raise Transient("a listing of Confluence repeats itself")
                seen.add(row_id)
            cursor = _cursor(answer)
            if not cursor:
                return
            if cursor in cursors:
                raise Transient("a listing of Confluence goes in a circle")
            cursors.add(cursor)


def _cursor(answer: Mapping[str, Any]) -> str:
    """The cursor alone: the address beside it names a path that is another one behind the gateway."""
    links = answer.get("_links") or {}
    following = links.get("next")
    if not following:
        return ""
    found = parse_qs(urlsplit(str(following)).query).get("cursor", [""])[0]
    if not found:
        raise Transient("a listing of Confluence goes on without saying where")
    return found


def _entry(row: Row) -> Entry:
    version = row.get("version") or {}
    if not number(version.get("number")):
        raise Transient("a page of Confluence without a version")
    return Entry(
        word(row.get("id")), number(version["number"]), word(row.get("parentId")), moment(version.get("createdAt"))
    )


def _page(row: Row, labels: tuple[str, ...] = ()) -> WikiPage:
    body = (row.get("body") or {}).get("storage") or {}
    if not isinstance(body.get("value"), str):
        raise Transient("a page of Confluence without a body")
    return WikiPage(
        entry=_entry(row),
        space=word(row.get("spaceId")),
        title=word(row.get("title")),
        status=word(row.get("status")),
        body=body["value"],
        labels=labels,
        parent_is_page=row.get("parentType", "page") == "page",
        position=number(row.get("position")),
        path=word((row.get("_links") or {}).get("webui")),
    )
