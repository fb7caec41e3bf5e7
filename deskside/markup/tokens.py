"""HTML as a stream of tokens that says what it means, and leaves out how it happens to be written.

Two texts that a browser shows alike, and that differ only as editors and serialisers make them differ, give the same
stream. What is left out was measured on real edits: order and quoting of attributes, entities, white space, empty
paragraphs, `tbody` and `span` without attributes, `b` for `strong`, and what Zendesk's editor adds (heading ids
`h_…`, `wysiwyg-*`, `anchor-heading`, `data-garden-*`).
"""

import re
import unicodedata
from collections.abc import Callable, Mapping

from selectolax.lexbor import LexborHTMLParser, LexborNode

from deskside.markup.addresses import normal
from deskside.markup.tree import parse
from deskside.markup.vocabulary import ADDRESSES, BLOCKS, words

Attributes = tuple[tuple[str, str], ...]
# ("open" or "close", element, attributes) or ("text", words, ()).
Token = tuple[str, str, Attributes]
Links = Callable[[str], str]

_SAME = {"b": "strong", "i": "em", "strike": "s", "tt": "code"}
_IGNORED = words("rel target loading tabindex")
_BOOLEAN = words("allowfullscreen autoplay controls default loop muted open reversed")
_BARE = words("font span tbody")
_EMPTY = words("code em p s strong")
_BREAKS = BLOCKS | {"br"}
_ATOMS = words("audio embed iframe img input object svg video")
_VOID = words("area base br col embed hr img input link meta param source track wbr")
_HEADINGS = "h1,h2,h3,h4,h5,h6"
_HEADING_ID = re.compile(r"h_[0-9A-Za-z]{26}|h_[0-9a-f]{32}|h_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SPACE = re.compile(r"[ \t\n\r\f\xa0]+")
_STYLE_SPACE = re.compile(r"\s*([,()/!])\s*|\s+")


def tokens(html: str, links: Links) -> list[Token]:
    """The stream of a fragment; `links` maps an address to the form in which it is compared."""
    tree = parse(html)
    stream = _Stream(links, _heading_numbers(tree) if "#h_" in html else {})
    node = tree.root
    depth = 0
    while node is not None:
        if node.is_element_node:
            child = node.first_child
            if child is not None:
                stream.open(node)
                node = child
                depth += 1
                continue
            stream.open(node)
            stream.close()
        elif node.is_text_node:
            stream.text(node.text_content or "")
        following = node.next
        while following is None and depth:
            node = node.parent
            if node is None:
                break
            stream.close()
            depth -= 1
            following = node.next
        node = following
    return stream.end()


def _heading_numbers(tree: LexborHTMLParser) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for number, heading in enumerate(tree.css(_HEADINGS), 1):
        for node in (heading, *heading.css("[id]")):
            if node.id:
                numbers.setdefault(node.id, number)
    return numbers


class _Stream:
    """Collects tokens; knows whether white space would be seen where it stands."""

    def __init__(self, links: Links, headings: Mapping[str, int]) -> None:
        self._links = links
        self._headings = headings
        self._tokens: list[Token] = []
        self._pending: list[str] = []
        self._opened: list[str | None] = []
        self._pre = 0
        self._line_start = True
        # Index of the last text of the line, while it ends in a space that only a following word would show.
        self._trailing: int | None = None

    def open(self, node: LexborNode) -> None:
        tag = node.tag or ""
        tag = _SAME.get(tag, tag)
        attributes = self._attributes(node)
        if not attributes and tag in _BARE:
            self._opened.append(None)
            return
        self._flush(tag)
        self._tokens.append(("open", tag, attributes))
        self._opened.append(tag)
        if tag == "pre":
            self._pre += 1

    def close(self) -> None:
        tag = self._opened.pop()
        if tag is None:
            return
        self._flush(tag)
        if tag == "pre":
            self._pre -= 1
            self._without_last_line_end()
        if tag in _VOID:
            return
        if tag in _EMPTY and self._tokens[-1][:2] == ("open", tag) and not _has_id(self._tokens[-1][2]):
            self._tokens.pop()
        else:
            self._tokens.append(("close", tag, ()))

    def text(self, text: str) -> None:
        self._pending.append(text)

    def end(self) -> list[Token]:
        self._flush("p")
        return self._tokens

    def _flush(self, tag: str) -> None:
        """Emit the text before a tag."""
        breaks = tag in _BREAKS
        if self._pending:
            text = "".join(self._pending)
            self._pending.clear()
            if not text.isascii():
                text = unicodedata.normalize("NFC", text)
            if self._pre:
                self._emit(text.replace("\xa0", " "), False)
            else:
                text = _SPACE.sub(" ", text)
                if self._line_start or self._trailing is not None:
                    text = text.removeprefix(" ")
                self._emit(text, text.endswith(" "))
        if breaks:
            self._end_line()
        elif tag in _ATOMS:
            self._line_start, self._trailing = False, None

    def _emit(self, text: str, trailing: bool) -> None:
        if not text:
            return
        if not self._line_start and self._tokens[-1][0] == "text":
            text = self._tokens.pop()[1] + text
        self._tokens.append(("text", text, ()))
        self._line_start = False
        self._trailing = len(self._tokens) - 1 if trailing else None

    def _without_last_line_end(self) -> None:
        """Take the line ends off the last text of a pre: they are not shown."""
        last = len(self._tokens) - 1
        while self._tokens[last][0] == "close":
            last -= 1
        kind, text, _ = self._tokens[last]
        if kind == "text":
            self._tokens[last] = ("text", text.rstrip("\n"), ())

    def _end_line(self) -> None:
        if self._trailing is not None:
            kept = self._tokens[self._trailing][1][:-1]
            if kept:
                self._tokens[self._trailing] = ("text", kept, ())
            else:
                del self._tokens[self._trailing]
        self._line_start, self._trailing = True, None

    def _attributes(self, node: LexborNode) -> Attributes:
        found = node.attributes
        if not found:
            return ()
        kept = []
        for name, value in found.items():
            if name in _IGNORED or name.startswith("data-garden-"):
                continue
            meant = self._value(name, value or "")
            if meant or name in _BOOLEAN:
                kept.append((name, meant))
        kept.sort()
        return tuple(kept)

    def _value(self, name: str, value: str) -> str:
        """What the value of an attribute means; "" is as if it were not there."""
        if name in ADDRESSES:
            return self._address(value)
        if name == "class":
            return " ".join(sorted(set(filter(_is_class, value.split()))))
        if name == "style":
            return _style(value)
        if name == "id":
            return "" if _HEADING_ID.fullmatch(value) else value
        if name in _BOOLEAN:
            return ""
        if name in {"colspan", "rowspan"} and value.strip() == "1":
            return ""
        value = _SPACE.sub(" ", value).strip()
        return value if value.isascii() else unicodedata.normalize("NFC", value)

    def _address(self, value: str) -> str:
        value = value.strip()
        mapped = self._links(value)
        if mapped != value:
            return mapped
        if value.startswith("#h_") and _HEADING_ID.fullmatch(value[1:]):
            return f"#heading:{self._headings.get(value[1:], 0)}"
        return normal(value)


def _has_id(attributes: Attributes) -> bool:
    return any(name == "id" for name, _ in attributes)


def _is_class(name: str) -> bool:
    return name != "anchor-heading" and not name.startswith("wysiwyg-")


def _style(text: str) -> str:
    declarations = []
    for declaration in text.split(";"):
        name, colon, value = declaration.partition(":")
        if colon:
            value = _STYLE_SPACE.sub(lambda found: found[1] or " ", value.strip())
            declarations.append(f"{name.strip()}:{value}".lower())
    # Stable, and by name only: of two declarations of one name the later one counts.
    declarations.sort(key=lambda declaration: declaration.partition(":")[0])
    return ";".join(declarations)
