"""A note as HTML, and the marker by which it is found again."""

import re
from html import unescape

from markupsafe import escape

from deskside.errors import Permanent
from deskside.model.effect import Note
from deskside.text import clean

# Zendesk takes 64 KiB in one comment; the rest is left to what it may add itself.
MAX_BYTES = 60_000
SHORTENED = "… (shortened)"
_MARKER = re.compile(r"[A-Za-z0-9._:/+=@-]{1,200}")
_STAMP = re.compile(r"\[deskside [A-Za-z0-9._:/+=@-]{1,200}\]")
_TAG = re.compile(r"<[^>]*>")


def stamp(marker: str) -> str:
    """The text that carries `marker` in a note; its brackets keep one marker from being found inside a longer one."""
    if not _MARKER.fullmatch(marker):
        raise Permanent("a note's marker may hold only letters, digits and ._:/+=@-")
    return f"[deskside {marker}]"


def render(note: Note) -> str:
    """The note as HTML: every line a paragraph, everything escaped, the marker small at the end.

    A note that would be longer than Zendesk takes loses its last lines, never its marker.
    """
    last = f"<p><small>{escape(stamp(note.marker))}</small></p>"
    left = MAX_BYTES - len(last.encode()) - 100
    paragraphs: list[str] = []
    for line in note.lines:
        paragraph, fits = _paragraph(clean(line), left)
        paragraphs.append(paragraph)
        left -= len(paragraph.encode())
        if not fits:
            break
    return "".join(paragraphs) + last


def has_stamp(comment_text: str, marker: str) -> bool:
    """Whether a comment (HTML or plain) carries `marker`."""
    return stamp(marker) in _plain(comment_text)


def has_any_stamp(comment_text: str) -> bool:
    """Whether a comment (HTML or plain) carries any marker of ours."""
    return _STAMP.search(_plain(comment_text)) is not None


def _paragraph(line: str, room: int) -> tuple[str, bool]:
    html = _html(line)
    if len(html.encode()) <= room:
        return html, True
    # Escaping makes text longer by an unknown factor, so the cut is looked for, by halves.
    low, high = 0, len(line)
    while low < high:
        middle = (low + high + 1) // 2
        if len(_html(line[:middle] + SHORTENED).encode()) <= room:
            low = middle
        else:
            high = middle - 1
    return _html(line[:low] + SHORTENED), False


def _html(line: str) -> str:
    return f"<p>{escape(line)}</p>".replace("\n", "<br>")


def _plain(comment_text: str) -> str:
    return unescape(_TAG.sub("", comment_text))
