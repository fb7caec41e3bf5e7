"""What should stand on a target: documents, where routes put them, which of their links lead somewhere. Pure.

Everything here is symbolic: no hash depends on the ids that a target has for articles or files.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from adapters.knowledge.routes import Place, leading, places
from adapters.knowledge.settings import Route
from deskside.knowledge.documents import Known
from deskside.markup.symbols import Child

Key = tuple[str, str]
DEEPEST = 10


@dataclass(frozen=True, slots=True)
class WantedText:
    """One language of an article as it should be. `language` is the one of the target."""

    known: Known
    language: str
    draft: bool
    text_hash: str
    unresolved: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """An article as it should be. `first` is the language it is made in, the one its translations wait for."""

    source: str
    document: str
    target: str
    marker: str
    place: Place
    first: str
    texts: Mapping[str, WantedText]
    filed_hash: str

    @property
    def title(self) -> str:
        """What people call it."""
        return self.texts[self.first].known.title


@dataclass(frozen=True)
class Shelf:
    """All documents by source and id, in their languages; those that their source still lists have `places`."""

    documents: Mapping[Key, Mapping[str, Known]]
    places: Mapping[Key, Mapping[str, Place]]

    @cached_property
    def names(self) -> Mapping[Key, str]:
        """The id of the document that is called so in its source. An id goes before other names, then order."""
        found: dict[Key, str] = {}
        for (source, document), texts in self.documents.items():
            for known in texts.values():
                for name in known.names:
                    found.setdefault((source, name), document)
        found |= {key: key[1] for key in self.documents}
        return found

    @cached_property
    def heirs(self) -> Mapping[Key, str]:
        """The document that has the id of another one among its names: that one was merged into it."""
        return {
            (source, name): document
            for (source, document) in self.places
            for known in self.documents[source, document].values()
            for name in known.names
            if name != document
        }

    @cached_property
    def below(self) -> Mapping[Key, Sequence[str]]:
        """The documents directly below one, in their order."""
        found: dict[Key, list[tuple[int, str, str]]] = {}
        for (source, document), texts in self.documents.items():
            first = leading(texts)
            if first.parent is not None and not first.missing_since:
                found.setdefault((source, first.parent), []).append((first.position, first.title, document))
        return {key: [item[-1] for item in sorted(items)] for key, items in found.items()}


def shelve(documents: Iterable[Known], routes: Sequence[Route]) -> Shelf:
    """Put documents where the routes want them."""
    by_key: dict[Key, dict[str, Known]] = {}
    for known in documents:
        by_key.setdefault((known.source, known.id), {})[known.language] = known
    return Shelf(
        by_key,
        {
            key: places(routes, texts)
            for key, texts in by_key.items()
            if not any(known.missing_since for known in texts.values())
        },
    )


class Target:
    """The part of a shelf that one target has; `unseen` are documents that readers will not find there."""

    def __init__(self, shelf: Shelf, name: str, unseen: Collection[Key] = ()) -> None:
        self.shelf, self.name = shelf, name
        self.places = {key: found[name] for key, found in shelf.places.items() if name in found}
        self._unseen = frozenset(unseen)

    def shown(self, source: str, document: str) -> Mapping[str, Known]:
        """The languages of a document that readers find on this target, by the target's languages."""
        place = self.places.get((source, document))
        if place is None or place.draft or (source, document) in self._unseen:
            return {}
        texts = self.shelf.documents[source, document]
        return {language: texts[own] for own, language in place.languages.items() if not texts[own].draft}

    def linked(self, source: str, name: str, language: str) -> tuple[str, str] | None:
        """Which document, in which of the target's languages, a link in a text of `language` leads to."""
        document = self.shelf.names.get((source, name))
        shown = self.shown(source, document) if document is not None else {}
        if document is None or not shown:
            return None
        place = self.places[source, document]
        return document, language if language in shown else _first(place, shown)

    def children(
        self, source: str, name: str, language: str, depth: int, address: Callable[[str, str], str | None]
    ) -> list[Child]:
        """The documents below one that readers find; `address(document, language)` is None for one to leave out."""
        document = self.shelf.names.get((source, name))
        if document is None:
            return []
        return self._below(source, document, language, min(depth, DEEPEST), address)

    def _below(
        self, source: str, document: str, language: str, depth: int, address: Callable[[str, str], str | None]
    ) -> list[Child]:
        found = []
        for child in self.shelf.below.get((source, document), ()):
            deeper = self._below(source, child, language, depth - 1, address) if depth > 1 else []
            shown = self.shown(source, child)
            if not shown:
                # Its own children are readers' all the same.
                found += deeper
                continue
            spoken = language if language in shown else _first(self.places[source, child], shown)
            leads = address(child, spoken)
            if leads is not None:
                found.append(Child(shown[spoken].title, leads, deeper))
        return found

    def wanted(self) -> dict[Key, Wanted]:
        """Every article that should stand on this target."""
        return {key: self._wanted(key, place) for key, place in self.places.items()}

    def _wanted(self, key: Key, place: Place) -> Wanted:
        source, document = key
        texts = self.shelf.documents[key]
        found = {}
        for own, language in place.languages.items():
            known = texts[own]
            unresolved = tuple(sorted(name for name in set(known.links) if self.linked(source, name, language) is None))
            draft = known.draft or place.draft
            found[language] = WantedText(
                known, language, draft, self._text_hash(known, language, draft, unresolved), unresolved
            )
        return Wanted(
            source=source,
            document=document,
            target=self.name,
            marker=marker(source, document, self.name),
            place=place,
            first=_first(place, {language: text.known for language, text in found.items()}),
            texts=found,
            filed_hash=digest(place.section, place.labels, place.segment, place.position),
        )

    def _text_hash(self, known: Known, language: str, draft: bool, unresolved: Sequence[str]) -> str:
        lists = [
            _outline(self.children(known.source, name, language, depth, lambda child, _: child))
            for name, depth in known.lists
        ]
        return digest(known.content_hash, known.converter, draft, unresolved, lists)


def marker(source: str, document: str, target: str) -> str:
    """What an article is found again by: the same for the same document on the same target, whenever it is made."""
    return hashlib.sha256("\0".join((source, document, target)).encode()).hexdigest()[:24]


def digest(*values: object) -> str:
    """A hash of plain values, in hex."""
    return hashlib.sha256(json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def _first(place: Place, shown: Mapping[str, Known]) -> str:
    """The target's language that the document was written in, else the first by name."""
    for own, language in place.languages.items():
        if language in shown and own == shown[language].source_language:
            return language
    return min(shown)


def _outline(children: Sequence[Child]) -> list[object]:
    return [[child.title, child.address, _outline(child.children)] for child in children]
