"""Parts of a page: what folds, what marks a place, contents, columns, a state in a coloured box."""

import re
from html import escape

from adapters.confluence.storage.elements import in_paragraphs
from adapters.confluence.storage.frames import frame
from adapters.confluence.storage.links import address
from adapters.confluence.storage.macros.macro import Macro, Renderer
from adapters.confluence.storage.parse import RI
from adapters.confluence.storage.writing import Heading, Writing, anchor_id, text

_EXPAND = "Click here to expand"
_COLOURS = frozenset({"grey", "blue", "green", "yellow", "red", "purple"})
_DEEPEST = 6


def _expand(macro: Macro, writing: Writing) -> str:
    content = in_paragraphs(writing.pieces(macro.rich)) if macro.rich is not None else ""
    return f"<details><summary>{text(macro.get('title', '') or _EXPAND)}</summary>{content}</details>"


def _status(macro: Macro, _writing: Writing) -> str:
    title = macro.get("title")
    colour = macro.get("colour", "color").lower()
    colour = colour if colour in _COLOURS else "grey"
    return f'<span class="kb-status kb-{colour}">{text(title)}</span>' if title else ""


def _anchor(macro: Macro, writing: Writing) -> str:
    wanted = anchor_id(macro.get("", "name"))
    # Of two places of one name, links find the first.
    if not wanted or wanted in writing.found.ids:
        return ""
    return f'<span id="{escape(writing.new_id(wanted))}"></span>'


def _contents(macro: Macro, writing: Writing) -> str:
    shallowest, deepest = _level(macro.get("minlevel"), 1), _level(macro.get("maxlevel"), _DEEPEST)
    include, exclude = _pattern(macro.get("include")), _pattern(macro.get("exclude"))

    def generate() -> str:
        shown = [
            heading
            for heading in writing.found.headings
            if shallowest <= heading.level <= deepest
            and (include is None or include.fullmatch(heading.text))
            and (exclude is None or not exclude.fullmatch(heading.text))
        ]
        return f'<nav class="kb-toc">{_nested(shown)}</nav>' if shown else ""

    return writing.later(generate)


def _contents_zone(macro: Macro, writing: Writing) -> str:
    return _contents(macro, writing) + _body(macro, writing)


def _nested(headings: list[Heading]) -> str:
    """Lists in lists. A level that was skipped opens no list of its own."""
    written = ["<ul>"]
    open_levels = [headings[0].level]
    for position, heading in enumerate(headings):
        if position and heading.level > open_levels[-1]:
            written.append("<ul>")
            open_levels.append(heading.level)
        elif position:
            written.append("</li>")
            while len(open_levels) > 1 and heading.level < open_levels[-1]:
                written.append("</ul></li>")
                open_levels.pop()
        written.append(f'<li><a href="#{escape(heading.id)}">{heading.text}</a>')
    written.append("</li>" + "</ul></li>" * (len(open_levels) - 1) + "</ul>")
    return "".join(written)


def _level(stated: str, otherwise: int) -> int:
    return int(stated) if stated.isascii() and stated.isdigit() and len(stated) < 3 else otherwise


def _pattern(stated: str) -> re.Pattern[str] | None:
    """Confluence takes any pattern of Java's; here `|` and `.*` mean what they mean there, all else itself."""
    if not stated:
        return None
    return re.compile("|".join(re.escape(part).replace(r"\.\*", ".*") for part in stated.split("|")))


def _columns(macro: Macro, writing: Writing) -> str:
    return f"<div>{_body(macro, writing)}</div>"


def _body(macro: Macro, writing: Writing) -> str:
    return in_paragraphs(writing.pieces(macro.rich)) if macro.rich is not None else ""


def _widget(macro: Macro, writing: Writing) -> str:
    resource = macro.resource("url", "url", "src")
    url = resource.get(RI + "value", "") if resource is not None else macro.get("url", "src")
    if not url:
        return ""
    return frame(url) or f"<p>{address(url, text(url), writing)}</p>"


RENDERERS: dict[str, Renderer] = {
    "anchor": _anchor,
    "column": _columns,
    "expand": _expand,
    "iframe": _widget,
    "section": _columns,
    "status": _status,
    "toc": _contents,
    "toc-zone": _contents_zone,
    "widget": _widget,
}
