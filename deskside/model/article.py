"""Articles: documents as a source has them, articles as a target shows them.

A **document** is what a team writes; an **article** is what readers see of it in one place. The HTML of a document
names nothing of the outside: links, images and lists of children are symbolic, and become addresses for each target
when they are rendered.

- `<a href="doc:NAME#part">` is another document of the same source, by its id or one of its `names`, percent-encoded;
- `<img src="asset:REF">` and `<a href="asset:REF">` are files of the document (`Asset.ref`, percent-encoded);
- `<ul data-children="NAME" data-depth="1">` (empty) is the list of the published children of a document.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Listed:
    """One document in a source's listing: `version` is another text whenever the document changed."""

    id: str
    version: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What a source has, or what changed in it.

    A **complete** listing has every document that is published there, read to its end without an error: what is not
    in it is missing. One that is not complete says nothing of what it leaves out. `gone` are documents the source
    itself says are deleted. `watermark` is what the next look for changes goes on from; it comes from the source's
    answers, never from our clock.
    """

    documents: tuple[Listed, ...]
    complete: bool
    watermark: str
    gone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asset:
    """A file a document uses. `ref` is how its source fetches it, and another text whenever its bytes changed."""

    ref: str
    filename: str
    content_type: str


@dataclass(frozen=True, slots=True)
class Document:
    """One language of a document, converted to the HTML described above and already safe.

    `language` is a tag such as `en-us`, lower case. `path` are the titles of its folders or ancestors, outermost
    first; `space` is what the source calls the whole (a space key, a category). `names` are other texts its source's
    links call it by. `depends` are documents whose text stands inside this one. `warnings` say what was lost or
    changed in the conversion, one sentence each. `draft` is written, but not to be shown. `source_language` is the one
    the document was written in first: its translations wait for it, and are outdated once it changes without them.
    """

    id: str
    language: str
    version: str
    title: str
    html: str
    url: str = ""
    space: str = ""
    path: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    parent: str | None = None
    position: int = 0
    draft: bool = False
    assets: tuple[Asset, ...] = ()
    depends: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    modified_at: datetime | None = None
    source_language: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a target takes. None is no limit.

    `body_bytes` counts UTF-8 bytes of the body, `title_characters` those of the title. `four_byte_characters` is false
    where a database keeps only the first 65,536 characters of Unicode, so that an emoji would cut the text.
    """

    body_bytes: int | None = None
    title_characters: int | None = None
    labels: int | None = None
    label_characters: int | None = None
    asset_bytes: int | None = None
    four_byte_characters: bool = True
    articles_per_section: int | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """One language of an article, as it is to be written. `html` has real addresses; `draft` hides it from readers."""

    language: str
    title: str
    html: str
    draft: bool = False
    outdated: bool = False


@dataclass(frozen=True, slots=True)
class Filing:
    """Where an article stands and who may read it.

    `section` is a target's id of a section. `segment` names who may read it in the target's own words; empty is
    everybody. `labels` are ours; `labels_before` those of ours that an earlier writing set: labels in neither are
    other people's and stay. `position` None leaves the order alone.
    """

    section: str
    labels: tuple[str, ...] = ()
    labels_before: tuple[str, ...] = ()
    segment: str = ""
    position: int | None = None


@dataclass(frozen=True, slots=True)
class ArticleText:
    """One language of an article, as the target has it now. `edited_at` changes with title or body, never back."""

    language: str
    title: str
    html: str
    edited_at: str
    draft: bool = False
    outdated: bool = False


@dataclass(frozen=True, slots=True)
class Article:
    """An article as the target has it now. `public` is true when everybody may read it, without signing in.

    `locked` says why it must not be written by programs (it is made of content blocks, for instance); empty is free.
    """

    id: str
    section: str
    url: str
    texts: Mapping[str, ArticleText]
    labels: tuple[str, ...] = ()
    segment: str = ""
    position: int | None = None
    public: bool = True
    marker: str = ""
    locked: str = ""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file a target has taken: its own id of it, and the address that stands in bodies."""

    reference: str
    url: str
