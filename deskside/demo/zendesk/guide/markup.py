"""What a help centre does to the HTML of a body: when it is stored, when readers get it, when it is written anew.

Sources: support.zendesk.com 6644509092378 (allowed HTML), 4408824584602 (unsafe content).
"""

import re

import nh3
from selectolax.lexbor import LexborHTMLParser, LexborNode

from deskside.demo.zendesk.guide.state import Rewriting
from deskside.demo.zendesk.state import now, ulid

# ruff would spell these out, a word a line.
# ruff: noqa: SIM905
ALLOWED = frozenset(
    """a abbr address article aside audio bdi bdo blockquote br caption cite code col colgroup data dd del details dfn
    div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hr iframe img ins kbd li mark nav noscript ol p pre
    q rp rt ruby s samp section small source span strong sub summary sup table tbody td tfoot th thead time tr track
    ul var video""".split()
)
# Stored as they come, and nothing of them is shown.
UNSAFE = frozenset(["applet", "button", "embed", "form", "input", "object", "script", "style", "textarea"])
# Stored too; readers get their text without them.
LEGACY = frozenset(["b", "big", "center", "font", "i", "strike", "svg", "path", "g", "tt", "u", "wbr"])
ATTRIBUTES = {
    "*": "class dir id lang style tabindex title",
    "a": "href name rel target",
    "audio": "autoplay controls loop muted preload src",
    "col": "span",
    "colgroup": "span",
    "details": "open",
    "iframe": "allow allowfullscreen frameborder height name src width",
    "img": "alt height name src width",
    "ol": "reversed start type",
    "source": "src type",
    "table": "border cellpadding cellspacing",
    "td": "colspan rowspan",
    "th": "colspan rowspan scope",
    "time": "datetime",
    "video": "controls height poster preload src width",
}
SCHEMES = frozenset(["blob", "data", "ftp", "http", "https", "mailto", "sftp", "sms", "tel"])
FRAMES = frozenset(
    """content.jwplatform.com fast.wistia.com play.vidyard.com player.vimeo.com players.brightcove.net www.loom.com
    web.microsoftstream.com www.microsoft.com www.youtube-nocookie.com www.youtube.com""".split()
)
EMPTY_GO = ("i", "span")
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
BLOCK = re.compile(r"\{\{block:([0-9A-Z]{26})\}\}")
MEDIA = re.compile(r"(?:https?://[^/\"'\s]+)?/guide-media/([0-9A-Z]{26})")


def _harmless(tag: str, attribute: str, value: str) -> str | None:
    if tag == "iframe" and attribute == "src":
        host = re.match(r"https://([^/?#]+)", value)
        return value if host and host.group(1) in FRAMES else None
    data = value.strip().lower().startswith(("data:", "blob:"))
    return None if data and (tag, attribute) != ("img", "src") else value


def shown(body: str) -> str:
    """What readers get of a stored body."""
    return nh3.clean(
        body,
        tags=set(ALLOWED),
        clean_content_tags=set(UNSAFE),
        attributes={tag: set(names.split()) for tag, names in ATTRIBUTES.items()},
        attribute_filter=_harmless,
        generic_attribute_prefixes={"data-", "aria-"},
        url_schemes=set(SCHEMES),
        link_rel=None,
    )


def stored(body: str) -> str:
    """What is kept of a body that is written: byte for byte, where there is nothing to mend.

    Unknown tags go and their text is put in a paragraph; an empty `i` or `span` goes; an empty paragraph is given a
    space.
    """
    tree = _parsed(body)
    unknown = [node for node in _elements(tree) if _is_unknown(node) and not _stands_in_unknown(node)]
    if not unknown and not any(_is_empty(node) for name in (*EMPTY_GO, "p") for node in tree.css(name)):
        return body
    for node in unknown:
        text = node.text(deep=True)
        if text.strip():
            paragraph = tree.create_node("p")
            paragraph.insert_child(text)
            node.insert_before(paragraph)
        node.remove()
    # Printing and parsing puts a paragraph in a paragraph after it, as every HTML parser does.
    tree = _parsed(_printed(tree))
    for name in EMPTY_GO:
        for node in tree.css(name):
            if _is_empty(node) and not node.attrs.get("id"):
                node.remove()
    for node in tree.css("p"):
        if _is_empty(node):
            node.insert_child("\xa0")
    return _printed(tree)


def rewritten(body: str, how: Rewriting, base: str) -> str:
    """A body as a platform may print it anew, with the same meaning. `base` is the help centre's own address.

    `mild` prints every attribute in order and names its headings. `heavy` also makes its own links relative and drops
    their slugs, and leaves the marks of its editor.
    """
    if how == "none":
        return body
    tree = _parsed(body)
    for node in tree.css(", ".join(HEADINGS)):
        if not node.attrs.get("id"):
            node.attrs["id"] = f"h_{ulid(now())}"
    if how == "heavy":
        _relative(tree, base)
        for node in tree.css("p, li, table"):
            if node.tag == "table":
                node.attrs["data-garden-id"] = "tables.table"
            elif not node.attrs.get("class"):
                node.attrs["class"] = "wysiwyg-text-align-left"
        for node in tree.css("a"):
            if str(node.attrs.get("href") or "").startswith(("http:", "https:")) and not node.attrs.get("rel"):
                node.attrs["rel"] = "noopener noreferrer"
    for node in _elements(tree):
        _order(node)
    return _printed(tree)


def _relative(tree: LexborHTMLParser, base: str) -> None:
    for node in tree.css("a[href]"):
        href = str(node.attrs.get("href") or "").removeprefix(base)
        node.attrs["href"] = re.sub(r"^(/hc/(?:[\w-]+/)?articles/\d+)[^#?]*", r"\1", href)


def _order(node: LexborNode) -> None:
    attributes = dict(node.attrs)
    names = sorted(attributes)
    for name in names:
        del node.attrs[name]
    for name in names:
        node.attrs[name] = attributes[name]


def _parsed(body: str) -> LexborHTMLParser:
    return LexborHTMLParser(f"<body>{body}</body>")


def _printed(tree: LexborHTMLParser) -> str:
    return (tree.body.inner_html or "") if tree.body is not None else ""


def _elements(tree: LexborHTMLParser) -> list[LexborNode]:
    return [node for node in tree.css("body *") if node.is_element_node]


def _is_unknown(node: LexborNode) -> bool:
    return node.tag not in ALLOWED | UNSAFE | LEGACY


def _stands_in_unknown(node: LexborNode) -> bool:
    above = node.parent
    while above is not None and above.tag not in ("body", "html"):
        if _is_unknown(above):
            return True
        above = above.parent
    return False


def _is_empty(node: LexborNode) -> bool:
    return not (node.inner_html or "").strip()
