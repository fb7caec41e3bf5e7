"""Markdown to the HTML of documents: GitHub's dialect, boxes, heading ids, symbolic links."""

import posixpath
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it import __version__ as _library
from markdown_it.renderer import RendererProtocol
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.container import container_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.gfm import gfm_plugin
from selectolax.lexbor import LexborHTMLParser, LexborNode

from deskside.markup.allowed import clean
from deskside.markup.symbols import asset_link, document_link
from deskside.markup.tree import parse
from deskside.markup.vocabulary import scheme

CONVERTER = f"markdown 1, markdown-it-py {_library}"

_BOXES = ("info", "note", "tip", "important", "warning", "caution", "danger")
_HEADINGS = "h1,h2,h3,h4,h5,h6"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a text stands: its path and language, and what is beside it.

    `document` answers the id of the document in a file, `file` the version of any other file; None where there is none.
    Both take paths from the root of the source.
    """

    path: str
    language: str
    document: Callable[[str], str | None]
    file: Callable[[str], tuple[str, str] | None]


@dataclass(slots=True)
class Converted:
    """HTML with symbolic links. `heading` is the text of its first heading of level 1."""

    html: str = ""
    heading: str = ""
    warnings: dict[str, None] = field(default_factory=dict)

    def warn(self, sentence: str) -> None:
        self.warnings[sentence] = None


def convert(text: str, title: str, around: Surroundings) -> Converted:
    """Convert a text without its front matter.

    A heading of level 1 that begins the text is left out where it says the title, or where there is no other one:
    help centres show the title themselves.
    """
    converted = Converted()
    tree = parse(_renderer().render(text))
    _heading_ids(tree)
    _boxes(tree, around.language)
    first = tree.css_first("h1")
    if first is not None:
        converted.heading = " ".join(first.text().split())
        if converted.heading == (title or converted.heading) and _begins(first):
            first.decompose()
    for node in tree.css("[href], [src], [poster]"):
        for attribute in ("href", "src", "poster"):
            if attribute in node.attributes:
                _link(node, attribute, around, converted)
    _own_parts(tree, text, converted)
    cleaned = clean(tree.html or "")
    converted.html = cleaned.html.strip()
    for phrase in cleaned.lost:
        converted.warn(f"Not shown by help centres and left out: {phrase}.")
    return converted


def slug(text: str) -> str:
    """The id GitHub gives a heading: small letters, digits, marks, `-` and `_`; spaces become `-`."""
    kept = (c for c in text.strip().lower() if c.isalnum() or c in " -_" or unicodedata.category(c).startswith("M"))
    return "".join(kept).replace(" ", "-")


@cache
def _renderer() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": True})
    gfm_plugin(markdown)
    deflist_plugin(markdown)
    for name in _BOXES:
        container_plugin(markdown, name, render=_box)
    return markdown


def _box(renderer: RendererProtocol, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    token = tokens[index]
    if token.nesting != 1:
        return "</div>\n"
    name, _, title = token.info.strip().partition(" ")
    heading = f'<p class="kb-title"><strong>{escape(title.strip())}</strong></p>\n' if title.strip() else ""
    return f'<div class="kb-panel kb-{name}">\n{heading}'


def _heading_ids(tree: LexborHTMLParser) -> None:
    taken = {node.id for node in tree.css("[id]")}
    for heading in tree.css(_HEADINGS):
        if heading.id:
            continue
        base = candidate = slug(heading.text()) or "section"
        number = 0
        while candidate in taken:
            number += 1
            candidate = f"{base}-{number}"
        taken.add(candidate)
        heading.attrs["id"] = candidate


def _boxes(tree: LexborHTMLParser, language: str) -> None:
    """GitHub's alerts are our boxes; their English titles stay in English texts."""
    for box in tree.css("div.markdown-alert"):
        kinds = (name.removeprefix("markdown-alert-") for name in (box.attributes.get("class") or "").split())
        box.attrs["class"] = f"kb-panel kb-{next((kind for kind in kinds if kind in _BOXES), 'note')}"
        title = box.css_first("p.markdown-alert-title")
        if title is None:
            continue
        if language.partition("-")[0] != "en":
            title.decompose()
            continue
        title.attrs["class"] = "kb-title"
        title.inner_html = f"<strong>{escape(title.text())}</strong>"


def _begins(heading: LexborNode) -> bool:
    """Whether nothing that is seen stands before a heading."""
    node = heading.prev
    while node is not None:
        if not (node.is_comment_node or (node.is_text_node and not (node.text_content or "").strip())):
            return False
        node = node.prev
    return heading.parent is None or heading.parent.tag in {None, "html", "body"}


def _link(node: LexborNode, attribute: str, around: Surroundings, converted: Converted) -> None:
    """Make one address symbolic, where it leads to a file of the source."""
    address = (node.attributes.get(attribute) or "").strip()
    if scheme(address) == "asset":
        # What files a document has, its source says; an author names them by their paths.
        converted.warn(f"'{address}' is no path and left out.")
        _without(node, attribute)
    if scheme(address) or address.startswith(("#", "//")) or not address:
        return
    path, _, part = address.partition("#")
    path = unicodedata.normalize("NFC", unquote(path.partition("?")[0]))
    rooted = path.startswith("/")
    target = posixpath.normpath(path.lstrip("/") if rooted else posixpath.join(posixpath.dirname(around.path), path))
    if target.startswith("../") or target == "..":
        converted.warn(f"'{path}' is outside of the folder and left out.")
        _without(node, attribute)
        return
    if (document := around.document(target)) is not None and node.tag == "a":
        node.attrs[attribute] = document_link(document, unquote(part))
    elif (found := around.file(target)) is not None:
        actual, version = found
        node.attrs[attribute] = asset_link(f"{version}/{actual}")
    elif not rooted:
        # An address of the help centre itself begins with a slash and is none of ours.
        converted.warn(f"'{path}' is not in the folder and left out.")
        _without(node, attribute)


def _without(node: LexborNode, attribute: str) -> None:
    if node.tag == "img":
        node.replace_with(node.attributes.get("alt") or "")
    elif node.tag == "a" and not node.id:
        node.unwrap()
    else:
        del node.attrs[attribute]


def _own_parts(tree: LexborHTMLParser, text: str, converted: Converted) -> None:
    """Warn of links to parts of the text that are not there."""
    if "#" not in text:
        return
    parts = {node.id for node in tree.css("[id]")} | {node.attributes.get("name") for node in tree.css("a[name]")}
    for link in tree.css("a[href^='#']"):
        part = unquote((link.attributes.get("href") or "")[1:])
        if part not in parts and part not in {"", "top"}:
            converted.warn(f"The link to '#{part}' leads to no heading.")
