"""The part of storage format that is HTML already. What help centres show of it, `deskside.markup.allowed` says."""

import re
from html import escape, unescape

from adapters.confluence.storage.dates import written
from adapters.confluence.storage.parse import AC, RI, Element
from adapters.confluence.storage.writing import Handler, Heading, Writing, plain, text

_NAME = re.compile(r"[a-z][a-z0-9]*\Z")
_VOID = frozenset(["br", "col", "hr", "input", "source", "track", "wbr"])
# Confluence's own bookkeeping, and names that would clash with ours.
_NOT_KEPT = re.compile(r"\{|on|data-|local-id\Z|class\Z|id\Z|name\Z|href\Z|src\Z")
# Worth nothing when nothing is in it.
_INLINE = frozenset(["a", "abbr", "b", "code", "em", "i", "mark", "s", "small", "span", "strong", "sub", "sup", "u"])
_MARGIN = re.compile(r"\bmargin-left\s*:", re.IGNORECASE)
_BLOCK = re.compile(
    r"(?:\0|<(?:address|article|aside|blockquote|details|div|dl|figure|footer|header|h[1-6]|hr|iframe|nav|ol|p|pre"
    r"|section|table|ul)\b)"
)
_BLANKS = re.compile(r"(?:\s|\u00a0|<br>|\u200b)*\Z")


def attributes(node: Element) -> str:
    """The attributes that mean something to readers, each with a space before it."""
    kept = {str(name): str(value) for name, value in node.items() if not _NOT_KEPT.match(str(name))}
    highlight = node.get("data-highlight-colour")
    if not kept and not highlight:
        return ""
    style = _MARGIN.sub("padding-left:", kept.pop("style", ""))
    if highlight:
        style = f"background-color: {highlight}; {style}"
    if style:
        kept["style"] = style.strip("; ")
    return "".join(f' {name}="{escape(value)}"' for name, value in kept.items())


def element(node: Element, writing: Writing) -> str:
    """An element of HTML that needs no thought here."""
    tag = node.tag
    if not isinstance(tag, str) or tag.startswith(RI):
        return ""
    if not _NAME.match(tag):
        writing.warn(f"<{tag.replace(AC, 'ac:')[:60]}> is not known: only the text in it is kept")
        return writing.inside(node)
    return wrapped(tag, attributes(node), node, writing)


def wrapped(tag: str, stated: str, node: Element, writing: Writing) -> str:
    """What is inside a node, in an element with these attributes; nothing around nothing where that is all it is."""
    opening = f"<{tag}{stated}>"
    if tag in _VOID:
        return opening
    content = writing.inside(node)
    if opening == "<span>" or (tag in _INLINE and not content):
        return content
    return f"{opening}{content}</{tag}>"


def paragraph(node: Element, writing: Writing) -> str:
    """A paragraph, cut where a block stands in it: HTML's cannot hold any. An empty one is nothing."""
    return in_paragraphs(writing.pieces(node), f"<p{attributes(node)}>")


def in_paragraphs(pieces: list[str], opening: str = "<p>") -> str:
    """Pieces of HTML with everything between blocks in paragraphs."""
    done: list[str] = []
    run: list[str] = []

    def close() -> None:
        inline = "".join(run)
        if not _BLANKS.match(inline):
            done.append(f"{opening}{inline.strip()}</p>")
        run.clear()

    for piece in pieces:
        if _BLOCK.match(piece):
            close()
            done.append(piece)
        else:
            run.append(piece)
    close()
    return "".join(done)


def _heading(level: int) -> Handler:
    def write(node: Element, writing: Writing) -> str:
        content = writing.inside(node).strip()
        words = plain(content)
        if not words:
            return "" if _BLANKS.match(content) else f"<p>{content}</p>"
        given = writing.new_id(unescape(words))
        writing.found.headings.append(Heading(level, given, words))
        return f'<h{level} id="{escape(given)}"{attributes(node)}>{content}</h{level}>'

    return write


def _preformatted(node: Element, writing: Writing) -> str:
    return preformatted(writing.inside(node))


def preformatted(content: str) -> str:
    """A `pre`. Line breaks at its beginning would be taken for a part of the tag by the next reader."""
    return f"<pre>{content.lstrip(chr(10))}</pre>"


def _time(node: Element, writing: Writing) -> str:
    stated = node.get("datetime", "")
    shown = writing.inside(node) or text(written(stated, writing.style.language))
    return f'<time datetime="{escape(stated)}">{shown}</time>' if stated else shown


HANDLERS: dict[str, Handler] = {
    **{f"h{level}": _heading(level) for level in range(1, 7)},
    "p": paragraph,
    "pre": _preformatted,
    "time": _time,
}
