"""Parsing and walking of HTML fragments (HTML Standard, by lexbor)."""

from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode


def parse(html: str) -> LexborHTMLParser:
    """The fragment, as inside a body. Lone surrogates, which no encoding has, become question marks."""
    return LexborHTMLParser(html.encode("utf-8", "replace"), is_fragment=True)


def siblings(node: LexborNode | None) -> Iterator[LexborNode]:
    """A node and those after it in the same parent; each may be changed or removed once it is given."""
    while node is not None:
        following = node.next
        yield node
        node = following
