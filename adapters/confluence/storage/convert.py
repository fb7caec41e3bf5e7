"""A whole page: storage format into the symbolic HTML of `deskside.model.article`."""

import re
from dataclasses import dataclass

from adapters.confluence.storage import cloud_editor, elements, images, links, macros
from adapters.confluence.storage.elements import in_paragraphs
from adapters.confluence.storage.parse import BrokenStorage, parse
from adapters.confluence.storage.writing import Found, Handler, Page, Style, Wiki, Writing
from deskside.markup.allowed import clean
from deskside.markup.symbols import refs
from deskside.model.article import Asset

# Another one whenever the same page would become other HTML.
VERSION = "1"

_HANDLERS: dict[str, Handler] = {
    **elements.HANDLERS,
    **links.HANDLERS,
    **images.HANDLERS,
    **macros.HANDLERS,
    **cloud_editor.HANDLERS,
}
_LATER = re.compile("\0([0-9]+)\0")


@dataclass(frozen=True, slots=True)
class Converted:
    """A page as HTML that is already safe; `depends` are the ids of the pages whose text stands in it."""

    html: str
    assets: tuple[Asset, ...] = ()
    depends: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def convert(page: Page, wiki: Wiki, style: Style) -> Converted:
    """Convert a page. Raises `BrokenStorage` for a body that is no XML."""
    found = Found()
    writing = Writing(page, wiki, style, _HANDLERS, elements.element, found)
    try:
        html = in_paragraphs(writing.pieces(parse(page.body)))
    except RecursionError:
        raise BrokenStorage("the body of the page nests too deep") from None
    cleaned = clean(_LATER.sub(lambda mark: found.generated[int(mark[1])](), html))
    shown = set(refs(cleaned.html))
    return Converted(
        cleaned.html,
        tuple(asset for ref, asset in found.assets.items() if ref in shown),
        tuple(found.depends),
        (*found.warnings, *(f"not shown by help centres, so removed: {lost}" for lost in cleaned.lost)),
    )
