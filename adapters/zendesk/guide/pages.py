"""What stands in the body of an article, made independent of its help centre.

Links to other articles become `doc:` links by their ids, files become `asset:` links, and what else is named relative
to the help centre becomes a whole address.
"""

import mimetypes
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urljoin, urlsplit

from adapters.zendesk.client import Row
from deskside.markup.allowed import clean as clean_html
from deskside.markup.symbols import asset_link, document_link
from deskside.markup.tree import parse
from deskside.model.article import Asset
from deskside.text import clean, identifier

_LOCALE = r"(?:[a-z]{2,3}(?:-[a-z0-9]{2,8})*/)?"
_ARTICLE = re.compile(rf"/hc/{_LOCALE}articles/([0-9]{{1,20}})(?:-[^/]*)?/?", re.I)
_ATTACHMENT = re.compile(rf"/(?:hc/{_LOCALE})?article_attachments/([0-9]{{1,20}})(?:/([^/]*))?/?", re.I)
_MEDIA = re.compile(r"/(?:hc/)?guide-media/([0-9A-Za-z]{26})/?")
_ADDRESSES = ("href", "src", "poster")


@dataclass(frozen=True, slots=True)
class Page:
    """A body with symbolic links. `lost` are short phrases of what was taken out of it."""

    html: str
    assets: tuple[Asset, ...]
    lost: tuple[str, ...]


def convert(html: str, base: str, hosts: Iterable[str], attachments: Mapping[str, Row]) -> Page:
    """A body of the article at `base`; `hosts` are the names of its help centre, `attachments` the rows by id."""
    own = frozenset(hosts)
    tree = parse(html)
    assets: dict[str, Asset] = {}
    for node in tree.css("a[href], img[src], video[src], audio[src], source[src], track[src], [poster]"):
        for attribute in _ADDRESSES:
            address = node.attributes.get(attribute)
            if not address or address.startswith("#"):
                continue
            node.attrs[attribute] = _symbolic(address, base, own, attachments, assets)
    cleaned = clean_html(tree.html or "")
    return Page(cleaned.html, tuple(assets.values()), cleaned.lost)


def uses_attachments(html: str) -> bool:
    """Whether a body shows or links files of its article."""
    return "article_attachments/" in html


def _symbolic(
    address: str, base: str, own: frozenset[str], attachments: Mapping[str, Row], assets: dict[str, Asset]
) -> str:
    try:
        whole = urljoin(base, address.strip())
        parts = urlsplit(whole)
        host = parts.netloc.lower()
    except ValueError:
        return address
    if parts.scheme not in ("http", "https") or host not in own:
        return address
    if found := _ARTICLE.fullmatch(parts.path):
        return document_link(found[1], unquote(parts.fragment))
    if found := _ATTACHMENT.fullmatch(parts.path):
        row = attachments.get(found[1], {})
        name = clean(row.get("file_name")) or unquote(found[2] or "") or f"attachment-{found[1]}"
        asset = _asset(f"/hc/article_attachments/{found[1]}", name, clean(row.get("content_type")))
    elif found := _MEDIA.fullmatch(parts.path):
        asset = _asset(f"/guide-media/{found[1]}", f"media-{found[1].lower()}", "")
    else:
        return whole
    assets.setdefault(asset.ref, asset)
    return asset_link(asset.ref)


def _asset(ref: str, name: str, content_type: str) -> Asset:
    kind = content_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Asset(ref, name, kind)


def by_id(rows: Iterable[Row]) -> dict[str, Row]:
    """Attachments by their ids."""
    return {found: row for row in rows if (found := identifier(row.get("id")))}
