"""1,000 real pages of Confluence converted in one process: storage format to clean symbolic HTML.

The pages are 58 of a product's manual (querypie/querypie-docs, CC BY 4.0), again and again. Peers on the same bytes in
the same run: lxml reading and printing them, which changes nothing, and nh3 alone, which knows no macro, no link and no
image of Confluence and so loses what the pages are made of.
"""

import os
import re
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import nh3
from lxml import etree

from adapters.confluence.storage.convert import convert
from adapters.confluence.storage.parse import parse
from adapters.confluence.storage.writing import NotShown, Page, Style
from benchmarks.figures import Figure, main
from deskside.model.article import Asset

PAGES = 1000
TARGET_SECONDS = 10.0
TURNS = 3
_FOLDER = "fixtures/confluence/querypie_ccby"


@dataclass(frozen=True, slots=True)
class _Files:
    """A wiki in which every page has the same files."""

    assets: Sequence[Asset]
    titles: Mapping[str, Page]
    address: str = "https://querypie.atlassian.net/wiki"

    def page(self, space: str, title: str) -> Page:
        if title not in self.titles:
            raise NotShown("there is no such page")
        return self.titles[title]

    def files(self, page: Page) -> Sequence[Asset]:
        return self.assets

    def person(self, key: str) -> str:
        return ""


def measure() -> list[Figure]:
    """All figures; empty where the pages are not there."""
    folder = Path(os.environ.get("DESKSIDE_SHARED") or Path(__file__).resolve().parents[2] / "shared") / _FOLDER
    bodies = [path.read_text("utf-8") for path in sorted(folder.glob("*.xml"))]
    if not bodies:
        print(f"no pages at {folder} (set DESKSIDE_SHARED): the converter is not measured", file=sys.stderr)
        return []
    many = [bodies[number % len(bodies)] for number in range(PAGES)]
    wikis = {body: _wiki(body) for body in bodies}

    def ours(body: str) -> None:
        convert(Page("1", "QM", "Page", body), wikis[body], Style())

    def parse_and_print(body: str) -> None:
        etree.tostring(parse(body), encoding="unicode")

    ways: dict[str, Callable[[str], object]] = {"": ours, "lxml reads and prints": parse_and_print, "nh3": nh3.clean}
    took: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(TURNS):
        for name, way in ways.items():
            started = time.perf_counter()
            for body in many:
                way(body)
            took[name].append(time.perf_counter() - started)
    seconds = {name: statistics.median(values) for name, values in took.items()}
    peers = {name: value for name, value in seconds.items() if name}
    size = sum(len(body.encode()) for body in many)
    details = {"pages": PAGES, "bytes": size, "took": took[""]}
    return [
        Figure(
            f"{PAGES:,} real pages of Confluence converted", seconds[""], "s", peers, TARGET_SECONDS, details=details
        )
    ]


def _wiki(body: str) -> _Files:
    names = dict.fromkeys(re.findall('ri:filename="([^"]*)"', body))
    titles = dict.fromkeys(re.findall('ri:content-title="([^"]*)"', body))
    assets = [Asset(f"1/{number}/1", name, "image/png") for number, name in enumerate(names)]
    return _Files(assets, {title: Page(f"p{number}", "QM", title, "") for number, title in enumerate(titles)})


if __name__ == "__main__":
    main("Converter of Confluence", measure)
