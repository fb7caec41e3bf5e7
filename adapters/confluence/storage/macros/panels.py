"""Panels. What a panel is called in a body and what readers see are two things: `note` is the yellow warning."""

import re

from adapters.confluence.storage.elements import in_paragraphs
from adapters.confluence.storage.macros.macro import Macro, Renderer
from adapters.confluence.storage.parse import Element
from adapters.confluence.storage.writing import Writing, text

# The macro's name: the word in Confluence's editor, lower case.
SHOWN_AS = {"info": "info", "tip": "success", "note": "warning", "warning": "error"}
_COLOUR = re.compile(r"#[0-9A-Fa-f]{3,8}\Z|rgba?\([0-9.,% ]+\)\Z|[A-Za-z]+\Z")


def panel(kind: str, body: Element | None, writing: Writing, *, title: str = "", icon: str = "", look: str = "") -> str:
    """A panel; `look` are declarations of its style."""
    content = in_paragraphs(writing.pieces(body)) if body is not None else ""
    above = f'<p class="kb-title"><strong>{text(title)}</strong></p>' if title else ""
    before = f'<p class="kb-icon">{text(icon)}</p>' if icon else ""
    style = f' style="{look}"' if look else ""
    return f'<div class="kb-panel kb-{kind}"{style}>{before}{above}{content}</div>' if content or title else ""


def colour(name: str, value: str) -> str:
    """A declaration of a colour; empty for what is none."""
    return f"{name}: {value}" if _COLOUR.match(value) else ""


def _named(macro: Macro, writing: Writing) -> str:
    return panel(SHOWN_AS[macro.name], macro.rich, writing, title=macro.get("title"))


def _custom(macro: Macro, writing: Writing) -> str:
    looks = (colour("background-color", macro.get("bgcolor")), colour("border-color", macro.get("bordercolor")))
    return panel(
        "custom",
        macro.rich,
        writing,
        title=macro.get("title"),
        icon=macro.get("panelicontext"),
        look="; ".join(filter(None, looks)),
    )


RENDERERS: dict[str, Renderer] = {**dict.fromkeys(SHOWN_AS, _named), "panel": _custom}
