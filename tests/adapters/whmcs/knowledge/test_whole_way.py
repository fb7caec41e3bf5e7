"""From a document of a team to an article in WHMCS and back out of it, by plan and apply."""

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from adapters.knowledge.settings import Route
from tests.adapters.knowledge.world import World
from tests.adapters.whmcs.knowledge.conftest import Base
from tests.adapters.whmcs.knowledge.test_target import PNG
from tests.databases import migrated_sqlite, open_careless


@pytest.fixture
def world(tmp_path: Path, base_on_each: Base) -> Iterator[World]:
    """Documents that go to WHMCS."""
    database = open_careless(migrated_sqlite(tmp_path / "deskside.db"))
    world = World(database, routes=(Route(target="billing", section=("Help", "Start & more"), labels=("ours",)),))
    world.publishing = replace(world.publishing, targets={"billing": base_on_each.target})
    yield world
    database.dispose()


def ids(base: Base) -> dict[str, str]:
    """The articles of WHMCS by their titles, drafts and archived ones left out."""
    return {
        text.title: article.id for article in base.target.listing() for text in article.texts.values() if not text.draft
    }


def test_documents_are_published_changed_guarded_and_archived(world: World, base_on_each: Base) -> None:
    base = base_on_each
    world.shop.write("a", "First <steps>", '<h2>Begin</h2><p>See <a href="doc:b">the rest</a>.</p>')
    world.shop.write("b", "The rest", '<p>Back to <a href="doc:a#begin">the beginning</a>.</p>')
    assert world.kinds() == {"create": 2}
    assert len(base.whmcs.table("tblknowledgebase")) == 3
    world.settled()
    first, rest = ids(base)["First <steps>"], ids(base)["The rest"]
    assert base.target.url(rest, "en") in base.visitor_sees(first).replace("&amp;", "&")
    article = base.target.read(first)
    assert (article.labels, article.public) == (("ours",), True)
    assert base.target.sections()["Help", "Start & more"] == article.section

    world.shop.write("b", "The rest", "<p>All of it.</p>")
    assert world.kinds() == {"update": 1}
    world.settled()
    assert "<p>All of it.</p>" in base.visitor_sees(rest)

    base.whmcs.execute("UPDATE tblknowledgebase SET article = '<p>By hand.</p>' WHERE id = ?", rest)
    assert world.kinds() == {"drift": 1}
    world.decide("drift", "restore")
    world.settled()
    assert "<p>All of it.</p>" in base.visitor_sees(rest)

    world.shop.erase("b")
    world.settled()
    assert "All of it" not in base.visitor_sees(rest)
    assert "The rest" not in ids(base)

    world.shop.write("b", "The rest", "<p>Again.</p>")
    world.settled()
    assert ids(base)["The rest"] == rest
    assert len(base.whmcs.table("tblknowledgebase")) == 5


def test_translations_and_images_go_with_an_article(world: World, base_on_each: Base) -> None:
    base = base_on_each
    world.shop.attach("pic", PNG)
    picture = {"ref": "pic", "filename": "схема.png", "content_type": "image/png"}
    world.shop.write("a", "With a picture", '<p><img src="asset:pic" alt="x"></p>', assets=[picture])
    world.shop.write("a", "С картинкой", "<p>Без картинки</p>", language="ru", source_language="en")
    world.settled()
    (article,) = [one for one in base.target.listing() if one.marker]
    assert set(article.texts) == {"en", "ru"}
    found = re.search(r'src="([^"]+)"', base.visitor_sees(article.id))
    assert found is not None
    assert requests.get(html.unescape(found[1]), timeout=10).content == PNG
    row = next(row for row in base.stored(article.id) if row["parentid"])
    assert (row["language"], row["title"]) == ("russian", "С картинкой")
