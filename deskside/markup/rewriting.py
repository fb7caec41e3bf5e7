"""What help centres do not show, turned into what they do; what has no equal is named."""

from collections.abc import Callable

from selectolax.lexbor import LexborHTMLParser, LexborNode

from deskside.markup.tree import parse, siblings
from deskside.markup.vocabulary import (
    ADDRESSES,
    ELEMENTS,
    FRAME_HOSTS,
    SCHEMES,
    STYLES,
    STYLES_OF,
    frame_host,
    scheme,
    takes,
    words,
)

Lost = dict[str, None]

_RENAMED = {
    "acronym": ("abbr", ""),
    "b": ("strong", ""),
    "big": ("span", "font-size:larger"),
    "button": ("strong", ""),
    "center": ("div", "text-align:center"),
    "dialog": ("div", ""),
    "dir": ("ul", ""),
    "fieldset": ("div", ""),
    "font": ("span", ""),
    "form": ("div", ""),
    "hgroup": ("div", ""),
    "i": ("em", ""),
    "legend": ("div", ""),
    "listing": ("pre", ""),
    "main": ("div", ""),
    "menu": ("ul", ""),
    "plaintext": ("pre", ""),
    "search": ("section", ""),
    "strike": ("s", ""),
    "textarea": ("pre", ""),
    "tt": ("code", ""),
    "u": ("span", "text-decoration:underline"),
    "xmp": ("pre", ""),
}
_NOT_SAID = words("""
    acronym b big center dir font hgroup i legend listing main menu picture plaintext search strike tt u wbr xmp
""")
_REMOVED = {
    "noembed": "",
    "noframes": "",
    "noscript": "what is there for browsers without scripts",
    "script": "a script",
    "style": "a style sheet",
    "svg": "a drawing inside the text (svg)",
    "template": "a template",
    "title": "a title inside the text",
}
_BOXES = {("checkbox", False): "☐", ("checkbox", True): "☑", ("radio", False): "○", ("radio", True): "◉"}
_ALIGNED = words("caption div h1 h2 h3 h4 h5 h6 p tbody td tfoot th thead tr")
_ALIGNMENTS = frozenset({"left", "right", "center", "justify"})


def rewrite(html: str, lost: Lost) -> str:
    """`html` with its own equals for what help centres do not show; it is not safe yet. Adds to `lost`.

    Text in which nothing is to be rewritten comes back as it is, not as it would be printed.
    """
    if "<" not in html:
        return html
    tree = parse(html)
    changed = False
    waiting = [*siblings(tree.root)][::-1]
    while waiting:
        node = waiting.pop()
        if node.tag is None or node.is_text_node or node.is_comment_node:
            continue
        result = _element(tree, node, lost)
        changed |= result is not node
        if result is not None:
            changed |= _attributes(result, lost)
            waiting += [*siblings(result.first_child)][::-1]
    return (tree.html or "") if changed else html


def _element(tree: LexborHTMLParser, node: LexborNode, lost: Lost) -> LexborNode | None:
    """The node that stands for this one now: itself, another, or None where its inside needs no look."""
    tag = node.tag or ""
    if tag in ELEMENTS and tag not in _SPECIAL:
        return node
    if tag in _REMOVED:
        _say(lost, _REMOVED[tag])
        node.decompose()
        return None
    if tag in _RENAMED:
        if tag not in _NOT_SAID:
            _say(lost, f"<{tag}>")
        return _rename(tree, node, *_RENAMED[tag])
    if tag in _SPECIAL:
        return _SPECIAL[tag](tree, node, lost)
    if tag not in _NOT_SAID:
        _say(lost, f"<{tag}>")
    return node


def _rename(tree: LexborHTMLParser, node: LexborNode, name: str, style: str) -> LexborNode:
    renamed = tree.create_node(name)
    attributes = node.attributes
    if node.tag == "font" and attributes.get("color"):
        style = f"color:{attributes['color']}"
    for key, value in attributes.items():
        if takes(name, key):
            renamed.attrs[key] = value
    if style:
        renamed.attrs["style"] = f"{attributes.get('style') or ''};{style}".lstrip(";")
    while node.first_child is not None:
        renamed.insert_child(node.first_child, move=True)
    node.replace_with(renamed, move=True)
    return renamed


def _input(tree: LexborHTMLParser, node: LexborNode, lost: Lost) -> None:
    attributes = node.attributes
    kind = (attributes.get("type") or "text").lower()
    box = _BOXES.get((kind, "checked" in attributes))
    if box is None:
        _say(lost, "<input>")
        box = "" if kind in {"hidden", "password"} else attributes.get("value") or ""
    node.replace_with(box)


def _select(tree: LexborHTMLParser, node: LexborNode, lost: Lost) -> None:
    _say(lost, "<select>")
    node.replace_with(" / ".join(option.text().strip() for option in node.css("option")))


def _iframe(tree: LexborHTMLParser, node: LexborNode, lost: Lost) -> LexborNode | None:
    address = (node.attributes.get("src") or "").strip()
    if address.startswith("//"):
        address = f"https:{address}"
        node = _rename(tree, node, "iframe", "")
        node.attrs["src"] = address
    host = frame_host(address)
    if host in FRAME_HOSTS:
        return node
    if not host and scheme(address) not in {"http", "https"}:
        _say(lost, "a frame")
        node.decompose()
        return None
    _say(lost, f"a frame of {host or 'another host'}: now a link")
    link = tree.create_node("a")
    link.attrs["href"] = address
    link.insert_child(node.attributes.get("title") or address)
    node.replace_with(link, move=True)
    return None


def _source(tree: LexborHTMLParser, node: LexborNode, lost: Lost) -> LexborNode | None:
    if node.parent is not None and node.parent.tag == "picture":
        node.decompose()
        return None
    return node


_SPECIAL: dict[str, Callable[[LexborHTMLParser, LexborNode, Lost], LexborNode | None]] = {
    "iframe": _iframe,
    "input": _input,
    "select": _select,
    "source": _source,
}


def _attributes(node: LexborNode, lost: Lost) -> bool:
    """Name and remove the attributes readers do not get; true where there were some."""
    tag = node.tag or ""
    if tag not in ELEMENTS:
        return False
    attributes = node.attributes
    style, aligned = attributes.get("style"), None
    removed = []
    for name, value in attributes.items():
        if name == "align" and tag in _ALIGNED and (value or "").lower() in _ALIGNMENTS:
            aligned = f"text-align:{(value or '').lower()}"
        elif not takes(tag, name):
            _say(lost, f"the attribute {name} of <{tag}>")
        elif name in ADDRESSES and scheme(value or "") not in SCHEMES | {""}:
            _say(lost, f"an address that begins with {scheme(value or '')}:")
        else:
            continue
        removed.append(name)
    for name in removed:
        del node.attrs[name]
    kept = styles(tag, style, lost) if style is not None else None
    if aligned is not None:
        kept = ";".join(filter(None, (aligned, kept if kept is not None else style)))
    if kept is not None:
        node.attrs["style"] = kept
    return bool(removed) or kept is not None


def styles(tag: str, text: str, lost: Lost) -> str | None:
    """The declarations of a style that readers get of this element; None where that is all of them."""
    allowed = STYLES | STYLES_OF.get(tag, frozenset())
    kept, dropped = [], False
    for declaration in text.split(";"):
        name, colon, value = declaration.partition(":")
        name = name.strip().lower()
        # Addresses in styles would be fetched by every reader, and are not followed by anything here.
        if name in allowed and colon and "url(" not in value.lower():
            kept.append(f"{name}:{value.strip()}")
        elif declaration.strip():
            _say(lost, f"the style {name} of <{tag}>")
            dropped = True
    return ";".join(kept) if dropped else None


def _say(lost: Lost, phrase: str) -> None:
    if phrase:
        lost[phrase[:80]] = None
