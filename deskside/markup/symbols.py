"""Symbolic links of documents (`deskside.model.article`): made, listed, and turned into addresses.

They are addresses of two schemes of their own, with names percent-encoded (RFC 3986): `doc:NAME#part`, `asset:REF`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from deskside.markup.tree import parse

_DOCUMENT, _ASSET = "doc:", "asset:"
_DEEPEST = 10


@dataclass(frozen=True, slots=True)
class Child:
    """A published document below another one, for a list of children; `address` is where readers find it."""

    title: str
    address: str
    children: Sequence["Child"] = ()


@dataclass(frozen=True, slots=True)
class Resolved:
    """HTML with real addresses. `unresolved` are the symbolic addresses that had no answer, each once."""

    html: str
    unresolved: tuple[str, ...]


def document_link(name: str, part: str = "") -> str:
    """The symbolic address of a document, by its id or one of its names; `part` is the id of a heading in it."""
    return _DOCUMENT + quote(name, safe="") + (f"#{quote(part, safe='')}" if part else "")


def asset_link(ref: str) -> str:
    """The symbolic address of a file (`Asset.ref`)."""
    return _ASSET + quote(ref, safe="")


def children_list(name: str, depth: int = 1) -> str:
    """HTML that stands for the list of the published children of a document; `depth` is in levels."""
    return f'<ul data-children="{quote(name, safe="")}" data-depth="{depth}"></ul>'


def document_name(address: str) -> tuple[str, str] | None:
    """Name and part of a document's symbolic address; None for any other address."""
    if not address.startswith(_DOCUMENT):
        return None
    name, _, part = address.removeprefix(_DOCUMENT).partition("#")
    return unquote(name), unquote(part)


def asset_ref(address: str) -> str | None:
    """The reference of a file's symbolic address; None for any other address."""
    return unquote(address.removeprefix(_ASSET)) if address.startswith(_ASSET) else None


def names(html: str) -> tuple[str, ...]:
    """The documents that are linked, each once, in the order of the text. Lists of children are not links."""
    found = (document_name(address) for _, _, address in _addresses(html, _DOCUMENT))
    return tuple(dict.fromkeys(name for name, _ in filter(None, found)))


def refs(html: str) -> tuple[str, ...]:
    """The files that are shown or linked, each once, in the order of the text."""
    found = (asset_ref(address) for _, _, address in _addresses(html, _ASSET))
    return tuple(dict.fromkeys(ref for ref in found if ref is not None))


def resolve(
    html: str,
    document: Callable[[str, str], str | None],
    asset: Callable[[str], str | None],
    children: Callable[[str, int], Sequence[Child]],
) -> Resolved:
    """Put the addresses in which `document(name, part)`, `asset(ref)` and `children(name, depth)` answer.

    A link without an answer becomes its text, an image without one its description, and a list of children that is
    empty disappears.
    """
    if _DOCUMENT not in html and _ASSET not in html and "data-children" not in html:
        return Resolved(html, ())
    tree = parse(html)
    unresolved: dict[str, None] = {}
    for node, attribute, address in _addressed(tree):
        named, ref = document_name(address), asset_ref(address)
        answer = document(*named) if named else asset(ref) if ref is not None else None
        if answer is not None:
            node.attrs[attribute] = answer
        else:
            unresolved[address] = None
            _without_address(node, attribute)
    for node in tree.css("ul[data-children]"):
        _list_children(tree, node, children)
    return Resolved(tree.html or "", tuple(unresolved))


def _addressed(tree: LexborHTMLParser) -> Iterator[tuple[LexborNode, str, str]]:
    for node in tree.css("[href], [src], [poster]"):
        for attribute in ("href", "src", "poster"):
            address = node.attributes.get(attribute) or ""
            if address.startswith((_DOCUMENT, _ASSET)):
                yield node, attribute, address


def _addresses(html: str, scheme: str) -> Iterator[tuple[LexborNode, str, str]]:
    if scheme in html:
        yield from (found for found in _addressed(parse(html)) if found[2].startswith(scheme))


def _without_address(node: LexborNode, attribute: str) -> None:
    if node.tag == "img":
        node.replace_with(node.attributes.get("alt") or "")
    elif attribute == "poster":
        del node.attrs[attribute]
    elif node.tag == "a":
        node.unwrap()
    else:
        node.decompose()


def _list_children(tree: LexborHTMLParser, node: LexborNode, children: Callable[[str, int], Sequence[Child]]) -> None:
    depth = node.attributes.get("data-depth") or ""
    deep = min(int(depth), _DEEPEST) if depth.isascii() and depth.isdigit() else 1
    found = children(unquote(node.attributes.get("data-children") or ""), max(deep, 1))
    if not found:
        node.decompose()
        return
    node.replace_with(_list(tree, found), move=True)


def _list(tree: LexborHTMLParser, children: Sequence[Child]) -> LexborNode:
    listed = tree.create_node("ul")
    for child in children:
        item, link = tree.create_node("li"), tree.create_node("a")
        link.attrs["href"] = child.address
        link.insert_child(child.title)
        item.insert_child(link, move=True)
        if child.children:
            item.insert_child(_list(tree, child.children), move=True)
        listed.insert_child(item, move=True)
    return listed
