"""Macros that show files: of the page, or pictures that drawing apps keep beside their drawings."""

import re
from collections.abc import Sequence

from adapters.confluence.storage.images import figure, image, of_asset
from adapters.confluence.storage.links import owner, to
from adapters.confluence.storage.macros.macro import Macro, Renderer
from adapters.confluence.storage.parse import RI
from adapters.confluence.storage.writing import NotShown, Page, Writing, text
from deskside.markup.symbols import asset_link
from deskside.model.article import Asset


def _view(macro: Macro, writing: Writing) -> str:
    resource = macro.resource("attachment", "name", "")
    filename = resource.get(RI + "filename", "") if resource is not None else macro.get("name", "")
    if not filename:
        writing.warn(f"the macro “{macro.name}” names no file: it is left out")
        return ""
    try:
        page = owner(resource, writing) if resource is not None else _page(macro, writing)
        asset = writing.file(filename, page)
    except NotShown as reason:
        writing.warn(f"the file “{filename}” is left out: {reason}")
        return f"<p>{text(filename)}</p>"
    return f"<p>{to(asset_link(asset.ref), text(asset.filename))}</p>"


def _list(macro: Macro, writing: Writing) -> str:
    shown = _chosen(macro, writing, "labels", "patterns")
    if not shown:
        return ""
    writing.warn(f"the list of the page's files is written out as it is now: {len(shown)}")
    items = "".join(f"<li>{to(asset_link(asset.ref), text(asset.filename))}</li>" for asset in shown)
    return f'<ul class="kb-files">{items}</ul>'


def _gallery(macro: Macro, writing: Writing) -> str:
    found = _chosen(macro, writing, "includelabel", "excludelabel")
    include, exclude = _names(macro.get("include")), _names(macro.get("exclude"))
    shown = [
        asset
        for asset in found
        if asset.content_type.startswith("image/")
        and (not include or asset.filename in include)
        and asset.filename not in exclude
    ]
    if shown:
        writing.warn(f"the gallery is written out as it is now: {len(shown)} images")
    return "".join(of_asset(asset) for asset in shown)


def _chosen(macro: Macro, writing: Writing, *filters: str) -> Sequence[Asset]:
    """The files of the page the macro names. With a filter nobody here can apply it is none: too many could leak."""
    if any(macro.get(name) for name in filters):
        writing.warn(f"the macro “{macro.name}” chooses files by a filter that is not known here: it is left out")
        return ()
    try:
        page = _page(macro, writing)
        files = writing.wiki.files(page or writing.page)
    except NotShown as reason:
        writing.warn(f"the macro “{macro.name}” is left out: {reason}")
        return ()
    writing.found.assets.update((asset.ref, asset) for asset in files)
    return files


def _page(macro: Macro, writing: Writing) -> Page | None:
    named = macro.page("page")
    return writing.wiki.page(named[0] or writing.page.space, named[1]) if named else None


def _names(stated: str) -> frozenset[str]:
    return frozenset(name.strip() for name in stated.split(",") if name.strip())


def _diagram(macro: Macro, writing: Writing) -> str:
    name = macro.get("diagramname", "name", "filename", "diagramdisplayname")
    if not name:
        writing.warn(f"the macro “{macro.name}” names no drawing: it is left out")
        return ""
    stem = re.sub(r"\.(?:drawio|gliffy|xml)\Z", "", name)
    for filename in (f"{name}.png", f"{stem}.png", f"{stem}.svg"):
        try:
            asset = writing.file(filename)
        except NotShown:
            continue
        writing.warn(f"the drawing “{name}” is shown as the picture that was saved with it")
        return figure(image(asset_link(asset.ref), stem))
    writing.warn(f"the drawing “{name}” is left out: no picture of it is saved with it")
    return ""


RENDERERS: dict[str, Renderer] = {
    "attachments": _list,
    "drawio": _diagram,
    "drawio-sketch": _diagram,
    "gallery": _gallery,
    "gliffy": _diagram,
    "multimedia": _view,
    "view-file": _view,
    "viewdoc": _view,
    "viewpdf": _view,
    "viewppt": _view,
    "viewxls": _view,
}
