"""Front matter: what a Markdown file says about itself before its text begins."""

import re
from dataclasses import dataclass
from typing import Any

import yaml
from frontmatter.default_handlers import YAMLHandler

from adapters.markdown.settings import LANGUAGE
from deskside.errors import Permanent
from deskside.text import clean

_YES, _NO = {"true", "yes", "on", "1"}, {"false", "no", "off", "0", ""}
_HEADING = re.compile(r"\s*# +(.+?)(?: +#+)?\s*$", re.M)


class _Texts(YAMLHandler):
    """Every value as it is written: an id `0012` or `1e5` is no number, and a title `No` no answer."""

    def load(self, fm: str, **kwargs: object) -> Any:
        return yaml.load(fm, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))  # noqa: S506 (builds texts only)


_HANDLER = _Texts()


@dataclass(frozen=True, slots=True)
class Page:
    """One file. `id`, `title`, `language`, `translation_of` are "" where the front matter does not have them."""

    path: str
    version: str
    id: str = ""
    title: str = ""
    language: str = ""
    translation_of: str = ""
    labels: tuple[str, ...] = ()
    draft: bool = False
    position: int = 0
    heading: str = ""


def parse(path: str, version: str, content: bytes) -> tuple[Page, str]:
    """A file's front matter and its text. Raises `Permanent`, naming the file and what is wrong in it."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Permanent(f"'{path}' is not text in UTF-8") from error
    facts, body = _split(path, text.replace("\r\n", "\n")) if _HANDLER.detect(text) else ({}, text)
    language = _text(path, facts, "language").lower().replace("_", "-")
    if language and not LANGUAGE.fullmatch(language):
        raise Permanent(f"'{path}': language '{language}' is no language tag, such as en-us")
    heading = _HEADING.match(body)
    page = Page(
        path=path,
        version=version,
        id=_text(path, facts, "id"),
        title=_text(path, facts, "title"),
        language=language,
        translation_of=_text(path, facts, "translation_of"),
        labels=(*_labels(path, facts, "labels"), *_labels(path, facts, "tags")),
        draft=_draft(path, facts),
        position=_position(path, facts),
        heading=heading[1] if heading else "",
    )
    return page, body


def _split(path: str, text: str) -> tuple[dict[str, Any], str]:
    try:
        matter, body = _HANDLER.split(text)
        facts = _HANDLER.load(matter)
    except ValueError as error:
        raise Permanent(f"'{path}': the front matter has no end (---)") from error
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f" (line {where.line + 1})" if where else ""
        raise Permanent(f"'{path}': the front matter is not YAML{line}") from error
    if facts and not isinstance(facts, dict):
        raise Permanent(f"'{path}': the front matter is no list of keys")
    return facts or {}, body


def _text(path: str, facts: dict[str, Any], key: str) -> str:
    value = facts.get(key, "")
    if not isinstance(value, str):
        raise Permanent(f"'{path}': {key} is to be one text")
    return " ".join(clean(value).split())


def _labels(path: str, facts: dict[str, Any], key: str) -> tuple[str, ...]:
    value = facts.get(key, "")
    found = value.split(",") if isinstance(value, str) else value
    if not isinstance(found, list) or not all(isinstance(label, str) for label in found):
        raise Permanent(f"'{path}': {key} are to be a list of texts, or one text with commas")
    return tuple(filter(None, (" ".join(clean(label).split()) for label in found)))


def _draft(path: str, facts: dict[str, Any]) -> bool:
    value = _text(path, facts, "draft").lower()
    if value not in _YES | _NO:
        raise Permanent(f"'{path}': draft is '{value}', and is to be true or false")
    return value in _YES


def _position(path: str, facts: dict[str, Any]) -> int:
    value = _text(path, facts, "position")
    if value and not re.fullmatch(r"-?[0-9]{1,9}", value, re.A):
        raise Permanent(f"'{path}': position is '{value}', and is to be a whole number")
    return int(value or 0)
