"""Links: `ac:link` in all its shapes, `<a>`, smart links, and what is shown in a frame."""

from html import escape

from adapters.confluence.storage import addresses
from adapters.confluence.storage.frames import frame
from adapters.confluence.storage.parse import AC, RI, Element
from adapters.confluence.storage.writing import Handler, NotShown, Page, Writing, of_type, plain, text
from deskside.markup.symbols import asset_link, document_link

_UNPUBLISHED = {
    "space": ("space-key", "a link to the space “{}” is now plain text"),
    "blog-post": ("content-title", "a link to the blog post “{}” is now plain text"),
    "shortcut": ("parameter", "a short link “{}” is now plain text"),
}


def to(href: str, content: str) -> str:
    """A link around HTML; one around nothing is nothing."""
    return f'<a href="{escape(href)}">{content}</a>' if content else ""


def address(url: str, content: str, writing: Writing) -> str:
    """HTML with a link to `url` around it, where readers can follow that; plain otherwise, with a warning."""
    shown = plain(content)[:80] or url[:80]
    found = addresses.read(url, writing.wiki.address)
    match found:
        case addresses.Outside(url=kept):
            return to(kept, content)
        case addresses.Document(name=name, part=part):
            if shown.startswith(writing.wiki.address):
                writing.warn(f"a link shows readers an address of the wiki: {shown}")
            return to(document_link(name, part), content)
        case addresses.Part(id=part):
            return to(f"#{part}", content)
        case addresses.File() if found.page_id == writing.page.id:
            return _file(found.filename, None, content, writing)
        case addresses.File():
            writing.warn(f"the link “{shown}” is now plain text: it leads to a file of another page")
        case addresses.Nowhere(why=why):
            writing.warn(f"the link “{shown}” is now plain text: {why}")
    return content


def owner(resource: Element, writing: Writing) -> Page | None:
    """The page a `ri:attachment` names as the one that has the file; None for the page itself. Raises `NotShown`."""
    page = resource.find(RI + "page")
    if page is None:
        return None
    return writing.wiki.page(page.get(RI + "space-key") or writing.page.space, page.get(RI + "content-title", ""))


def _html_link(node: Element, writing: Writing) -> str:
    content = writing.inside(node)
    url = node.get("href", "")
    if not url:
        return content
    if node.get("data-card-appearance") == "embed" and (framed := frame(url)):
        return framed
    return address(url, content or text(url), writing)


def _link(node: Element, writing: Writing) -> str:
    resource = next((child for child in node if isinstance(child.tag, str) and child.tag.startswith(RI)), None)
    content = _content(node, writing)
    anchor = node.get(AC + "anchor", "")
    if resource is None:
        return to(f"#{addresses.part_of(anchor)}", content or text(anchor)) if anchor else content
    kind = resource.tag.removeprefix(RI)
    if kind == "page":
        title = resource.get(RI + "content-title", "")
        name = addresses.page_name(resource.get(RI + "space-key") or writing.page.space, title)
        return to(document_link(name, addresses.part_of(anchor, title)), content or text(title))
    if kind == "content-entity":
        return to(document_link(resource.get(RI + "content-id", ""), addresses.part_of(anchor)), content)
    if kind == "attachment":
        filename = resource.get(RI + "filename", "")
        return _file(filename, resource, content or text(filename), writing)
    if kind == "user":
        return _person(resource, content, writing)
    if kind == "url":
        return address(resource.get(RI + "value", ""), content or text(resource.get(RI + "value")), writing)
    name, sentence = _UNPUBLISHED.get(kind, ("", "a link “{}” of a kind that is not known is now plain text"))
    shown = content or text(resource.get(RI + name, ""))
    writing.warn(sentence.format(plain(shown)[:80]))
    return shown


def _content(node: Element, writing: Writing) -> str:
    body = of_type(node, "link-body", "rich-text-link-body")
    if body is not None:
        return writing.inside(body)
    code = of_type(node, "plain-text-link-body")
    return text("".join(map(str, code.itertext()))) if code is not None else ""


def _file(filename: str, resource: Element | None, content: str, writing: Writing) -> str:
    try:
        page = owner(resource, writing) if resource is not None else None
        return to(asset_link(writing.file(filename, page).ref), content)
    except NotShown as reason:
        writing.warn(f"the link to the file “{filename}” is now plain text: {reason}")
        return content


def _person(resource: Element, content: str, writing: Writing) -> str:
    """A mention: never the account, which would be somebody's address in the wiki."""
    keys = (resource.get(RI + name) for name in ("account-id", "userkey", "username"))
    key = next(filter(None, keys), "")
    shown = text(writing.style.mention) or content or text(writing.wiki.person(key))
    if not shown:
        writing.warn("a mention of a person without a known name is left out")
    elif not writing.style.mention:
        writing.warn(f"a person is mentioned by name: {plain(shown)[:80]}")
    return shown


HANDLERS: dict[str, Handler] = {"a": _html_link, AC + "link": _link}
