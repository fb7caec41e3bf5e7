"""Articles as HTML: the hash of their meaning, cleaning, conversion from Markdown, and a folder of 5,000 pages.

The bodies are those of a real help centre where they are there (`DESKSIDE_SHARED`), else those of the tests. The peer
of the hash is what one writes first: lxml's parse, canonical XML (C14N) and SHA-256. How much each of them takes for an
edit that is none is counted over the same bodies, written anew in the ways that editors and serialisers have.
"""

import hashlib
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import lxml.html
import nh3
import pytest
from markdown_it import MarkdownIt

from adapters.markdown import plugin
from adapters.markdown.conversion import Surroundings, convert
from benchmarks.figures import Figure, main
from deskside.markup import vocabulary
from deskside.markup.allowed import clean
from deskside.markup.meaning import compare, semantic_hash
from deskside.markup.plain import text
from deskside.ports import Surface
from tests.markup import corpus
from tests.markup.reserialise import RESERIALISERS

ROUNDS = 5
HASH_MS = 0.7
PAGES = 5_000
LISTING_SECONDS = 3.0
_PAGE = """---
id: {number}
title: Page {number}
labels: [billing, transfer]
---

## What to do

Open **Domains**, then see [the next page](page-{next}.md#what-to-do) or the picture:

![A form](../img/form-{picture}.png)

| Plan | Price |
|---|--:|
| Small | 3.50 € |
""" + "\n\n".join(f"Paragraph {number}: " + "words of an article, one after the other. " * 8 for number in range(6))


def measure() -> list[Figure]:
    """The figures over one set of bodies, and of a folder that is written for it."""
    bodies, whose = _bodies()
    return [*_of_bodies(bodies, whose), *_of_markdown(), *_of_folder()]


def _bodies() -> tuple[Sequence[str], str]:
    try:
        return corpus.real(), "articles of a real help centre"
    except pytest.skip.Exception:
        return tuple(corpus.own().values()) * 20, "articles of the tests"


def _of_bodies(bodies: Sequence[str], whose: str) -> list[Figure]:
    table = nh3.Cleaner(
        tags=set(vocabulary.ELEMENTS),
        attributes={"*": set(vocabulary.ATTRIBUTES)},
        generic_attribute_prefixes=set(vocabulary.PREFIXES),
        link_rel=None,
    )
    hashed, canonical = _in_turn(bodies, lambda body: semantic_hash("", body), _canonical)
    cleaned, bare = _in_turn(bodies, clean, table.clean)
    plain, parsed = _in_turn(bodies, text, lxml.html.fromstring)
    pairs = list(pairwise(bodies))
    compared = _milliseconds(pairs, lambda pair: compare(*pair))
    written = [(body, rewrite(body)) for body in bodies for rewrite in RESERIALISERS.values()]
    false = [_false(written, hash) for hash in (lambda body: semantic_hash("", body), _canonical, str)]
    size = {"bodies": len(bodies), "bytes": sum(len(body.encode()) for body in bodies)}
    return [
        Figure(
            f"hash of the meaning, {whose}", hashed, "ms", {"lxml, C14N, SHA-256": canonical}, HASH_MS, details=size
        ),
        Figure(
            f"taken for an edit, of {len(written):,} bodies written anew",
            false[0],
            "bodies",
            {"lxml, C14N, SHA-256": false[1], "bytes": false[2]},
            target=0,
        ),
        Figure("cleaned to what help centres show", cleaned, "ms", {"nh3 alone, once": bare}),
        Figure("plain text", plain, "ms", {"lxml's parse alone": parsed}),
        Figure("two articles compared, line by line", compared, "ms", {"their two hashes": 2 * hashed}),
    ]


def _of_markdown() -> list[Figure]:
    page = _PAGE.format(number=1, next=2, picture=3).split("---\n", 2)[2]
    around = Surroundings("page.md", "en-us", lambda path: "2", lambda path: (path, "0" * 64))
    peer = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    converted, rendered = _in_turn([page] * 200, lambda source: convert(source, "", around), peer.render)
    what = "Markdown to clean HTML with symbolic links"
    return [Figure(what, converted, "ms", {"markdown-it-py alone": rendered}, details={"characters": len(page)})]


def _of_folder() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "img").mkdir()
        for number in range(PAGES // 5):
            (root / f"img/form-{number}.png").write_bytes(number.to_bytes(4) * 2_500)
        for number in range(PAGES):
            page = root / f"part-{number // 100}/page-{number}.md"
            page.parent.mkdir(exist_ok=True)
            page.write_text(_PAGE.format(number=number, next=number + 1, picture=number % (PAGES // 5)), "utf-8")
        source = plugin.build("bench", plugin.schema().load({"folder": folder}), cast(Surface, None))
        listed, hashed = [], []
        for _ in range(ROUNDS):
            listed.append(_processor_seconds(source.listing))
            hashed.append(_processor_seconds(lambda: _hash_files(root)))
    peer = {"reading and hashing the same files": statistics.median(hashed)}
    what = f"a folder of {PAGES:,} pages listed, processor time"
    return [Figure(what, statistics.median(listed), "s", peer, LISTING_SECONDS)]


def _canonical(body: str) -> str:
    tree = lxml.html.fragment_fromstring(body, create_parent=True)
    return hashlib.sha256(lxml.html.tostring(tree, method="c14n")).hexdigest()


def _false(written: Sequence[tuple[str, str]], hash: Callable[[str], str]) -> int:
    return sum(hash(before) != hash(after) for before, after in written)


def _in_turn(items: Sequence[Any], ours: Callable[[Any], Any], peer: Callable[[Any], Any]) -> tuple[float, float]:
    """Milliseconds of processor time an item, of both, measured turn by turn."""
    rounds = [(_milliseconds(items, ours), _milliseconds(items, peer)) for _ in range(ROUNDS)]
    return statistics.median(mine for mine, _ in rounds), statistics.median(other for _, other in rounds)


def _milliseconds(items: Sequence[Any], work: Callable[[Any], Any]) -> float:
    return _processor_seconds(lambda: [work(item) for item in items]) * 1000 / len(items)


def _processor_seconds(work: Callable[[], Any]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _hash_files(root: Path) -> list[str]:
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in root.rglob("*.*") if path.is_file()]


if __name__ == "__main__":
    main("Articles as HTML", measure)
