"""A note as WHMCS shows it safely, and the marker by which it is found again."""

import re

from adapters.whmcs.normalise import fully_decoded
from deskside.errors import Permanent
from deskside.model.effect import Note
from deskside.text import clean

# The column takes 64 KiB; WHMCS may encode what it stores.
MAX_BYTES = 30_000
SHORTENED = "… (shortened)"
_MARKER = re.compile(r"[A-Za-z0-9._:/+=@-]{1,200}")
_LIKE_AN_ENTITY = re.compile(r"&(?=#?[A-Za-z0-9]+;)")
_HARMLESS = str.maketrans({"<": "‹", ">": "›"})


def stamp(marker: str) -> str:
    """The text that carries `marker` in a note; its brackets keep one marker from being found inside a longer one."""
    if not _MARKER.fullmatch(marker):
        raise Permanent("a note's marker may hold only letters, digits and ._:/+=@-")
    return f"[deskside {marker}]"


def render(note: Note) -> str:
    """The note as plain text, the marker in the last line; too long a note loses its last lines, never its marker.

    Whether WHMCS encodes what comes by the API, and how often it decodes it for its pages, is not documented. So
    nothing that could be markup is sent at all: `<` and `>` become ‹ and ›, an entity's `&` becomes ＆. The text is
    sent without `markdown`, and reads the same in either of WHMCS's editors.
    """
    last = f"\n\n{stamp(note.marker)}"
    room = MAX_BYTES - len(last.encode())
    text = "\n".join(harmless(line) for line in note.lines)
    if len(text.encode()) > room:
        text = text.encode()[: room - len(SHORTENED.encode())].decode("utf-8", "ignore") + SHORTENED
    return text + last


def harmless(line: str) -> str:
    """Foreign text in which nothing is markup, however it is shown."""
    return _LIKE_AN_ENTITY.sub("＆", clean(line).translate(_HARMLESS))


def has_stamp(message: str, marker: str) -> bool:
    """Whether a note, as an answer gave it, carries `marker`."""
    return stamp(marker) in fully_decoded(message)
