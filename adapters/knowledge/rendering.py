"""From a document to the text that a target gets: symbolic links become the target's addresses."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from adapters.knowledge.shelf import Target, WantedText
from deskside.markup import symbols
from deskside.model.article import Limits

Address = Callable[[str, str], str | None]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A body with real addresses. `unresolved` are the names of documents that no link leads to now; their links are
    plain text. `lost` are files that have no address, by their sha256 or "" for those that could not be fetched."""

    html: str
    unresolved: tuple[str, ...]
    lost: tuple[str, ...]


def render(
    html: str,
    text: WantedText,
    target: Target,
    address: Callable[[str, str, str], str | None],
    uploads: Mapping[str, str],
) -> Rendered:
    """A text for one target.

    `address(source, document, language)` is where an article is, None while it is nowhere; `uploads` are addresses of
    files by their sha256.
    """
    source, language = text.known.source, text.language
    unresolved: dict[str, None] = {}
    lost: dict[str, None] = {}

    def document(name: str, part: str) -> str | None:
        linked = target.linked(source, name, language)
        found = address(source, *linked) if linked else None
        if found is None:
            unresolved[name] = None
            return None
        return f"{found}#{part}" if part else found

    def asset(sha256: str) -> str | None:
        if sha256 not in uploads:
            lost[sha256] = None
        return uploads.get(sha256)

    def children(name: str, depth: int) -> list[symbols.Child]:
        return target.children(source, name, language, depth, lambda child, spoken: address(source, child, spoken))

    resolved = symbols.resolve(html, document, asset, children)
    return Rendered(resolved.html, tuple(sorted(unresolved)), tuple(sorted(lost)))


def refusals(title: str, html: str, limits: Limits) -> list[str]:
    """Why a target would refuse or cut this text, a sentence each."""
    found = []
    size = len(html.encode())
    if limits.body_bytes is not None and size > limits.body_bytes:
        found.append(f"the text has {size:,} bytes, and {limits.body_bytes:,} fit")
    if limits.title_characters is not None and len(title) > limits.title_characters:
        found.append(f"the title has {len(title)} characters, and {limits.title_characters} fit")
    if not limits.four_byte_characters:
        wide = sorted({character for character in title + html if ord(character) > 0xFFFF})
        if wide:
            shown = " ".join(wide[:5])
            found.append(f"the database of the target cannot keep {shown}: it would cut the text there")
    if not title.strip():
        found.append("it has no title")
    return found
