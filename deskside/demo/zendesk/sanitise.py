"""HTML of comments: what is kept when a comment is stored, and what is shown on a page."""

import html
import re
from collections.abc import Collection
from html.parser import HTMLParser

from markupsafe import Markup

SHOWN = frozenset(("p", "br", "b", "strong", "em", "ul", "li", "code", "small", "a"))
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
TABLES = frozenset(("table", "thead", "tbody", "tr", "th", "td"))
LISTS = frozenset(("ol", "dl", "dt", "dd"))
STORED = SHOWN | HEADINGS | TABLES | LISTS | {"blockquote", "div", "hr", "i", "pre", "span", "sub", "sup", "u"}
VOID = frozenset(("br", "hr"))
SWALLOWED = frozenset(
    ("script", "style", "template", "title", "iframe", "object", "textarea", "noscript", "svg", "math")
)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class _Cleaner(HTMLParser):
    def __init__(self, allowed: Collection[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.allowed = allowed
        self.out: list[str] = []
        self.open: list[str] = []
        self.swallowing: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SWALLOWED:
            self.swallowing.append(tag)
        if self.swallowing or tag not in self.allowed:
            return
        href = dict(attrs).get("href") or ""
        link = tag == "a" and re.match(r"https?://", href, re.IGNORECASE)
        self.out.append(f'<a href="{html.escape(href)}" rel="nofollow noopener">' if link else f"<{tag}>")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            self.handle_starttag(tag, attrs)
        elif tag not in SWALLOWED:
            self.handle_starttag(tag, attrs)
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.swallowing:
            if tag == self.swallowing[-1]:
                self.swallowing.pop()
        elif tag in self.open:
            while self.open:
                inner = self.open.pop()
                self.out.append(f"</{inner}>")
                if inner == tag:
                    break

    def handle_data(self, data: str) -> None:
        if not self.swallowing:
            self.out.append(html.escape(data))

    def result(self) -> str:
        self.close()
        while self.open:
            self.out.append(f"</{self.open.pop()}>")
        return "".join(self.out)


class _Text(_Cleaner):
    BLOCKS = HEADINGS | {"p", "div", "li", "ul", "ol", "br", "tr", "pre", "blockquote"}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SWALLOWED:
            self.swallowing.append(tag)
        elif tag in self.BLOCKS:
            self.out.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if self.swallowing and tag == self.swallowing[-1]:
            self.swallowing.pop()
        elif tag in self.BLOCKS:
            self.out.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.swallowing:
            self.out.append(data)


def clean(text: str, allowed: Collection[str] = STORED) -> str:
    """HTML with only the allowed tags, balanced, links to http(s) only; comments and scripts are dropped."""
    cleaner = _Cleaner(allowed)
    cleaner.feed(CONTROL.sub("", text))
    return cleaner.result()


def shown(text: str) -> Markup:
    """A stored comment, safe to put on a page."""
    return Markup(clean(text, SHOWN))  # noqa: S704 - built by escaping everything but an allow-list


def plain(text: str) -> str:
    """The text of HTML, a block a line."""
    reader = _Text(())
    reader.feed(text)
    reader.close()
    lines = [re.sub(r"[ \t]+", " ", line).strip() for line in "".join(reader.out).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def paragraphs(text: str) -> str:
    """Plain text as Zendesk shows it: escaped, blank lines between paragraphs."""
    parts = re.split(r"\n\s*\n", CONTROL.sub("", text).strip())
    return "".join(f"<p>{html.escape(part).replace(chr(10), '<br>')}</p>" for part in parts)


def framed(inner: str) -> str:
    """The frame Zendesk puts around every stored comment."""
    return f'<div class="zd-comment" dir="auto">{inner}</div>'
