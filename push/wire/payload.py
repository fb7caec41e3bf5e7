"""What a notification is on the wire: valid Declarative Web Push, and what a service worker reads, in one JSON object.

Safari 18.4 and Firefox 158 show it without a service worker; everywhere else the worker gets it as a push event and
shows `notification`. https://webkit.org/blog/16535/meet-declarative-web-push/, https://github.com/w3c/push-api/pull/402
"""

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from deskside.errors import Permanent
from push.model import Notification

ELLIPSIS = "…"
_ZWJ = "\u200d"
_REGIONAL = range(0x1F1E6, 0x1F200)
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_TAGS = range(0xE0020, 0xE0080)


def build(notification: Notification, most: int) -> bytes:
    """The payload in at most `most` bytes.

    What is too large loses, one after the other, its image, its icon and badge, its buttons, and the end of its text.
    Raises Permanent when it is too large even then, or has no title or link that browsers take.
    """
    if not notification.title.strip():
        raise Permanent("a notification needs a title")
    for url in (notification.url, *(button.url for button in notification.buttons)):
        _check_link(url)
    for smaller in _smaller(notification):
        payload = _dump(smaller)
        if len(payload) <= most:
            return payload
    return _with_less_text(replace(notification, image="", icon="", badge="", buttons=()), most)


def cut(text: str, length: int) -> str:
    """The first `length` characters or fewer, with an ellipsis; what a reader sees as one character stays whole."""
    if len(text) <= length:
        return text
    while length > 0 and _joined(text, length):
        length -= 1
    return text[:length].rstrip() + ELLIPSIS


def _smaller(notification: Notification) -> Iterator[Notification]:
    yield notification
    yield (notification := replace(notification, image=""))
    yield (notification := replace(notification, icon="", badge=""))
    yield replace(notification, buttons=())


def _with_less_text(notification: Notification, most: int) -> bytes:
    fits, too_long = -1, len(notification.body)
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        if len(_dump(replace(notification, body=cut(notification.body, middle)))) <= most:
            fits = middle
        else:
            too_long = middle
    if fits < 0:
        raise Permanent(f"the notification is larger than {most} bytes even without its text")
    return _dump(replace(notification, body=cut(notification.body, fits)))


def _dump(notification: Notification) -> bytes:
    shown: dict[str, Any] = {"title": notification.title, "navigate": notification.url, "body": notification.body}
    optional = {
        "lang": notification.language,
        "tag": notification.tag,
        "icon": notification.icon,
        "image": notification.image,
        "badge": notification.badge,
    }
    shown |= {name: value for name, value in optional.items() if value}
    if notification.buttons:
        shown["actions"] = [
            {"action": f"button-{number}", "title": button.title, "navigate": button.url}
            for number, button in enumerate(notification.buttons, start=1)
        ]
    shown["data"] = {"token": notification.token, "url": notification.url}
    # `mutable` has the worker woken where the browser could do without, so that it can report what was shown.
    payload = {"web_push": 8030, "notification": shown, "mutable": True}
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def _check_link(url: str) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("https", "http") and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable:
        raise Permanent("a notification's links must be whole https addresses")


def _joined(text: str, at: int) -> bool:
    """Whether a cut before `text[at]` would tear apart what is shown as one character."""
    after, before = text[at], text[at - 1]
    if unicodedata.category(after) in ("Mn", "Me", "Mc") or _ZWJ in (after, before):
        return True
    if ord(after) in _SKIN_TONES or ord(after) in _TAGS:
        return True
    if ord(after) in _REGIONAL and ord(before) in _REGIONAL:
        # Flags are pairs, counted from the first of the row.
        row = at
        while row > 0 and ord(text[row - 1]) in _REGIONAL:
            row -= 1
        return (at - row) % 2 == 1
    return False
