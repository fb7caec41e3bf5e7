"""Addresses in articles, written in one way."""

import re
from dataclasses import dataclass
from urllib.parse import quote

_PAGE = re.compile(
    r"(?:https?://[^/?#]+)?/hc(?:/([A-Za-z0-9-]+))?/(articles|sections|categories)/(\d+)(?:-[^/?#]*)?/?(?:#(.*))?", re.S
)
_ATTACHMENT = re.compile(r"(?:https?://[^/?#]+)?/hc(?:/[A-Za-z0-9-]+)?/article_attachments/(\d+)(?:/[^?#]*)?")
_MEDIA = re.compile(r"(?:https?://[^/?#]+)?/guide-media/([0-9A-Za-z]+)")
# RFC 3986: reserved characters and what is encoded already stay as they are.
_KEPT = "%:/?#[]@!$&'()*+,;=~"


@dataclass(frozen=True, slots=True)
class ArticleAddress:
    """What the address of an article in a Zendesk help centre names; `language` is "" where it has none."""

    language: str
    id: str
    part: str


def article(address: str) -> ArticleAddress | None:
    """Read `/hc/en-us/articles/ID-slug#part`, with or without host and slug; None for any other address.

    Ids are unique over all help centres, so the host adds nothing.
    """
    found = _PAGE.fullmatch(address)
    if found is None or found[2] != "articles":
        return None
    return ArticleAddress((found[1] or "").lower(), found[3], found[4] or "")


def attachment_id(address: str) -> str | None:
    """The id of an article's attachment in its address, with or without host, language and file name."""
    found = _ATTACHMENT.fullmatch(address)
    return found[1] if found else None


def media_id(address: str) -> str | None:
    """The id of a Guide media object in its address."""
    found = _MEDIA.fullmatch(address)
    return found[1] if found else None


def normal(address: str) -> str:
    """One form for addresses that lead to the same place.

    Without white space around it, percent-encoded (RFC 3986), with a scheme where there is a host; those of a help
    centre by their ids.
    """
    address = address.strip()
    if not address.isascii() or " " in address:
        address = quote(address, safe=_KEPT)
    if address.startswith("//"):
        address = f"https:{address}"
    if "/hc" not in address and "/guide-media/" not in address:
        return address
    if page := _PAGE.fullmatch(address):
        language, kind, number, part = page.groups("")
        return f"{kind}:{language.lower()}:{number}" + (f"#{part}" if part else "")
    if (found := attachment_id(address)) is not None:
        return f"attachments:{found}"
    if (found := media_id(address)) is not None:
        return f"media:{found}"
    return address
