"""Whether a stranger can read a page: a private article must never be told of to a thousand people."""

import re
from collections.abc import Callable
from html import unescape

from markupsafe import Markup

from deskside.fetching import Page
from push.digests.identity import words

_HIDDEN = re.compile(r"<(script|style|noscript|template)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
# So many first words of a title must stand in the page: the rest is cut by some.
_ENOUGH_WORDS = 8


def is_public(page: Page, title: str) -> bool:
    """Whether this answer to a stranger is the page with this title.

    The status alone says nothing: a sign-in form is a 200 as well, at the same address or behind a redirect.
    """
    if page.status != 200:
        return False
    text = page.body.decode(_charset(page.headers.get("Content-Type", "")), "replace")
    wanted = words(unescape(title))[:_ENOUGH_WORDS]
    # Only what is to be read: a sign-in form leads back to the page by an address that often holds its title.
    shown = Markup(_HIDDEN.sub(" ", text)).striptags()  # noqa: S704 - what comes out is only compared
    return bool(wanted) and _holds(words(shown), wanted)


def prove(fetch: Callable[[str], Page], url: str, title: str) -> bool:
    """Fetch `url` and judge. Raises what `fetch` raises."""
    return is_public(fetch(url), title)


def _holds(there: list[str], wanted: list[str]) -> bool:
    first, size = wanted[0], len(wanted)
    return any(word == first and there[place : place + size] == wanted for place, word in enumerate(there))


def _charset(content_type: str) -> str:
    name = content_type.partition("charset=")[2].split(";")[0].strip(" \"'") or "utf-8"
    try:
        "".encode(name)
    except (LookupError, ValueError):
        return "utf-8"
    return name
