"""Code and other text that keeps its form."""

import re
from html import escape

from lxml import html as html_parser
from lxml.etree import ParserError

from adapters.confluence.storage.elements import preformatted
from adapters.confluence.storage.images import figure
from adapters.confluence.storage.macros.macro import Macro, Renderer
from adapters.confluence.storage.writing import Writing, text

# Confluence's names of languages that highlighters call otherwise.
_LANGUAGES = {
    "actionscript3": "actionscript",
    "c#": "csharp",
    "c++": "cpp",
    "html/xml": "xml",
    "js": "javascript",
    "none": "",
    "objective-c": "objectivec",
    "py": "python",
    "shell": "bash",
    "text": "",
    "visual basic": "vbnet",
    "yml": "yaml",
}
_NAME = re.compile(r"[a-z0-9_-]{1,30}\Z")
_CODE = "Code"


def _code(macro: Macro, writing: Writing) -> str:
    stated = macro.get("language", "").lower()
    language = _LANGUAGES.get(stated, stated.replace(" ", "-"))
    marked = f' class="language-{language}"' if _NAME.match(language) else ""
    block = preformatted(f"<code{marked}>{text(_body(macro))}</code>")
    title = macro.get("title")
    if macro.is_set("collapse"):
        return f"<details><summary>{text(title or _CODE)}</summary>{block}</details>"
    return figure(f"<figcaption>{text(title)}</figcaption>{block}") if title else block


def _noformat(macro: Macro, writing: Writing) -> str:
    block = preformatted(text(_body(macro)))
    title = macro.get("title")
    return figure(f"<figcaption>{text(title)}</figcaption>{block}") if title else block


def _body(macro: Macro) -> str:
    if macro.code is None and macro.rich is not None:
        return "".join(map(str, macro.rich.itertext()))
    return (macro.code or "").replace("\r\n", "\n").rstrip("\n")


def _html(macro: Macro, writing: Writing) -> str:
    """Somebody's own HTML: read as such and converted like the rest, so that it cannot name files or pages of ours."""
    writing.warn("the macro “html” holds HTML of its own: only what help centres show of it is kept")
    body = (macro.code or "").strip()
    if not body:
        return ""
    try:
        return writing.inside(html_parser.fragment_fromstring(body, create_parent="div"))
    except (ParserError, ValueError):
        return f"<p>{escape(body)}</p>"


RENDERERS: dict[str, Renderer] = {"code": _code, "noformat": _noformat, "html": _html}
