"""Which document stands where: ordered rules, the first that holds for a target wins. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from adapters.knowledge.settings import SOURCE_ORDER, Route
from deskside.knowledge.documents import Known


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document stands on one target. `languages` maps those of the document to those of the target."""

    target: str
    section: tuple[str, ...]
    languages: Mapping[str, str]
    labels: tuple[str, ...] = ()
    segment: str = ""
    draft: bool = False
    position: int | None = None


def places(routes: Sequence[Route], texts: Mapping[str, Known]) -> dict[str, Place]:
    """Where a document stands, by target; `texts` are its languages. Its first language decides for all of them."""
    first = leading(texts)
    found: dict[str, Place] = {}
    for route in routes:
        if route.target not in found and matches(route, first):
            place = _place(route, first, texts)
            if place.languages:
                found[route.target] = place
    return found


def leading(texts: Mapping[str, Known]) -> Known:
    """The language a document was written in; its first one by name where the source does not say."""
    named = next(iter(texts.values())).source_language
    return texts.get(named) or texts[min(texts)]


def matches(route: Route, known: Known) -> bool:
    """Whether a rule holds for a document."""
    return (
        route.source in ("", known.source)
        and route.space in ("", known.space)
        and (not route.label or route.label in known.labels)
        and (not route.path or _fits(_folded(route.path.split("/")), _folded([*known.path, known.title])))
    )


def _fits(pattern: Sequence[str], names: Sequence[str]) -> bool:
    """Whether names fit a pattern part by part; `**` is any number of names."""
    if not pattern:
        return not names
    if pattern[0] == "**":
        return any(_fits(pattern[1:], names[skipped:]) for skipped in range(len(names) + 1))
    return bool(names) and fnmatchcase(names[0], pattern[0]) and _fits(pattern[1:], names[1:])


def _folded(parts: Sequence[str]) -> list[str]:
    return [part.strip().casefold() for part in parts]


def _place(route: Route, first: Known, texts: Mapping[str, Known]) -> Place:
    if route.language:
        languages = {first.language: route.language}
    elif route.languages:
        languages = {name: route.languages[name] for name in sorted(texts) if name in route.languages}
    else:
        languages = {name: name for name in sorted(texts)}
    own = first.labels if route.keep_labels else ()
    return Place(
        target=route.target,
        section=route.section,
        languages=languages,
        labels=tuple(sorted({*own, *route.labels})),
        segment=route.segment,
        draft=route.draft,
        position=first.position if route.position == SOURCE_ORDER else _number(route.position),
    )


def _number(position: int | str | None) -> int | None:
    return None if position is None else int(position)
