"""Storage format into a tree: XML without a root, without declared prefixes, with HTML's entities."""

import re
from html import escape
from html.entities import html5

from lxml import etree

from deskside.errors import Permanent

Element = etree._Element  # lxml names its element type no other way

AC, RI = "{urn:ac}", "{urn:ri}"
_OPENING = '<root xmlns:ac="urn:ac" xmlns:ri="urn:ri" xmlns:at="urn:at">'
_PROLOG = re.compile(r"^\ufeff?\s*<\?xml[^>]*\?>")
_CDATA = re.compile(r"(<!\[CDATA\[.*?\]\]>)", re.DOTALL)
# A space export writes the end of a nested CDATA apart, because it puts whole bodies into CDATA itself.
_TORN_END = re.compile(r"\]\] >(?=\s*(?:</ac:plain-text-|<!\[CDATA\[))")
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]*);")
_OF_XML = frozenset({"amp", "lt", "gt", "quot", "apos"})
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class BrokenStorage(Permanent):
    """A body that is not the XML that storage format is; no other page is concerned."""


def parse(body: str) -> Element:
    """The body's tree below a root element, without comments. Raises `BrokenStorage`.

    HTML's entities are expanded outside CDATA alone: inside, `&nbsp;` is six characters of somebody's code.
    """
    text = _TORN_END.sub("]]>", _NOT_XML.sub("", _PROLOG.sub("", body)))
    parts = _CDATA.split(text)
    parts[::2] = [_ENTITY.sub(_character, part) for part in parts[::2]]
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(f"{_OPENING}{''.join(parts)}</root>".encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        raise BrokenStorage(f"the body of the page is no XML: {str(error)[:200]}") from None


def _character(match: re.Match[str]) -> str:
    name = match[1]
    if name in _OF_XML:
        return match[0]
    # An entity nobody knows stays readable.
    return escape(html5.get(f"{name};", match[0]), quote=False)
