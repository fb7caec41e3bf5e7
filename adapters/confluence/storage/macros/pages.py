"""Macros that show other pages, or parts of this one that others show."""

from adapters.confluence.storage.addresses import page_name
from adapters.confluence.storage.elements import in_paragraphs
from adapters.confluence.storage.macros.macro import TAGS, Macro, Renderer, read
from adapters.confluence.storage.parse import Element
from adapters.confluence.storage.writing import Writing
from deskside.markup.symbols import children_list

_ALL_LEVELS = 10


def _include(macro: Macro, writing: Writing) -> str:
    named = macro.page("", "page", "pagetitle")
    if named is None:
        writing.warn(f"the macro “{macro.name}” names no page: it is left out")
        return ""
    return writing.included(*named, lambda root: root)


def _excerpt_include(macro: Macro, writing: Writing) -> str:
    named = macro.page("", "default-parameter", "page", "pagetitle")
    if named is None:
        writing.warn(f"the macro “{macro.name}” names no page: it is left out")
        return ""
    wanted = macro.get("name")

    def excerpt(root: Element) -> Element | None:
        for node in root.iter(*TAGS):
            found = read(node)
            if found.name == "excerpt" and (not wanted or found.get("name") == wanted):
                return found.rich
        return None

    return writing.included(*named, excerpt)


def _body_unless_hidden(macro: Macro, writing: Writing) -> str:
    if macro.is_set("hidden") or macro.rich is None:
        return ""
    return in_paragraphs(writing.pieces(macro.rich)) if _is_block(macro) else writing.inside(macro.rich)


def _is_block(macro: Macro) -> bool:
    return macro.get("atlassian-macro-output-type").lower() != "inline"


def _children(macro: Macro, writing: Writing) -> str:
    named = macro.page("page")
    of = page_name(named[0] or writing.page.space, named[1]) if named else writing.page.id
    stated = macro.get("depth")
    depth = int(stated) if stated.isascii() and stated.isdigit() else 0
    return children_list(of, min(depth, _ALL_LEVELS) or (_ALL_LEVELS if macro.is_set("all") else 1))


def _tree(macro: Macro, writing: Writing) -> str:
    page = writing.page
    places = {"@self": page.id, "@parent": page.parent, "@home": page.home, "@none": page.home, "": page.home}
    named = macro.page("root")
    stated = named[1] if named and not named[0] else ""
    of = places.get(stated, "") if named is None or stated in places else page_name(named[0] or page.space, named[1])
    if not of:
        writing.warn(f"the macro “{macro.name}” is left out: the page it begins at is not known")
        return ""
    return children_list(of, _ALL_LEVELS)


RENDERERS: dict[str, Renderer] = {
    "children": _children,
    "details": _body_unless_hidden,
    "excerpt": _body_unless_hidden,
    "excerpt-include": _excerpt_include,
    "include": _include,
    "pagetree": _tree,
}
