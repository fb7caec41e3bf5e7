"""What is in the wiki, and how it is to misbehave."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

TOKEN, EMAIL, CLOUD_ID = "the-token-of-the-wiki", "robot@example.com", "11111111-2222-3333-4444-555555555555"
ME = "5b10ac8d82e05b22cc7d4ef5"


@dataclass(slots=True)
class Attachment:
    id: str
    filename: str
    content: bytes
    media_type: str
    number: int = 1


@dataclass(slots=True)
class Page:
    id: str
    space: str
    title: str
    body: str
    parent: str
    number: int
    at: datetime
    status: str = "current"
    kind: str = "page"
    labels: list[str] = field(default_factory=list)
    readers: set[str] = field(default_factory=set)
    files: dict[str, Attachment] = field(default_factory=dict)
    position: int = 0


@dataclass(slots=True)
class Fault:
    """The next `times` answers, after `skip` good ones, of requests whose path contains `within`."""

    within: str
    status: int
    headers: dict[str, str]
    skip: int
    times: int
    body: str
    cut: bool


@dataclass(frozen=True, slots=True)
class Asked:
    path: str
    query: dict[str, str]
    authorised: bool


class Wiki:
    """Spaces and pages; `now` is the server's clock, which stands still unless it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 1, 12, 0, 0, tzinfo=UTC)
        self.pages: dict[str, Page] = {}
        self.spaces: dict[str, str] = {}
        self.names = {ME: "Robot"}
        self.asked: list[Asked] = []
        self.faults: list[Fault] = []
        self.token_ended = False
        # Whoever asks is answered as a stranger, to whom nothing is shown: no error.
        self.stranger = False
        self.lacking_spaces: set[str] = set()
        # At most so many rows are answered, whatever is asked for; every page is shorter than that with `short_pages`.
        self.cap = 250
        self.short_pages = False
        self.circling = False
        self.zone = "UTC"
        self.media = ""
        self._last = 1000

    def space(self, key: str) -> str:
        """Make a space; the id of its home page."""
        self.spaces[key] = f"9{len(self.spaces)}"
        return self.page(key, f"{key} home", "<p>Home</p>")

    def page(self, space: str, title: str, body: str = "<p>Text</p>", parent: str = "", kind: str = "page") -> str:
        """Make a page; its id."""
        self._last += 1
        one = str(self._last)
        self.pages[one] = Page(one, space, title, body, parent or self.home(space), 1, self.now, kind=kind)
        self.pages[one].position = self._last
        return one

    def home(self, space: str) -> str:
        return next((page.id for page in self.pages.values() if page.space == space), "")

    def edit(self, page_id: str, body: str | None = None, title: str | None = None) -> None:
        page = self.pages[page_id]
        page.body, page.title = body or page.body, title or page.title
        page.number, page.at = page.number + 1, self.now

    def attach(self, page_id: str, filename: str, content: bytes, media_type: str = "image/png") -> str:
        files = self.pages[page_id].files
        if filename in files:
            files[filename].content = content
            files[filename].number += 1
        else:
            self._last += 1
            files[filename] = Attachment(f"att{self._last}", filename, content, media_type)
        return files[filename].id

    def later(self, **much: float) -> None:
        self.now += timedelta(**much)

    def fault(
        self,
        within: str,
        status: int,
        *,
        skip: int = 0,
        times: int = 1,
        body: str = "{}",
        cut: bool = False,
        **headers: str,
    ) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.faults.append(Fault(within, status, named, skip, times, body, cut))

    def next_fault(self, path: str) -> Fault | None:
        for fault in self.faults:
            if fault.within in path and fault.times:
                if fault.skip:
                    fault.skip -= 1
                    return None
                fault.times -= 1
                return fault
        return None

    def may_see(self, page: Page) -> bool:
        """Whether the token's account may: restrictions are inherited."""
        return all(not one.readers or ME in one.readers for one in (page, *self.above(page)))

    def above(self, page: Page) -> Iterator[Page]:
        while page.parent:
            page = self.pages[page.parent]
            yield page

    def listed(self, space: str, statuses: tuple[str, ...] = ("current",)) -> list[Page]:
        if self.stranger:
            return []
        return [
            page
            for page in self.pages.values()
            if page.space == space and page.status in statuses and page.kind == "page" and self.may_see(page)
        ]
