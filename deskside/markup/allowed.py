"""HTML made fit for help centres: only what they show to readers, and nothing that runs."""

from dataclasses import dataclass

import nh3

from deskside.markup.rewriting import rewrite
from deskside.markup.vocabulary import (
    ALL_STYLES,
    ATTRIBUTES,
    ATTRIBUTES_OF,
    ELEMENTS,
    FRAME_HOSTS,
    PREFIXES,
    SCHEMES,
    frame_host,
)
from deskside.text import clean as printable

_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Cleaned:
    """HTML that may be shown, and what was taken out of it: short phrases, each once."""

    html: str
    lost: tuple[str, ...]


def clean(html: str) -> Cleaned:
    """Keep what help centres show (`deskside.markup.vocabulary`), and turn into it what has the same meaning.

    `<b>` becomes `<strong>`, a check box its character, a frame of another host a link: no text that readers saw gets
    lost but that of drawings. Scripts, styles and addresses of other schemes are removed. Cleaning what is clean
    changes nothing and loses nothing.
    """
    lost: dict[str, None] = {}
    for _ in range(_ROUNDS):
        before = html
        html = _SANITISER.clean(rewrite(printable(before), lost))
        if html == before:
            return Cleaned(html, tuple(lost))
    lost["formatting that every reading nests in another way"] = None
    return Cleaned(nh3.clean(html, tags=set()), tuple(lost))


def _attribute(element: str, attribute: str, value: str) -> str | None:
    if element == "iframe" and attribute == "src" and frame_host(value) not in FRAME_HOSTS:
        return None
    return value


_SANITISER = nh3.Cleaner(
    tags=set(ELEMENTS),
    clean_content_tags={"noembed", "noframes", "noscript", "script", "style", "svg", "template", "title"},
    attributes={"*": set(ATTRIBUTES), **{name: set(names) for name, names in ATTRIBUTES_OF.items()}},
    attribute_filter=_attribute,
    generic_attribute_prefixes=set(PREFIXES),
    url_schemes=set(SCHEMES),
    filter_style_properties=set(ALL_STYLES),
    link_rel=None,
)
