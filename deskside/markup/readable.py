"""An article as lines a person compares: what text alone does not show stands in them too."""

from collections.abc import Sequence

from deskside.markup.tokens import Attributes, Token
from deskside.markup.vocabulary import BLOCKS, words

_MARKS = {"strong": "**", "em": "*", "code": "`", "s": "~~", "mark": "==", "sub": "~", "sup": "^"}
_FRAMES = words("audio embed iframe source track video")
_LISTS = words("ul ol")
_PREFIXES = {"dd": ": ", "summary": "▸ ", "td": "| ", "th": "‖ "}
# Said by the line itself.
_SHOWN = words("href src alt")


def lines(tokens: Sequence[Token]) -> tuple[str, ...]:
    """A line for each block, in the notation of Markdown: levels of headings, lists, targets of links, pictures.

    What an element has besides (a class, an id, a style) stands in braces before its content.
    """
    page = _Page()
    for kind, name, attributes in tokens:
        if kind == "text":
            page.text(name)
        elif kind == "open":
            page.open(name, attributes)
        else:
            page.close(name)
    page.end_line()
    return tuple(page.lines)


class _Page:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self._line: list[str] = []
        self._prefix = ""
        self._lists: list[str] = []
        self._quotes = 0
        self._pre = 0
        self._links: list[str] = []

    def text(self, text: str) -> None:
        if not self._pre:
            self._line.append(text)
            return
        first, *rest = text.split("\n")
        self._line.append(first)
        for line in rest:
            self.end_line()
            self._line.append(line)

    def open(self, name: str, attributes: Attributes) -> None:
        values = dict(attributes)
        if name in BLOCKS or name == "br":
            self.end_line()
            self._begin(name)
        extra = " ".join(f"{key}={value}" if value else key for key, value in attributes if key not in _SHOWN)
        extra = f"{{{extra}}}" if extra else ""
        if name == "img":
            self._line.append(f"![{values.get('alt', '')}]({values.get('src', '')}){extra}")
        elif name in _FRAMES:
            self._line.append(f"<{name} {values.get('src', '')}>{extra}")
        elif name == "a":
            self._links.append(values.get("href", ""))
            self._line.append(f"[{extra}")
        elif name == "hr":
            self._line.append(f"---{extra}")
            self.end_line()
        else:
            self._line.append(_MARKS.get(name, "") + extra)

    def close(self, name: str) -> None:
        if name == "a" and self._links:
            self._line.append(f"]({self._links.pop()})")
        else:
            self._line.append(_MARKS.get(name, ""))
        if name in BLOCKS:
            self.end_line()
        if name in _LISTS and self._lists:
            self._lists.pop()
        self._quotes -= name == "blockquote"
        self._pre -= name == "pre"

    def _begin(self, name: str) -> None:
        if name in _LISTS:
            self._lists.append("- " if name == "ul" else "1. ")
        elif name == "li":
            self._prefix = self._lists[-1] if self._lists else "- "
        elif name in _PREFIXES:
            self._prefix = _PREFIXES[name]
        elif len(name) == 2 and name[0] == "h" and name[1].isdigit():
            self._prefix = "#" * int(name[1]) + " "
        self._quotes += name == "blockquote"
        self._pre += name == "pre"

    def end_line(self) -> None:
        content = "".join(self._line)
        self._line.clear()
        if not content.strip():
            return
        indent = "  " * max(len(self._lists) - 1, 0) + "> " * self._quotes + ("    " if self._pre else "")
        # What follows the first line of an item stands below its text.
        below = "  " if self._lists and not self._prefix else ""
        self.lines.append(indent + below + self._prefix + content)
        self._prefix = ""
