"""When two entries are the same thing: publishers change guids, addresses and titles, though seldom all at once."""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from deskside.model.digest import Entry

LONGEST_GUID = 300
# Parameters that say where a reader came from, never what they read.
_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|mc_[ce]id|ref|source|cmpid", re.IGNORECASE)
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Identity:
    """The three names of an entry."""

    guid: str
    url: str
    title: str


def identify(entry: Entry) -> Identity:
    """The names of an entry, in the form in which they are compared."""
    return Identity(
        entry.guid[:LONGEST_GUID] or canonical(entry.url)[:LONGEST_GUID], canonical(entry.url), title_hash(entry.title)
    )


def canonical(url: str) -> str:
    """An address without what does not change the page: scheme, `www.`, fragment, tracking, a slash at the end."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").removeprefix("www."), parts.port
    except ValueError:
        return url
    place = host if port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f"{host}:{port}"
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.fullmatch(pair[0])]
    return urlunsplit(("", place, parts.path.rstrip("/"), urlencode(sorted(kept)), ""))


def title_hash(title: str) -> str:
    """The same for titles that differ in case, blanks and punctuation only."""
    return hashlib.sha256(" ".join(words(title)).encode()).hexdigest()


def words(text: str) -> list[str]:
    """The words of a text, as they are compared."""
    return re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())


def unseen(entries: Iterable[Entry], known: Collection[Identity]) -> list[Entry]:
    """The entries of which guid, address and title are all new, each once."""
    guids = {item.guid for item in known}
    urls = {item.url for item in known}
    titles = {item.title for item in known}
    found = []
    for entry in entries:
        own = identify(entry)
        if own.guid not in guids and own.url not in urls and own.title not in titles:
            found.append(entry)
        guids.add(own.guid)
        urls.add(own.url)
        titles.add(own.title)
    return found
