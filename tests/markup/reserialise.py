"""The ways in which the HTML of an article is written anew without an edit: by editors, serialisers, help centres."""

import re
import unicodedata
from collections.abc import Callable
from html import escape

import lxml.etree
import lxml.html
from selectolax.lexbor import LexborHTMLParser, LexborNode

from deskside.markup.vocabulary import BLOCKS, words

HOST = "https://support.example.com"
ULID = "h_01HF4YQ5ZB8N3M7K2P9R6T0{:03d}"
VOID = words("br hr img source track col wbr")
BOOLEAN = words("allowfullscreen controls open reversed")

Attributes = list[tuple[str, str | None]]


class Printer:
    """Prints a tree as it is; a way of writing overrides what it does otherwise."""

    def __init__(self) -> None:
        self.headings = 0
        self.pre = 0

    def print(self, html: str) -> str:
        node = LexborHTMLParser(html, is_fragment=True).root
        return self.children(node)

    def children(self, node: LexborNode | None) -> str:
        printed = []
        while node is not None:
            printed.append(self.node(node))
            node = node.next
        return "".join(printed)

    def node(self, node: LexborNode) -> str:
        if node.is_text_node:
            return self.text(node.text_content or "")
        if not node.is_element_node:
            return ""
        tag = node.tag or ""
        if tag in {"script", "style", "svg"}:
            return node.html or ""
        self.headings += len(tag) == 2 and tag[0] == "h" and tag != "hr"
        self.pre += tag == "pre"
        printed = self.element(tag, list(node.attributes.items()), self.children(node.first_child))
        self.pre -= tag == "pre"
        return printed

    def element(self, tag: str, attributes: Attributes, inside: str) -> str:
        opened = f"<{tag}{''.join(self.attribute(name, value) for name, value in attributes)}>"
        return opened if tag in VOID else f"{opened}{inside}</{tag}>"

    def attribute(self, name: str, value: str | None) -> str:
        return f" {name}" if value is None else f' {name}="{escape(value)}"'

    def text(self, text: str) -> str:
        return escape(text, quote=False)


class AttributesTurned(Printer):
    def element(self, tag: str, attributes: Attributes, inside: str) -> str:
        return super().element(tag, attributes[::-1], inside)

    def attribute(self, name: str, value: str | None) -> str:
        value = " ".join(reversed((value or "").split())) if name == "class" else value or ""
        return f"  {name.upper()} = '{escape(value)}'"


class Entities(Printer):
    def text(self, text: str) -> str:
        return "".join(f"&#x{ord(c):X};" if not c.isascii() or c in "<>&'" else c for c in text)

    def attribute(self, name: str, value: str | None) -> str:
        return f' {name}="' + "".join(c if c.isascii() and c.isalnum() else f"&#{ord(c)};" for c in value or "") + '"'


class Xhtml(Printer):
    def element(self, tag: str, attributes: Attributes, inside: str) -> str:
        named = "".join(f' {name}="{escape(value or (name if name in BOOLEAN else ""))}"' for name, value in attributes)
        return f"<{tag}{named} />" if tag in VOID else f"<{tag}{named}>{inside}</{tag}>"


class Indented(Printer):
    def element(self, tag: str, attributes: Attributes, inside: str) -> str:
        if tag not in BLOCKS or self.pre > (tag == "pre"):
            return super().element(tag, attributes, inside)
        if tag not in {"pre", *VOID}:
            inside = f"\n    {inside}\n  "
        return f"\n  {super().element(tag, attributes, inside)}\n\t"

    def text(self, text: str) -> str:
        return escape(text if self.pre else text.replace(" ", "\n "), quote=False)


class Short(Printer):
    """As minifiers print: no end tags that a browser supplies, no quotes that it does not need."""

    def element(self, tag: str, attributes: Attributes, inside: str) -> str:
        printed = super().element(tag, attributes, inside.strip() if tag in {"li", "td", "th"} else inside)
        return printed.removesuffix(f"</{tag}>") if tag in {"li", "td", "th", "tr"} else printed

    def attribute(self, name: str, value: str | None) -> str:
        return f" {name}={value}" if value and value.isalnum() and value.isascii() else super().attribute(name, value)


class HardSpaces(Printer):
    def text(self, text: str) -> str:
        return escape(text, quote=False).replace(" ", "&nbsp;")


class HeadingIds(Printer):
    def element(self, tag: str, attributes: Attributes, inside: str) -> str:
        if len(tag) == 2 and tag[0] == "h" and tag != "hr" and not any(name == "id" for name, _ in attributes):
            attributes = [*attributes, ("id", ULID.format(self.headings))]
        return super().element(tag, attributes, inside)


class Links(Printer):
    PAGES = re.compile(r"/hc/([a-z-]+/)?(articles|sections|categories|article_attachments)/")

    def attribute(self, name: str, value: str | None) -> str:
        value = value or ""
        if name in {"href", "src"} and value.startswith("https://") and (found := self.PAGES.search(value)):
            value = value[found.start() :]
        elif name in {"href", "src"} and value.startswith("/hc/"):
            value = HOST + value
        return super().attribute(name, value)


class Slugs(Printer):
    def attribute(self, name: str, value: str | None) -> str:
        value = value or ""
        if name == "href" and "/hc/" in value and "/articles/" in value:
            before, _, after = value.partition("/articles/")
            number = after[: len(after) - len(after.lstrip("0123456789"))]
            value = f"{before}/articles/{number}-New-Title{'#' + after.partition('#')[2] if '#' in after else ''}"
        return super().attribute(name, value)


class EditorMarks(Printer):
    def element(self, tag: str, attributes: Attributes, inside: str) -> str:
        marks = "wysiwyg-font-size-large anchor-heading"
        classes = [(name, f"{value} {marks}") for name, value in attributes if name == "class"] or [("class", marks)]
        rest = [(name, value) for name, value in attributes if name != "class"]
        return super().element(tag, [*classes, ("data-garden-id", "typography.font"), *rest], inside)


class BrowserHints(Printer):
    def element(self, tag: str, attributes: Attributes, inside: str) -> str:
        if tag in {"a", "img", "iframe"}:
            hints = {"rel": "noopener", "target": "_blank", "loading": "lazy", "tabindex": "0"}
            attributes = [
                *attributes,
                *((name, value) for name, value in hints.items() if name not in dict(attributes)),
            ]
        return super().element(tag, attributes, inside)


class OldNames(Printer):
    def element(self, tag: str, attributes: Attributes, inside: str) -> str:
        if tag in {"tbody"} and not attributes:
            return inside
        tag = {"strong": "b", "em": "i", "s": "strike"}.get(tag, tag)
        return super().element(tag, attributes, inside)

    def text(self, text: str) -> str:
        return f"<span>{super().text(text)}</span>" if text.strip() else super().text(text)


class EmptyParagraphs(Printer):
    def element(self, tag: str, attributes: Attributes, inside: str) -> str:
        printed = super().element(tag, attributes, inside)
        return f"<p>&nbsp;</p>{printed}<p class='wysiwyg-x'></p>" if tag in {"h2", "ul", "table"} else printed


class Decomposed(Printer):
    def text(self, text: str) -> str:
        return super().text(unicodedata.normalize("NFD", text))


class Styles(Printer):
    def attribute(self, name: str, value: str | None) -> str:
        if name == "style":
            value = "; ".join(reversed([part.strip().replace(":", " : ") for part in (value or "").split(";")])) + " ;"
        return super().attribute(name, value)


def lxml_html(html: str) -> str:
    """As libxml2 reads and prints it: another parser, ASCII with numeric entities."""
    return "".join(
        escape(part, quote=False) if isinstance(part, str) else lxml.html.tostring(part, encoding="us-ascii").decode()
        for part in lxml.html.fragments_fromstring(html)
    )


RESERIALISERS: dict[str, Callable[[str], str]] = {
    "as it is": lambda html: Printer().print(html),
    "attributes turned": lambda html: AttributesTurned().print(html),
    "entities": lambda html: Entities().print(html),
    "libxml2": lxml_html,
    "xhtml": lambda html: Xhtml().print(html),
    "indented": lambda html: Indented().print(html),
    "short": lambda html: Short().print(html),
    "hard spaces": lambda html: HardSpaces().print(html),
    "heading ids": lambda html: HeadingIds().print(html),
    "absolute and relative links": lambda html: Links().print(html),
    "slugs": lambda html: Slugs().print(html),
    "editor's marks": lambda html: EditorMarks().print(html),
    "browser hints": lambda html: BrowserHints().print(html),
    "old names": lambda html: OldNames().print(html),
    "empty paragraphs": lambda html: EmptyParagraphs().print(html),
    "decomposed letters": lambda html: Decomposed().print(html),
    "styles": lambda html: Styles().print(html),
}
