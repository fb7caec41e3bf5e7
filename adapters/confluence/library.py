"""What one look at a Confluence has learnt, and what of it may be shown to readers."""

import mimetypes
from collections.abc import Mapping, Sequence

from adapters.confluence.api import Ancestor, Api, Space, WikiPage
from adapters.confluence.session import Forbidden
from adapters.confluence.settings import Settings
from adapters.confluence.storage.writing import NotShown, Page
from deskside.errors import Gone, TargetRefuses
from deskside.model.article import Asset

_UNKNOWN_TYPES = frozenset({"", "application/octet-stream", "binary/octet-stream"})


class Library:
    """The wiki as the converter asks for it (`storage.writing.Wiki`), and who may see its pages.

    Remembers what it was answered: it is made anew for each look.
    """

    def __init__(self, api: Api, settings: Settings) -> None:
        self.address = settings.wiki
        self._api = api
        self._settings = settings
        self._spaces: Mapping[str, Space] | None = None
        self._pages: dict[tuple[str, str], Page | NotShown] = {}
        self._files: dict[str, tuple[Asset, ...]] = {}
        self._ancestors: dict[str, Sequence[Ancestor]] = {}
        self._restricted: dict[str, bool] = {}
        self._people: dict[str, str] = {}

    def prove(self) -> Mapping[str, Space]:
        """All configured spaces, by key, asked of Confluence now. Raises `TargetRefuses` unless all can be read.

        A token that ended, or an account that was taken out of a space, is answered with less, not with an error.
        """
        self._api.whoami()
        found = self._api.spaces(self._settings.spaces)
        for key in self._settings.spaces:
            if key not in found:
                raise TargetRefuses(f"the space {key} is not there, or the account of the token may not see it")
        self._spaces = found
        return found

    def prove_missing(self, page_id: str) -> None:
        """Make sure that an answer of 404 means this page. Raises `TargetRefuses` where it may mean every page.

        To a stranger every page is missing, and to a token without the scope too: the home pages say which it is.
        """
        homes = [space.home for space in self.prove().values() if space.home and space.home != page_id]
        for home in homes:
            try:
                self._api.page(home)
            except (Gone, Forbidden):
                continue
            return
        if homes:
            raise TargetRefuses("no page of Confluence can be read: a scope is missing, or a right of the account")

    @property
    def spaces(self) -> Mapping[str, Space]:
        """All configured spaces, by key."""
        return self.prove() if self._spaces is None else self._spaces

    def space(self, space_id: str) -> Space | None:
        """The configured space with this id; None for any other."""
        return next((space for space in self.spaces.values() if space.id == space_id), None)

    def page(self, space: str, title: str) -> Page:
        """A page for others to include or to take files from. Raises `NotShown`.

        Only pages of the configured spaces, and never one that only some people may see.
        """
        key = (space, title)
        if key not in self._pages:
            try:
                self._pages[key] = self._find(space, title)
            except NotShown as reason:
                self._pages[key] = reason
        found = self._pages[key]
        if isinstance(found, NotShown):
            raise NotShown(*found.args)
        return found

    def files(self, page: Page) -> Sequence[Asset]:
        """The files of a page; references name page, file and version, and are what `fetch` asks by."""
        if page.id not in self._files:
            self._files[page.id] = tuple(
                Asset(f"{page.id}/{file.id}/{file.number}", file.filename, _type(file.content_type, file.filename))
                for file in self._api.files(page.id)
            )
        return self._files[page.id]

    def person(self, key: str) -> str:
        """The display name of an account."""
        if key and key not in self._people:
            try:
                self._people[key] = self._api.person(key)
            except Forbidden:
                self._people[key] = ""
        return self._people.get(key, "")

    def ancestors(self, page_id: str) -> Sequence[Ancestor]:
        """What a page stands below, outermost first."""
        if page_id not in self._ancestors:
            self._ancestors[page_id] = self._api.ancestors(page_id)
        return self._ancestors[page_id]

    def restricted(self, page_id: str) -> bool:
        """Whether only some people may see a page: restrictions are inherited from the pages above.

        Restrictions of folders cannot be read by anybody (CONFCLOUD-82920).
        """
        above = [ancestor.id for ancestor in self.ancestors(page_id) if ancestor.is_page]
        return any(self._restricted_itself(one) for one in (page_id, *above))

    def as_page(self, page: WikiPage, space: Space) -> Page:
        """A page as the converter takes it."""
        parent = page.entry.parent if page.parent_is_page else ""
        return Page(page.entry.id, space.key, page.title, page.body, parent, space.home)

    def _restricted_itself(self, page_id: str) -> bool:
        if page_id not in self._restricted:
            self._restricted[page_id] = self._api.restricted(page_id)
        return self._restricted[page_id]

    def _find(self, space: str, title: str) -> Page:
        known = self.spaces.get(space)
        if known is None:
            raise NotShown(f"the space {space} is not one of this source")
        try:
            found = self._api.page_called(known, title)
            if found is None or found.status != "current":
                raise NotShown("there is no such page")
            if self.restricted(found.entry.id):
                raise NotShown("only some people may see it")
        except (Gone, Forbidden):
            raise NotShown("it cannot be read") from None
        return self.as_page(found, known)


def _type(stated: str, filename: str) -> str:
    kind = stated.partition(";")[0].strip().lower()
    if kind not in _UNKNOWN_TYPES:
        return kind
    return mimetypes.guess_type(filename)[0] or "application/octet-stream"
