"""58 real pages of a product's manual (querypie/querypie-docs, CC BY 4.0): nothing a reader saw is lost or doubled.

What should be seen is found here in another way than by the converter: by expat, with HTML's entities declared.
"""

import html.entities
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import lxml.html

from adapters.confluence.storage.convert import convert
from adapters.confluence.storage.writing import Page, Style
from tests.adapters.confluence.storage.wikis import MemoryWiki
from tests.shared import shared

AC, RI = "{a}", "{r}"
# Never text for readers: settings of constructs, and the older form of what stands beside it.
UNSEEN = {f"{AC}{name}" for name in ("parameter", "adf-attribute", "adf-fallback", "task-id", "task-status")}
EMOJI = {"atlassian-check_mark": "✅", "atlassian-cross_mark": "❌", "atlassian-warning": "⚠️", "2705": "✅"}
EMOJI["atlassian-light_bulb_on"] = "💡"


def pages() -> list[Path]:
    found = sorted(shared("fixtures/confluence/querypie_ccby").glob("*.xml"))
    assert len(found) == 58
    return found


def tree(body: str) -> ElementTree.Element:
    declared = "".join(
        f'<!ENTITY {name[:-1]} "{"".join(f"&#{ord(one)};" for one in value)}">'
        for name, value in html.entities.html5.items()
        if name.endswith(";") and name not in {"amp;", "lt;", "gt;", "quot;", "apos;"}
    )
    return ElementTree.fromstring(f'<!DOCTYPE root [{declared}]><root xmlns:ac="a" xmlns:ri="r">{body}</root>')


def seen(node: ElementTree.Element) -> Iterator[str | tuple[str, str]]:
    """Texts, and ("image", its file), in the order readers see them."""
    if node.tag in UNSEEN:
        return
    if node.tag == f"{AC}emoticon":
        yield EMOJI.get(node.attrib[f"{AC}emoji-id"], "")
    if node.tag == f"{AC}structured-macro":
        yield from said_by(node)
    if node.tag == f"{AC}image":
        attachment = node.find(f"{RI}attachment")
        assert attachment is not None
        yield "image", attachment.attrib[f"{RI}filename"]
    yield node.text or ""
    for child in node:
        yield from seen(child)
        yield child.tail or ""


def said_by(macro: ElementTree.Element) -> Iterator[str]:
    """What readers see of a macro's parameters."""
    name = macro.attrib[f"{AC}name"]
    for parameter in macro.findall(f"{AC}parameter"):
        if parameter.attrib[f"{AC}name"] == {"panel": "panelIconText"}.get(name, "title"):
            yield parameter.text or ""
        yield from (file.attrib[f"{RI}filename"] for file in parameter.findall(f"{RI}attachment"))


def squeezed(texts: list[str]) -> str:
    return re.sub(r"\s+", "", "".join(texts))


def test_every_word_and_every_image_stands_in_the_output_once_and_in_order() -> None:
    images = 0
    for path in pages():
        body = path.read_text("utf-8")
        found = list(seen(tree(body)))
        words = squeezed([item for item in found if isinstance(item, str)])
        files = [item[1] for item in found if isinstance(item, tuple)]
        titles = dict.fromkeys(re.findall('ri:content-title="([^"]*)"', body), "")
        wiki = MemoryWiki(titles, set(re.findall('ri:filename="([^"]*)"', body)), space="QM")
        output = lxml.html.fragment_fromstring(
            convert(Page(path.stem, "QM", path.stem, body), wiki, Style()).html, create_parent="div"
        )
        shown = [unquote(src).split("/")[1] for src in output.xpath("//img/@src")]
        assert shown == files, path.name
        for contents in output.xpath("//nav"):
            contents.drop_tree()
        assert squeezed(list(output.itertext())) == words, path.name
        images += len(shown)
    assert images == 264
