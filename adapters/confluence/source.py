"""Confluence as a source of documents: what changed, what there is, one page as a document, the bytes of a file."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from adapters.confluence.api import Api, Entry, Space, WikiPage
from adapters.confluence.check import check
from adapters.confluence.cloud import Cloud
from adapters.confluence.datacenter import DataCenter
from adapters.confluence.library import Library
from adapters.confluence.session import MOST_FILE_BYTES, ApiSession, Forbidden, Redirect
from adapters.confluence.settings import Settings
from adapters.confluence.storage.addresses import page_name
from adapters.confluence.storage.convert import VERSION, convert
from adapters.confluence.storage.writing import Style
from deskside.errors import Gone, Permanent, TargetRefuses, Transient
from deskside.fetching import Fetcher
from deskside.fields import is_loopback
from deskside.model.article import Asset, Document, Listed, Listing
from deskside.ports import CheckResult

_MEDIA = "media.atlassian.com"
# What Confluence calls a page that people took away from readers.
_TAKEN_AWAY = frozenset({"trashed", "deleted", "archived", "historical"})


class ConfluenceSource:
    """Spaces of one Confluence (`deskside.ports.KnowledgeSource`)."""

    def __init__(self, name: str, settings: Settings, fetcher: Fetcher) -> None:
        self.name = name
        self.title = f"Confluence {urlsplit(settings.url).hostname}"
        self.converter = _converter(settings)
        self._settings = settings
        self._fetcher = fetcher
        self._session = ApiSession(settings)
        self._begin()

    def __repr__(self) -> str:
        return f"<ConfluenceSource {self.name}>"

    @property
    def requests(self) -> int:
        """How many requests were sent so far."""
        return self._session.requests

    def changes(self, watermark: str) -> Listing:
        """What changed since the times in `watermark`, which are Confluence's own, one for each space.

        A space without one (the first look, or a space that was added) is listed whole.
        """
        marks = _marks(watermark)
        if not marks:
            return self.listing()
        found: dict[str, Entry] = {}
        for key, space in self._look().items():
            mark = marks.get(key)
            entries = self._listed(space, self._api.changed(space, mark)) if mark else self._whole(space)
            _add(entries, key, found, marks)
        return Listing(_listed(found), complete=False, watermark=_watermark(marks, self._settings.spaces))

    def listing(self) -> Listing:
        """Every current page of the configured spaces; raises rather than answer less."""
        found: dict[str, Entry] = {}
        marks: dict[str, datetime] = {}
        for key, space in self._look().items():
            _add(self._whole(space), key, found, marks)
        return Listing(_listed(found), complete=True, watermark=_watermark(marks, self._settings.spaces))

    def read(self, document_id: str) -> Sequence[Document]:
        """One page. Raises `Gone` when it is in the trash or the archive, in another space, or nowhere."""
        page, space = self._find(document_id)
        try:
            return (self._document(page, space),)
        except Gone as error:
            # The page is there: what is around it changed meanwhile.
            raise Transient(f"the page “{page.title}”: {error}") from None
        except Forbidden as error:
            raise Permanent(f"the page “{page.title}”: {error}") from None

    def fetch(self, asset: Asset) -> bytes:
        """The bytes of a file, in the version its reference names. Raises `Gone`."""
        page_id, _, rest = asset.ref.partition("/")
        file_id, _, number = rest.partition("/")
        if not (page_id.isalnum() and file_id.isalnum() and number.isdigit()):
            raise Permanent("this is no file of Confluence")
        try:
            return self._api.download(page_id, file_id, int(number))
        except Redirect as redirect:
            return self._elsewhere(redirect)
        except Gone:
            # To a stranger every file is missing.
            self._library.prove()
            raise

    def check(self) -> Sequence[CheckResult]:
        """The account, every space, and how long the token lasts."""
        return check(self.name, self._api, self._settings)

    def _look(self) -> Mapping[str, Space]:
        """Begin a look: forget what an earlier one learnt, and prove that everything can be read."""
        self._begin()
        return self._library.prove()

    def _begin(self) -> None:
        self._api: Api = Cloud(self._session) if self._settings.is_cloud else DataCenter(self._session)
        self._library = Library(self._api, self._settings)

    def _whole(self, space: Space) -> Sequence[Entry]:
        entries = self._listed(space, self._api.pages(space))
        if not entries and space.home:
            raise Transient(f"the space {space.key} has a home page and lists no page")
        return entries

    def _listed(self, space: Space, entries: Iterable[Entry]) -> Sequence[Entry]:
        """A listing read to its end. A 404 in it is about the token: the space itself is there."""
        try:
            return tuple(entries)
        except Gone as error:
            raise TargetRefuses(f"the pages of the space {space.key} cannot be listed: {error}") from None

    def _find(self, document_id: str) -> tuple[WikiPage, Space]:
        if not (document_id.isascii() and document_id.isdigit()):
            raise Permanent("the id of a page is a number")
        try:
            page = self._api.page(document_id)
        except Gone:
            self._library.prove_missing(document_id)
            raise Gone(f"page {document_id}: Confluence has none") from None
        except Forbidden:
            self._library.prove()
            raise Permanent(f"page {document_id}: the account of the token may not see it") from None
        if page.status in _TAKEN_AWAY:
            raise Gone(f"the page “{page.title}” is {page.status}")
        if page.status != "current":
            raise Permanent(f"the page “{page.title}” is no published page but {page.status or 'something else'}")
        space = self._library.space(page.space)
        if space is None:
            raise Gone(f"the page “{page.title}” was moved to a space that is not one of this source")
        return page, space

    def _document(self, page: WikiPage, space: Space) -> Document:
        page_id = page.entry.id
        if not self._settings.restricted and self._library.restricted(page_id):
            raise Permanent(f"the page “{page.title}” is restricted: only some people may see it in Confluence")
        converted = convert(
            self._library.as_page(page, space),
            self._library,
            Style(language=self._settings.language, mention=self._settings.mention),
        )
        above = [ancestor.title for ancestor in self._library.ancestors(page_id) if ancestor.id != space.home]
        return Document(
            id=page_id,
            language=self._settings.language,
            version=page.entry.version,
            title=page.title,
            html=converted.html,
            url=self._settings.wiki + page.path if page.path.startswith("/") else "",
            space=space.key,
            path=tuple(above),
            labels=page.labels,
            names=(page_name(space.key, page.title), page_id),
            parent=(page.entry.parent or None) if page.parent_is_page else None,
            position=page.position,
            assets=converted.assets,
            depends=converted.depends,
            warnings=converted.warnings,
            modified_at=page.entry.modified_at,
            source_language=self._settings.language,
        )

    def _elsewhere(self, redirect: Redirect) -> bytes:
        """A file that Confluence keeps on another host: asked for as a stranger, its address is a pass of its own."""
        url = urljoin(self._settings.api + "/", redirect.url)
        if not _may_follow(url, self._settings.api):
            raise Permanent("a file of Confluence is on a host that is not asked")
        page = self._fetcher.get(url, most=MOST_FILE_BYTES)
        if page.status == 200:
            return page.body
        if page.status in (404, 410):
            raise Gone("a file of Confluence is not there any more")
        raise Transient(f"a file of Confluence: HTTP {page.status}")


def _may_follow(url: str, api: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    host = parts.hostname or ""
    if parts.scheme == "https":
        return host == _MEDIA or host.endswith(f".{_MEDIA}")
    return parts.scheme == "http" and is_loopback(host) and is_loopback(urlsplit(api).hostname or "")


def _converter(settings: Settings) -> str:
    """What a page's HTML depends on besides the page."""
    depends = [settings.language, settings.mention, sorted(settings.spaces), settings.wiki]
    digest = hashlib.sha256(json.dumps(depends, ensure_ascii=False).encode()).hexdigest()
    return f"confluence {VERSION} {digest[:12]}"


def _add(entries: Iterable[Entry], key: str, found: dict[str, Entry], marks: dict[str, datetime]) -> None:
    for entry in entries:
        found[entry.id] = entry
        marks[key] = max(marks.get(key, entry.modified_at), entry.modified_at)


def _listed(found: Mapping[str, Entry]) -> tuple[Listed, ...]:
    return tuple(Listed(entry.id, entry.version) for entry in found.values())


def _watermark(marks: Mapping[str, datetime], spaces: Sequence[str]) -> str:
    return json.dumps({key: marks[key].isoformat() for key in sorted(spaces) if key in marks})


def _marks(watermark: str) -> dict[str, datetime]:
    """The times in a watermark; none in one that cannot be read, so that everything is looked at."""
    try:
        kept = json.loads(watermark) if watermark else {}
        marks = {str(key): datetime.fromisoformat(value) for key, value in kept.items()}
    except (ValueError, TypeError, AttributeError):
        return {}
    return marks if all(mark.tzinfo for mark in marks.values()) else {}
