"""Killed with -9 at every request of an apply: it is resumed, nothing is made twice, nothing is lost."""

import json
import multiprocessing
import shutil
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from deskside.store.database import open_database, reading
from deskside.store.knowledge_tables import kb_journal
from tests.databases import migrated_sqlite
from tests.doubles.knowledge import Shop
from tests.durability import knowledge_victim

import sqlalchemy as sa  # isort: skip

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

HELP = {"labels": ["help"], "source_language": "en"}
ACTING = {"create", "create section", "write", "file", "archive", "upload", "redirect"}


class Folder:
    """The two files that outlive a process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.shop_path = str(path / "shop.db")
        self.database_url = f"sqlite:///{path}/deskside.db"

    @property
    def shop(self) -> Shop:
        return Shop(self.shop_path)

    def work(self, kill_at: str = "") -> int:
        """Work in a process of its own; how it ended."""
        context = multiprocessing.get_context("forkserver")
        process = context.Process(
            target=knowledge_victim.work, args=(self.database_url, self.shop_path, kill_at), daemon=True
        )
        process.start()
        process.join(60)
        assert process.exitcode is not None, "it hangs"
        return process.exitcode

    def unfinished(self) -> int:
        """How many entries of the journal have no end."""
        database = open_database(self.database_url)
        with reading(database) as connection:
            found = connection.scalar(sa.select(sa.func.count()).where(kb_journal.c.state == "intent"))
        database.dispose()
        return int(found or 0)

    def copied(self, path: Path) -> "Folder":
        shutil.copytree(self.path, path)
        return Folder(path)


def before(folder: Folder) -> None:
    """A knowledge base that stands."""
    shop = folder.shop
    shop.attach("one.png", b"one")
    shop.write("kept", "Kept", '<p>See <a href="doc:gone">what goes</a>.</p>', **HELP)
    shop.write("gone", "Gone", "<p>Goes.</p>", **HELP)
    shop.write("moved", "Moved", "<p>Moves.</p>", labels=["old"], source_language="en")
    shop.write("cards", "Cards", "<p>Cards.</p>", **HELP)
    for number in range(8):
        shop.write(f"more{number}", f"More {number}", "<p>More.</p>", **HELP)
    shop.write("kept", "Behalten", "<p>Behalten.</p>", language="de", labels=["help"], source_language="en")


def edited(folder: Folder) -> None:
    """Everything that can happen to it, at once."""
    shop = folder.shop
    shop.attach("two.png", b"two")
    asset = {"ref": "two.png", "filename": "two.png", "content_type": "image/png"}
    shop.write("kept", "Kept", '<h2>New</h2><p>See <a href="doc:new">what comes</a>.</p>', **HELP)
    html = '<p>See <a href="doc:kept">what stays</a>. <img src="asset:two.png" alt="two"></p>'
    shop.write("new", "New", html, assets=[asset], **HELP)
    shop.write("new", "Neu", "<p>Neu.</p>", language="de", **HELP)
    shop.write("plain", "Plain", "<p>Without links.</p>", labels=["money", "help"], source_language="en")
    shop.erase("gone")
    shop.write("moved", "Moved", "<p>Moves.</p>", labels=["help"], source_language="en")
    shop.write("cards", "Cards", "<p>Cards.</p>", labels=["money"], source_language="en")


def standing(folder: Folder) -> Any:
    """Everything readers can find, without the ids that depend on how often something was begun."""
    shop = folder.shop
    articles = shop.all("article")
    names = {item["id"]: _name(item) for item in articles.values()}
    sections = {number: item["path"] for number, item in shop.all("section").items()}
    uploads = {number: item["sha256"] for number, item in shop.all("upload").items()}

    def plain(html: str) -> str:
        for number, name in names.items():
            html = html.replace(f"/articles/{number}", f"/articles/{name}")
        for number, sha256 in uploads.items():
            html = html.replace(f"/{number}/", f"/{sha256}/")
        return html

    found = []
    for item in articles.values():
        texts = {
            language: {**text, "html": plain(text["html"]), "edited_at": ""} for language, text in item["texts"].items()
        }
        kept = {name: item[name] for name in ("target", "marker", "archived", "segment", "position")}
        found.append({**kept, "section": sections[item["section"]], "labels": sorted(item["labels"]), "texts": texts})
    redirects = {names[old]: plain(to) for old, to in shop.all("redirect").items()}
    return json.loads(
        json.dumps(
            [sorted(found, key=lambda item: json.dumps(item, sort_keys=True)), sorted(sections.values()), redirects]
        )
    )


def _name(item: Any) -> str:
    return f"{item['target']}:{item['marker']}"


def test_killed_at_every_request_it_comes_to_the_same_end(tmp_path: Path) -> None:
    multiprocessing.get_context("forkserver").set_forkserver_preload(["tests.durability.knowledge_victim"])
    start = Folder(tmp_path / "start")
    start.path.mkdir()
    migrated_sqlite(start.path / "deskside.db")
    before(start)
    assert start.work() == 0
    edited(start)
    whole = start.copied(tmp_path / "whole")
    assert whole.work() == 0
    wanted = standing(whole)
    assert len(wanted[0]) == 16
    requests = whole.shop.log()[len(start.shop.log()) :]
    points = [f"before:{number}" for number in range(1, len(requests) + 1)]
    points += [f"after:{number}" for number, (_, what, _) in enumerate(requests, start=1) if what in ACTING]
    assert len(points) > 60

    def die(point: str) -> None:
        victim = start.copied(tmp_path / point.replace(":", ""))
        assert victim.work(point) == -signal.SIGKILL, f"it was not killed {point}"
        assert victim.work() == 0, f"it did not settle after it was killed {point}"
        assert standing(victim) == wanted, f"it came to another end after it was killed {point}"
        assert victim.unfinished() == 0
        shutil.rmtree(victim.path)

    with ThreadPoolExecutor(2) as several:
        for done in [several.submit(die, point) for point in points]:
            done.result()
