"""The part of storage format that is HTML already: kept as far as help centres show it."""

import re
from html import escape

from adapters.confluence.storage.parse import Element
from adapters.confluence.storage.writing import Handler, Heading, Writing, plain, text

_KEPT = (
    "abbr address article aside bdi bdo blockquote caption cite code col colgroup dd del details dfn div dl dt em "
    "figcaption figure footer header ins kbd li mark nav ol pre q rp rt ruby s samp section small span strong sub "
    "summary sup table tbody td tfoot th thead tr ul var"
).split()
_RENAMED = {
    "b": "strong",
    "i": "em",
    "strike": "s",
    "tt": "code",
    "acronym": "abbr",
    "font": "span",
    "big": "span",
}
_STYLED = {"u": ("span", "text-decoration: underline"), "center": ("div", "text-align: center")}
_DROPPED = "script style template object applet embed head title meta link base noscript svg math".split()
# Worth nothing when it has neither text nor attributes.
_EMPTY_IS_NOTHING = frozenset({"span", "strong", "em", "s", "code", "sub", "sup", "small", "mark"})
_ATTRIBUTES = {
    "td": ("colspan", "rowspan"),
    "th": ("colspan", "rowspan", "scope"),
    "ol": ("start", "type", "reversed"),
    "col": ("span",),
    "colgroup": ("span",),
    "details": ("open",),
}
_EVERYWHERE = ("dir", "lang", "title")
_PROPERTIES = re.compile(
    r"(?:background-color|border(?:-[a-z-]+)?|color|font-(?:size|style|weight|family)|line-height|padding(?:-[a-z]+)?"
    r"|text-(?:align|decoration|transform)|vertical-align|white-space|(?:min-|max-)?(?:width|height))\Z"
)
_VALUE = re.compile(r"[\w\s#%.,()'\"+-]+\Z")
_INDENT = "margin-left"
_BLOCK = re.compile(
    r"(?:\0|<(?:address|article|aside|blockquote|details|div|dl|figure|footer|header|h[1-6]|hr|iframe|nav|ol|p|pre"
    r"|section|table|ul)\b)"
)
_BLANKS = re.compile(r"(?:\s|\u00a0|&nbsp;|<br>|\u200b)*\Z")
HEADINGS = tuple(f"h{level}" for level in range(1, 7))


def style(*declarations: str) -> str:
    """A style attribute with a space before it, of what is allowed of these declarations; empty without any."""
    kept = []
    for declaration in ";".join(declarations).split(";"):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        # Help centres allow a margin at tables alone.
        name = "padding-left" if name.lower() == _INDENT else name.lower()
        if _PROPERTIES.match(name) and _VALUE.match(value) and "url" not in value.lower():
            kept.append(f"{name}: {value}")
    return f' style="{escape("; ".join(kept))}"' if kept else ""


def attributes(node: Element, tag: str, *more_style: str) -> str:
    """The attributes that are kept, each with a space before it."""
    names = (*_ATTRIBUTES.get(tag, ()), *_EVERYWHERE)
    kept = "".join(f' {name}="{escape(node.attrib[name])}"' for name in names if name in node.attrib)
    highlight = node.get("data-highlight-colour")
    colours = [f"background-color: {highlight}"] if highlight else []
    return kept + style(*more_style, *colours, node.get("style", ""))


def _kept(tag: str, *more_style: str) -> Handler:
    empty = tag in {"col"}

    def write(node: Element, writing: Writing) -> str:
        opening = f"<{tag}{attributes(node, tag, *more_style)}>"
        if empty:
            return opening
        content = writing.inside(node)
        if tag in _EMPTY_IS_NOTHING and not content:
            return ""
        if opening == "<span>":
            return content
        return f"{opening}{content}</{tag}>"

    return write


def paragraph(node: Element, writing: Writing) -> str:
    """A paragraph, cut where a block stands in it: HTML's cannot hold any. An empty one is nothing."""
    opening = f"<p{attributes(node, 'p')}>"
    return in_paragraphs(writing.pieces(node), opening)


def in_paragraphs(pieces: list[str], opening: str = "<p>") -> str:
    """Pieces of HTML with everything between blocks in paragraphs."""
    written: list[str] = []
    run: list[str] = []

    def close() -> None:
        inline = "".join(run)
        if not _BLANKS.match(inline):
            written.append(f"{opening}{inline.strip()}</p>")
        run.clear()

    for piece in pieces:
        if _BLOCK.match(piece):
            close()
            written.append(piece)
        else:
            run.append(piece)
    close()
    return "".join(written)


def _heading(level: int) -> Handler:
    def write(node: Element, writing: Writing) -> str:
        content = writing.inside(node).strip()
        if _BLANKS.match(content):
            return ""
        words = plain(content)
        if not words:
            return f"<p>{content}</p>"
        given = writing.new_id(_unescaped(words))
        writing.found.headings.append(Heading(level, given, words))
        return f'<h{level} id="{escape(given)}"{attributes(node, f"h{level}")}>{content}</h{level}>'

    return write


def _unescaped(words: str) -> str:
    return words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _nothing(_node: Element, _writing: Writing) -> str:
    return ""


def _unwrapped(node: Element, writing: Writing) -> str:
    return writing.inside(node)


def _preformatted(node: Element, writing: Writing) -> str:
    return preformatted(writing.inside(node))


def preformatted(content: str, before: str = "") -> str:
    """A `pre`. The first line break in it belongs to the tag, so an own one needs another before it."""
    extra = "\n" if content.startswith("\n") and not before else ""
    return f"<pre>{before}{extra}{content}{'</code>' if before else ''}</pre>"


def _time(node: Element, writing: Writing) -> str:
    # Late, because calendars of all languages take long to load.
    from adapters.confluence.storage.dates import written  # noqa: PLC0415

    stated = node.get("datetime", "")
    shown = writing.inside(node) or text(written(stated, writing.style.language))
    return f'<time datetime="{escape(stated)}">{shown}</time>' if stated else shown


HANDLERS: dict[str, Handler] = {
    **{tag: _kept(tag) for tag in _KEPT},
    **{tag: _kept(new) for tag, new in _RENAMED.items()},
    **{tag: _kept(new, look) for tag, (new, look) in _STYLED.items()},
    **dict.fromkeys(_DROPPED, _nothing),
    **{tag: _heading(int(tag[1])) for tag in HEADINGS},
    "p": paragraph,
    "pre": _preformatted,
    "br": lambda _node, _writing: "<br>",
    "hr": lambda _node, _writing: "<hr>",
    "wbr": _nothing,
    "time": _time,
    **dict.fromkeys(("body", "html", "form", "fieldset", "label", "button"), _unwrapped),
}
