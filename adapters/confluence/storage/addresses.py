"""Addresses that stand in a body: which of them are pages or files of the wiki itself."""

import base64
import binascii
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, unquote_plus, urlsplit

from adapters.confluence.storage.writing import anchor_id
from deskside.text import clean

_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_BY_ID = re.compile(r"/(?:spaces/[^/]+/)?pages/(?:edit-v2/)?(\d+)(?:/([^/]*))?")
_BY_TITLE = re.compile(r"/display/([^/]+)/([^/]+)/?\Z")
_TINY = re.compile(r"/x/([A-Za-z0-9_-]{1,20})/?\Z")
_FILE = re.compile(r"/download/(?:attachments|thumbnails)/(\d+)/([^/]+)\Z")


@dataclass(frozen=True, slots=True)
class Outside:
    """An address that is kept as it is."""

    url: str


@dataclass(frozen=True, slots=True)
class Document:
    """A page of the wiki, by its id or its `page_name`; `part` is the id of a heading in it."""

    name: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a page of the wiki."""

    page_id: str
    filename: str


@dataclass(frozen=True, slots=True)
class Part:
    """A place on the page itself."""

    id: str


@dataclass(frozen=True, slots=True)
class Nowhere:
    """An address nobody outside could follow; `why` is half a sentence."""

    why: str


Address = Outside | Document | File | Part | Nowhere


def page_name(space: str, title: str) -> str:
    """What links call a page by: its space's key and its title."""
    return f"{space}/{' '.join(unicodedata.normalize('NFC', clean(title)).split())}"


def part_of(anchor: str, title: str = "") -> str:
    """The id of a place in a page by Confluence's name of it.

    Data Center puts the page's title before the heading's text, both without blanks: `Installguide-Step2`.
    """
    anchor = unquote(anchor)
    prefix = "".join(title.split()) + "-"
    if title and anchor.casefold().startswith(prefix.casefold()):
        anchor = anchor[len(prefix) :]
    return anchor_id(anchor)


def read(url: str, wiki: str) -> Address:
    """What an address stands for, in a wiki whose own addresses begin with `wiki`."""
    url = url.strip()
    try:
        parts = urlsplit(url)
    except ValueError:
        return Nowhere("its address cannot be read")
    if not parts.scheme and not parts.netloc and not parts.path and not parts.query:
        return Part(part_of(parts.fragment)) if parts.fragment else Nowhere("it has no address")
    if parts.scheme and parts.scheme.lower() not in _SCHEMES:
        return Nowhere("its address is of a kind that is not published")
    own = urlsplit(wiki)
    is_own = parts.netloc.lower() == own.netloc.lower() if parts.netloc else not parts.scheme
    if not is_own:
        return Outside(url)
    path = parts.path.removeprefix(own.path)
    return _own(path, parts.query, parts.fragment)


def _own(path: str, query: str, fragment: str) -> Address:
    if found := _FILE.search(path):
        return File(found[1], unquote(found[2]))
    if found := _BY_ID.search(path):
        return Document(found[1], part_of(fragment, unquote_plus(found[2] or "")))
    if path.endswith("/viewpage.action") and (page_id := parse_qs(query).get("pageId", [""])[0]).isdigit():
        return Document(page_id, part_of(fragment))
    if found := _BY_TITLE.search(path):
        title = unquote_plus(found[2])
        return Document(page_name(unquote(found[1]), title), part_of(fragment, title))
    if (found := _TINY.search(path)) and (page_id := _tiny(found[1])):
        return Document(page_id, part_of(fragment))
    return Nowhere("it leads into the wiki, to no page of it")


def _tiny(code: str) -> str:
    """The id of a page by the code of its short link: eight bytes, little end first, in base64 without the zeros.

    Atlassian's knowledge base, "How to programmatically generate the tiny link of a Confluence page".
    """
    standard = code.replace("-", "/").replace("_", "+")
    try:
        number = int.from_bytes(base64.b64decode(standard.ljust(11, "A") + "=")[:8], "little")
    except (binascii.Error, ValueError):
        return ""
    return str(number) if number else ""
