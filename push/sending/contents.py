"""The words of a message for one person: its language, and Jinja templates over what the portal says of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from deskside.errors import Malformed, Permanent
from deskside.text import clean
from push.model import Content, Person, Variant

LONGEST = 2000
# What is not said of a person is nothing, also deeper down: `{{ company.city|default("your town") }}`.
_JINJA = ImmutableSandboxedEnvironment(undefined=jinja2.ChainableUndefined, autoescape=False)
_JINJA.globals.clear()


@dataclass(frozen=True, slots=True)
class Words:
    """A message as one person reads it, and in which language."""

    language: str
    content: Content


def words(variant: Variant, person: Person, fallback: str) -> Words:
    """The message for this person; `fallback` is the language of who says none.

    Raises Permanent when a template cannot be worked out, or leaves no title.
    """
    language, content = _content(variant, person.language or fallback)
    values = {**person.attributes, "language": person.language or fallback}
    title = render(content.title, values)
    if not title:
        raise Permanent("the title is empty for this person")
    return Words(language, replace(content, title=title, body=render(content.body, values)))


def render(template: str, values: Mapping[str, Any]) -> str:
    """A template with these values in its places, on one line's worth of space. Raises Permanent."""
    if "{" not in template:
        return clean(template).strip()
    try:
        text = _compiled(template).render(values)
    except Exception as error:
        # A template may do anything: divide by nothing, add a word to a number.
        raise Permanent(f"a template cannot be worked out: {type(error).__name__}") from None
    return clean(text).strip()[:LONGEST]


def check(template: str) -> None:
    """Raise Malformed, saying where, unless this is a template."""
    try:
        _compiled(template)
    except jinja2.TemplateSyntaxError as error:
        raise Malformed(f"this is no template: {error.message} (line {error.lineno})") from None
    except Exception as error:
        raise Malformed(f"this is no template: {type(error).__name__}") from None


@lru_cache(maxsize=512)
def _compiled(template: str) -> jinja2.Template:
    return _JINJA.from_string(template)


def _content(variant: Variant, language: str) -> tuple[str, Content]:
    content = variant.content(language)
    return next((name, found) for name, found in variant.contents.items() if found is content)
