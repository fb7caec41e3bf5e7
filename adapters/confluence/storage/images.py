"""Images: `ac:image` with its file or address, width, description and caption."""

from html import escape

from adapters.confluence.storage import addresses, links
from adapters.confluence.storage.elements import attributes, in_paragraphs, wrapped
from adapters.confluence.storage.parse import AC, RI, Element
from adapters.confluence.storage.writing import Handler, NotShown, Writing, of_type
from deskside.markup.symbols import asset_link
from deskside.model.article import Asset

_BLOCKS_AROUND = frozenset({"root", "li", "td", "th", "div", "blockquote", "body", "section", "article"})
_BLOCKS_OF_CONFLUENCE = frozenset({"rich-text-body", "layout-cell", "adf-content", "adf-fallback", "task-body"})


def image(source: str, alt: str = "", *, width: str = "", height: str = "", title: str = "") -> str:
    """An image at an address, symbolic or real."""
    stated = {"alt": alt, "title": title, "width": _pixels(width), "height": _pixels(height)}
    kept = "".join(f' {name}="{escape(value)}"' for name, value in stated.items() if value)
    return f'<img src="{escape(source)}"{kept}>'


def figure(content: str, caption: str = "") -> str:
    """A figure around an image or a block, with a caption where there is one."""
    below = f"<figcaption>{caption}</figcaption>" if caption else ""
    return f"<figure>{content}{below}</figure>"


def of_asset(asset: Asset) -> str:
    """A figure of a file that is an image."""
    return figure(image(asset_link(asset.ref), asset.filename))


def _image(node: Element, writing: Writing) -> str:
    try:
        source = _source(node, writing)
    except NotShown as reason:
        named = _filename(node)
        writing.warn(f"the image “{named}” is left out: {reason}")
        return ""
    written = image(
        source,
        node.get(AC + "alt") or "",
        width=node.get(AC + "width", ""),
        height=node.get(AC + "height", ""),
        title=node.get(AC + "title", ""),
    )
    if node.get(AC + "href"):
        written = links.address(node.get(AC + "href", ""), written, writing)
    caption = of_type(node, "caption")
    words = _caption(caption, writing) if caption is not None else ""
    return figure(written, words) if words or _stands_alone(node) else written


def _source(node: Element, writing: Writing) -> str:
    attachment, url = node.find(RI + "attachment"), node.find(RI + "url")
    if attachment is not None:
        asset = writing.file(attachment.get(RI + "filename", ""), links.owner(attachment, writing))
        return asset_link(asset.ref)
    return _address(url.get(RI + "value", "") if url is not None else node.get(AC + "src", ""), writing)


def _address(url: str, writing: Writing) -> str:
    found = addresses.read(url, writing.wiki.address)
    if isinstance(found, addresses.File) and found.page_id == writing.page.id:
        return asset_link(writing.file(found.filename).ref)
    if isinstance(found, addresses.Outside) and found.url.startswith(("http://", "https://")):
        return found.url
    raise NotShown("readers cannot fetch it from where it is")


def _html_image(node: Element, writing: Writing) -> str:
    url = node.get("src", "")
    try:
        source = _address(url, writing)
    except NotShown as reason:
        writing.warn(f"the image “{url[:80]}” is left out: {reason}")
        return ""
    size = {"width": node.get("width", ""), "height": node.get("height", "")}
    return image(source, node.get("alt", ""), title=node.get("title", ""), **size)


def _media(node: Element, writing: Writing) -> str:
    """A player, or a frame: somebody's own HTML. It may show what readers can fetch."""
    url = node.get("src", "")
    try:
        source = f' src="{escape(_address(url, writing))}"' if url else ""
    except NotShown as reason:
        writing.warn(f"the {node.tag} “{url[:80]}” is left out: {reason}")
        return writing.inside(node)
    return wrapped(node.tag, source + attributes(node), node, writing)


def _caption(node: Element, writing: Writing) -> str:
    paragraphs = in_paragraphs(writing.pieces(node))
    single = paragraphs.count("<p") == 1 and paragraphs.startswith("<p>") and paragraphs.endswith("</p>")
    return paragraphs[3:-4] if single else paragraphs


def _stands_alone(node: Element) -> bool:
    """Whether an image is a block of its own: not where it stands in a line of text."""
    if node.get(AC + "inline") == "true":
        return False
    around = node.getparent()
    tag = around.tag if around is not None else "root"
    if tag.startswith(AC):
        return tag.removeprefix(AC) in _BLOCKS_OF_CONFLUENCE
    return tag in _BLOCKS_AROUND


def _filename(node: Element) -> str:
    for child in node:
        named = child.get(RI + "filename") or child.get(RI + "value")
        if named:
            return named[:80]
    return ""


def _pixels(value: str) -> str:
    number = value.strip().removesuffix("px").partition(".")[0]
    return number if number.isascii() and number.isdigit() and len(number) < 6 else ""


HANDLERS: dict[str, Handler] = {
    AC + "image": _image,
    "img": _html_image,
    **dict.fromkeys(("audio", "iframe", "source", "track", "video"), _media),
}
