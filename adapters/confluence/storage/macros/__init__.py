"""Macros, a file for each family; one that nobody knows keeps its body and is named in the warnings."""

from adapters.confluence.storage.elements import preformatted
from adapters.confluence.storage.macros import code, dynamic, files, pages, panels, parts
from adapters.confluence.storage.macros.macro import TAGS, Macro, Renderer, read
from adapters.confluence.storage.parse import Element
from adapters.confluence.storage.writing import Handler, Writing, text

RENDERERS: dict[str, Renderer] = {
    **code.RENDERERS,
    **dynamic.RENDERERS,
    **files.RENDERERS,
    **pages.RENDERERS,
    **panels.RENDERERS,
    **parts.RENDERERS,
}


def _macro(node: Element, writing: Writing) -> str:
    macro = read(node)
    return RENDERERS.get(macro.name, _unknown)(macro, writing)


def _unknown(macro: Macro, writing: Writing) -> str:
    named = f"the macro “{macro.name[:60]}” is not known"
    if macro.rich is not None:
        writing.warn(f"{named}: its text is kept")
        return writing.inside(macro.rich)
    if macro.code is not None:
        writing.warn(f"{named}: its text is kept as it stands")
        return preformatted(text(macro.code))
    writing.warn(f"{named} and has no text: it is left out")
    return ""


HANDLERS: dict[str, Handler] = dict.fromkeys(TAGS, _macro)
