"""A wiki of pages in memory, for the converter."""

from collections.abc import Iterable, Mapping, Sequence

from adapters.confluence.storage.convert import Converted, convert
from adapters.confluence.storage.writing import NotShown, Page, Style
from deskside.model.article import Asset

ADDRESS = "https://team.atlassian.net/wiki"


def asset(filename: str, owner: str = "100") -> Asset:
    kind = "image/png" if filename.endswith(".png") else "application/octet-stream"
    return Asset(f"{owner}/{filename}/1", filename, kind)


class MemoryWiki:
    """Pages of one space by their titles; every page has the same files, under its own references."""

    address = ADDRESS

    def __init__(
        self,
        pages: Mapping[str, str] | None = None,
        files: Iterable[str] = (),
        people: Mapping[str, str] | None = None,
        space: str = "DOC",
    ) -> None:
        self._space = space
        self._pages = dict(pages or {})
        self._files = tuple(files)
        self._people = dict(people or {})

    def page(self, space: str, title: str) -> Page:
        if space != self._space:
            raise NotShown(f"the space {space} is not published")
        if title not in self._pages:
            raise NotShown("there is no such page")
        return Page(f"id of {title}", space, title, self._pages[title])

    def files(self, page: Page) -> Sequence[Asset]:
        return [asset(name, page.id) for name in self._files]

    def person(self, key: str) -> str:
        return self._people.get(key, "")


def converted(body: str, wiki: MemoryWiki | None = None, style: Style | None = None) -> Converted:
    page = Page("100", "DOC", "Own page", body, parent="10", home="1")
    return convert(page, wiki or MemoryWiki(), style or Style())


def html(body: str, wiki: MemoryWiki | None = None, style: Style | None = None) -> str:
    return converted(body, wiki, style).html
