"""Bodies of articles: our own, and those of a real help centre where they are there."""

import json
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt

from deskside.markup.allowed import clean
from tests.shared import shared


def own() -> dict[str, str]:
    """Our own bodies by name, each with much in it."""
    return {path.stem: path.read_text("utf-8") for path in sorted(Path(__file__).with_name("bodies").glob("*.html"))}


@cache
def real() -> tuple[str, ...]:
    """414 articles of a live help centre; skips the test where they are not there."""
    articles = json.loads(shared("data/arduino_hc/articles.json").read_text("utf-8"))
    convert = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return tuple(clean(convert.render(article["body"])).html for article in articles)
