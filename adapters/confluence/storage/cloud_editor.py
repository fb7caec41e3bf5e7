"""What the Cloud editor writes: nodes of its own document format, task lists, layouts, marks and emoji."""

from adapters.confluence.storage.elements import in_paragraphs
from adapters.confluence.storage.emoji import character
from adapters.confluence.storage.macros.panels import colour, panel
from adapters.confluence.storage.parse import AC, Element
from adapters.confluence.storage.writing import Handler, Writing, of_type, text

_PANELS = {"info", "note", "success", "warning", "error", "custom"}


def _extension(node: Element, writing: Writing) -> str:
    """The node, or what Confluence wrote for those who do not know it: never both, they are the same text."""
    inner, fallback = of_type(node, "adf-node"), of_type(node, "adf-fallback")
    content = _node(inner, writing) if inner is not None else ""
    if content:
        return content
    return in_paragraphs(writing.pieces(fallback)) if fallback is not None else ""


def _node(node: Element, writing: Writing) -> str:
    kind = node.get("type", "")
    if kind == "panel":
        return _panel(node, writing)
    if kind == "decision-list":
        items = "".join(f"<li>{_content(item, writing)}</li>" for item in node if item.tag == AC + "adf-node")
        return f'<ul class="kb-decisions">{items}</ul>' if items else ""
    inner = "".join(_node(child, writing) for child in node if child.tag == AC + "adf-node")
    content = _content(node, writing) + inner
    if content:
        writing.warn(f"“{kind[:60]}” is not known: its text is kept")
    return content


def _panel(node: Element, writing: Writing) -> str:
    stated = {child.get("key", ""): (child.text or "").strip() for child in node if child.tag == AC + "adf-attribute"}
    kind = stated.get("panel-type", "")
    return panel(
        kind if kind in _PANELS else "info",
        of_type(node, "adf-content"),
        writing,
        icon=stated.get("panel-icon-text", "") if kind == "custom" else "",
        look=colour("background-color", stated.get("panel-color", "")) if kind == "custom" else "",
    )


def _content(node: Element, writing: Writing) -> str:
    content = of_type(node, "adf-content")
    return writing.inside(content) if content is not None else ""


def _tasks(node: Element, writing: Writing) -> str:
    items = "".join(_task(child, writing) for child in node if child.tag == AC + "task")
    return f'<ul class="kb-tasks">{items}</ul>' if items else ""


def _task(node: Element, writing: Writing) -> str:
    status, body = of_type(node, "task-status"), of_type(node, "task-body")
    box = "☑" if status is not None and (status.text or "").strip() == "complete" else "☐"
    content = writing.inside(body) if body is not None else ""
    below = "".join(_tasks(child, writing) for child in node if child.tag == AC + "task-list")
    return f"<li>{box} {content}{below}</li>"


def _section(node: Element, writing: Writing) -> str:
    cells = [in_paragraphs(writing.pieces(cell)) for cell in node if cell.tag == AC + "layout-cell"]
    if len(cells) == 1:
        return cells[0]
    return "".join(f"<div>{cell}</div>" for cell in cells if cell)


def _emoticon(node: Element, writing: Writing) -> str:
    found = character(
        name=node.get(AC + "name", ""),
        code=node.get(AC + "emoji-id", ""),
        fallback=node.get(AC + "emoji-fallback", ""),
    )
    if not found:
        named = node.get(AC + "emoji-shortname") or node.get(AC + "name") or ""
        writing.warn(f"the emoji “{named[:60]}” is left out: it is Confluence's own")
    return text(found)


def _inside(node: Element, writing: Writing) -> str:
    return writing.inside(node)


def _nothing(_node: Element, _writing: Writing) -> str:
    return ""


HANDLERS: dict[str, Handler] = {
    AC + "adf-extension": _extension,
    AC + "task-list": _tasks,
    AC + "layout": _inside,
    AC + "layout-section": _section,
    AC + "layout-cell": _inside,
    AC + "emoticon": _emoticon,
    AC + "inline-comment-marker": _inside,
    AC + "placeholder": _nothing,
    AC + "adf-mark": _nothing,
    AC + "adf-fragment-mark": _nothing,
    AC + "adf-attribute": _nothing,
    AC + "parameter": _nothing,
}
