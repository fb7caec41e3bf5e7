"""A macro as it stands in a body: its name, its parameters, its body."""

from collections.abc import Callable
from dataclasses import dataclass, field

from adapters.confluence.storage.parse import AC, RI, Element
from adapters.confluence.storage.writing import Writing, of_type

TAGS = (AC + "structured-macro", AC + "macro")


@dataclass(frozen=True, slots=True)
class Macro:
    """`parameters` by lower-case name, the unnamed one as ""; `rich` and `code` are the two kinds of body."""

    name: str
    node: Element
    parameters: dict[str, Element] = field(default_factory=dict)
    rich: Element | None = None
    code: str | None = None

    def get(self, *names: str) -> str:
        """The first of these parameters that has text; empty without any. In old macros the main one has no name."""
        for name in names:
            found = self.parameters.get(name)
            value = "".join(map(str, found.itertext())).strip() if found is not None else ""
            if value:
                return value
        return ""

    def is_set(self, name: str) -> bool:
        """Whether a parameter says yes."""
        return self.get(name).lower() == "true"

    def resource(self, kind: str, *names: str) -> Element | None:
        """The first `ri:` element of this kind inside these parameters, or a link in them."""
        for name in names:
            found = self.parameters.get(name)
            resource = next(found.iter(RI + kind), None) if found is not None else None
            if resource is not None:
                return resource
        return None

    def page(self, *names: str) -> tuple[str, str] | None:
        """Space (empty: the page's own) and title of the page a parameter names, by a link or by its text."""
        resource = self.resource("page", *names)
        if resource is not None:
            return resource.get(RI + "space-key", ""), resource.get(RI + "content-title", "")
        stated = self.get(*names)
        space, colon, title = stated.partition(":")
        # Old pages name a page of another space as `SPACE:Title`; a title may have a colon too, a key has no blank.
        if colon and title.strip() and space.isalnum() and not title.startswith((" ", "/")):
            return space, title.strip()
        return ("", stated) if stated else None


Renderer = Callable[[Macro, Writing], str]


def read(node: Element) -> Macro:
    """The macro of a `structured-macro` element."""
    body = of_type(node, "plain-text-body")
    return Macro(
        name=(node.get(AC + "name") or "").strip().lower(),
        node=node,
        parameters={
            (child.get(AC + "name") or "").lower(): child
            for child in reversed(node)
            if child.tag in (AC + "parameter", AC + "default-parameter")
        },
        rich=of_type(node, "rich-text-body"),
        code="".join(map(str, body.itertext())) if body is not None else None,
    )
