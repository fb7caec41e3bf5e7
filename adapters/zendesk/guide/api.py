"""The Help Center API of one host: counted, paced, and never taken for complete before it said so.

Over the adapter's own session, not zenpy's Guide classes: those leave out what is null (a user segment that is null
means "everybody"), cannot tell a listing that ended from one that was cut short, and follow `next` links as given.
Sources: developer.zendesk.com, "Help Center API: Introduction", "Pagination", "Rate limits".
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import requests

from adapters.zendesk.budget import FOR_ARTICLES
from adapters.zendesk.client import Clients, Row
from adapters.zendesk.problems import AccessRefused, CredentialsRefused, NotOnThisAccount
from adapters.zendesk.session import DeskSession
from deskside.errors import Permanent, TargetRefuses, Transient, UnknownOutcome

PAGE = 100
# 40,000 articles are 400 pages.
MOST_PAGES = 500
# A page that is not the first is waited for, because to start over would cost all the pages before it again.
MOST_WAITS, LONGEST_WAIT = 5, 60.0


class NotAllowed(TargetRefuses):
    """403: the token's scopes, the user's role or the plan."""


class NotOffered(TargetRefuses):
    """404 for the endpoint itself: this plan, or this host, has no such thing."""


class HelpCenter:
    """One help centre. Calls raise Deskside's errors; `requests` counts them.

    A refusal of our credentials, our rights or of the whole help centre is `TargetRefuses`, so that a 404 for an
    endpoint is never taken for an article that is gone.
    """

    def __init__(self, clients: Clients, wait: Callable[[float], None] = time.sleep) -> None:
        """`wait` sleeps between the pages of a listing."""
        self.requests = 0
        self.url = clients.url
        self._clients = clients
        self._wait = wait

    def ask(self, method: str, path: str, **kwargs: Any) -> Row:
        """Call `path` below `/api/v2/`; an answer without a body is empty."""
        with self._counted() as session:
            return session.json(method, path, **kwargs)

    def download(self, path: str) -> requests.Response:
        """A file at `path` of the host, or an answer that redirects to it; see `DeskSession.download`."""
        with self._counted() as session:
            return session.download(path)

    def get(self, path: str, name: str, **params: str) -> Row:
        """The object `name` of an answer. Raises `Permanent` when it is not there."""
        return part(self.ask("GET", path, params=params), name)

    def rows(self, path: str, name: str, *, size: int = PAGE, **params: str) -> Iterator[Row]:
        """Every row of a listing by cursor, to the end; each id once.

        Raises `Permanent` for an answer without `name`, one that does not say whether there is more, and one that
        promises more and brings nothing new.
        """
        after = ""
        seen: set[str] = set()
        for _ in range(MOST_PAGES):
            cursor = {"page[after]": after} if after else {}
            answer = self._page(path, {"page[size]": str(size), **params, **cursor}, MOST_WAITS if after else 0)
            found = _list(answer, name, path)
            fresh = [row for row in found if str(row.get("id")) not in seen]
            seen.update(str(row.get("id")) for row in fresh)
            yield from fresh
            following = _following(answer, path)
            if following is None:
                return
            if not fresh or following == after:
                raise Permanent(f"{path}: the listing promises more and brings nothing new")
            after = following
        raise Permanent(f"{path}: the listing has no end")

    @contextmanager
    def _counted(self) -> Iterator[DeskSession]:
        self._clients.budget.admit(FOR_ARTICLES)
        self.requests += 1
        try:
            yield self._clients.here().session
        except AccessRefused as error:
            raise NotAllowed(str(error)) from None
        except NotOnThisAccount as error:
            raise NotOffered(str(error)) from None
        except CredentialsRefused as error:
            raise TargetRefuses(str(error)) from None

    def _page(self, path: str, params: Mapping[str, str], waits: int) -> Row:
        while True:
            try:
                return self.ask("GET", path, params=params)
            except Transient as error:
                if error.retry_after is None or waits == 0:
                    raise
                waits -= 1
                self._wait(min(error.retry_after, LONGEST_WAIT))


def part(answer: Mapping[str, Any], name: str) -> Row:
    """An object inside an answer. Raises `Permanent` when it is not there."""
    found = answer.get(name)
    if not isinstance(found, dict):
        raise Permanent(f"Zendesk's answer holds no {name!r}")
    return found


def made(answer: Mapping[str, Any], name: str) -> tuple[str, Row]:
    """The id and the row of what a POST made. Raises `UnknownOutcome` when the answer does not tell them."""
    row = answer.get(name)
    if not isinstance(row, dict) or row.get("id") in (None, ""):
        raise UnknownOutcome(f"Zendesk's answer does not tell what {name} was made")
    return str(row["id"]), row


def _list(answer: Mapping[str, Any], name: str, path: str) -> list[Row]:
    rows = answer.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Permanent(f"{path}: Zendesk's answer holds no {name!r}")
    return rows


def _following(answer: Mapping[str, Any], path: str) -> str | None:
    """The cursor of the next page, None at the end. A page by number (`next_page` null) may say so too."""
    meta = answer.get("meta")
    if isinstance(meta, Mapping) and isinstance(meta.get("has_more"), bool):
        if not meta["has_more"]:
            return None
        following = meta.get("after_cursor")
        if isinstance(following, str) and following:
            return following
        raise Permanent(f"{path}: the listing promises more and tells no cursor")
    if "next_page" in answer and answer["next_page"] is None:
        return None
    raise Permanent(f"{path}: the listing does not say whether there is more")
