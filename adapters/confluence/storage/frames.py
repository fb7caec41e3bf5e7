"""Players and pages that help centres let stand in a frame, by the address a person copied."""

import re
from html import escape
from urllib.parse import parse_qs, urlsplit

from deskside.markup.vocabulary import FRAME_HOSTS, frame_host

_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


def frame(url: str) -> str:
    """A frame for what is at `url`; empty where help centres show none of it."""
    address = _player(url)
    if not address:
        return ""
    return f'<iframe src="{escape(address)}" width="640" height="360" frameborder="0" allowfullscreen></iframe>'


def _player(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    except ValueError:
        return ""
    steps = [step for step in parts.path.split("/") if step]
    if host == "youtube.com" and parts.path == "/watch":
        return _at("https://www.youtube-nocookie.com/embed/", parse_qs(parts.query).get("v", [""])[0])
    if host == "youtu.be" and len(steps) == 1:
        return _at("https://www.youtube-nocookie.com/embed/", steps[0])
    if host == "vimeo.com" and len(steps) == 1:
        return _at("https://player.vimeo.com/video/", steps[0])
    if host == "loom.com" and len(steps) == 2 and steps[0] == "share":
        return _at("https://www.loom.com/embed/", steps[1])
    return url.strip() if frame_host(url.strip()) in FRAME_HOSTS and "embed" in parts.path + host else ""


def _at(beginning: str, name: str) -> str:
    return beginning + name if _PLAIN_ID.match(name) else ""
