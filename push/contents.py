"""A message in one language as JSON: read, and checked so that it can be shown."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from deskside.errors import Malformed
from push.model import Button, Content
from push.sending import contents

MOST_BUTTONS = 2
LONGEST_TITLE = 200
LONGEST_BODY = 1000
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def is_language(text: str) -> bool:
    """Whether this is a language tag such as `en` or `pt-BR` (BCP 47, its usual part)."""
    return _LANGUAGE.fullmatch(text) is not None


def read_content(stored: Mapping[str, Any]) -> Content:
    """A content from the store, or from a form."""
    buttons = tuple(Button(item["title"], item["url"]) for item in stored.get("buttons", ()))
    return Content(**{"body": "", **stored, "buttons": buttons})


def check_content(content: Content, where: str) -> None:
    """Raise Malformed, with `where` in front, unless this content can be shown."""
    _require(0 < len(content.title.strip()) <= LONGEST_TITLE, f"{where}: the title must have 1 to 200 characters")
    _require(len(content.body) <= LONGEST_BODY, f"{where}: the text must have at most {LONGEST_BODY} characters")
    _require(len(content.buttons) <= MOST_BUTTONS, f"{where}: there can be {MOST_BUTTONS} buttons at most")
    for name, text in (("title", content.title), ("text", content.body)):
        try:
            contents.check(text)
        except Malformed as error:
            raise Malformed(f"{where}, {name}: {error}") from None
    links = [("link", content.url), *((f"link of the button {item.title}", item.url) for item in content.buttons)]
    pictures = [("icon", content.icon), ("image", content.image), ("badge", content.badge)]
    for name, url in [*links, *((name, url) for name, url in pictures if url)]:
        _require(_is_link(url), f"{where}, {name}: must be an address such as https://example.com/news")
    for item in content.buttons:
        _require(0 < len(item.title.strip()) <= 40, f"{where}: a button needs 1 to 40 characters")


def _is_link(url: str) -> bool:
    try:
        parts = urlsplit(url)
        local = parts.hostname in ("localhost", "127.0.0.1")
        return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and local))
    except ValueError:
        return False


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Malformed(otherwise)
