"""The text of HTML, as somebody reads it aloud: for the search, for short views."""

import re

from selectolax.lexbor import LexborNode

from deskside.markup.tree import parse, siblings
from deskside.markup.vocabulary import BLOCKS, UNSEEN

_SPACES = re.compile(r"[ \t\r\f\v\xa0]+")
_LINES = re.compile(r" ?\n[ \n]*")


def text(html: str) -> str:
    """What a reader sees, without pictures: a line for each block, a cell of a table or a line break.

    White space is collapsed but for the line ends inside `pre`.
    """
    pieces: list[str] = []
    _walk(parse(html).root, pieces)
    return _LINES.sub("\n", _SPACES.sub(" ", "".join(pieces))).strip()


def _walk(first: LexborNode | None, pieces: list[str]) -> None:
    # Without recursion: nesting is as deep as the author of the HTML likes.
    waiting: list[tuple[LexborNode | str, bool]] = []
    waiting += [(node, False) for node in siblings(first)][::-1]
    while waiting:
        node, preformatted = waiting.pop()
        if isinstance(node, str):
            pieces.append(node)
        elif node.is_text_node:
            content = node.text_content or ""
            pieces.append(content if preformatted else content.replace("\n", " "))
        elif node.tag == "br":
            pieces.append("\n")
        elif node.is_element_node and node.tag not in UNSEEN:
            if node.tag in BLOCKS:
                pieces.append("\n")
                waiting.append(("\n", False))
            inside = preformatted or node.tag == "pre"
            waiting += [(child, inside) for child in siblings(node.first_child)][::-1]
