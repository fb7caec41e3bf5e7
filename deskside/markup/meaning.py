"""What an article means: as a hash that is blind for how it is written down, as readable lines, and beside another."""

import hashlib
import json
import unicodedata
from collections.abc import Sequence
from html import escape

from deskside.markup.difference import Change, Diff, Part, difference
from deskside.markup.readable import lines
from deskside.markup.tokens import Links, Token, tokens

__all__ = ["Change", "Diff", "Links", "Part", "blocks", "compare", "same", "semantic_hash"]


def same(address: str) -> str:
    """An address as it is: the mapping of links that maps nothing."""
    return address


def semantic_hash(title: str, html: str, links: Links = same) -> str:
    """SHA-256, in hex, of the meaning of a title and a body.

    `links` maps an address of the body to its symbolic form, so that a body with symbolic links and the same body with
    a target's addresses mean the same; an address it gives back unchanged is compared by `addresses.normal`.
    """
    stream = [" ".join(unicodedata.normalize("NFC", title).split()), tokens(html, links)]
    return hashlib.sha256(json.dumps(stream, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def blocks(html: str, links: Links = same) -> tuple[str, ...]:
    """The body as readable lines, a block each; headings, lists, links and pictures in the notation of Markdown."""
    return lines(tokens(html, links))


def compare(before: str, after: str, links: Links = same) -> Diff:
    """How two bodies differ in meaning: false exactly when their hashes are equal."""
    old, new = tokens(before, links), tokens(after, links)
    found = Diff(difference(lines(old), lines(new)))
    if found or old == new:
        return found
    return Diff(difference(_markup(old), _markup(new)), markup=True)


def _markup(stream: Sequence[Token]) -> list[str]:
    """A line for each token, for what the readable lines do not show."""
    shown = []
    for kind, name, attributes in stream:
        if kind == "text":
            shown.append(escape(name, quote=False))
        elif kind == "open":
            shown.append("<" + " ".join([name, *(f'{key}="{escape(value)}"' for key, value in attributes)]) + ">")
        else:
            shown.append(f"</{name}>")
    return shown
