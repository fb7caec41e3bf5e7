"""The real addon in the double of WHMCS, and the target that writes through it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.whmcs.knowledge.endpoint import Endpoint
from adapters.whmcs.knowledge.target import WhmcsKnowledge
from adapters.whmcs.languages import Languages
from adapters.whmcs.settings import Settings
from deskside.model.article import Filing, Text
from tests.adapters.whmcs.addon.conftest import packed
from tests.doubles.mariadb import MariaDb
from tests.doubles.whmcs_server import Rows, Whmcs, missing, running_whmcs
from tests.webhooks.embedding import SECRET

NOBODY = "http://127.0.0.1:9"


@dataclass
class Base:
    """A WHMCS and its knowledge base as a target."""

    whmcs: Whmcs
    target: WhmcsKnowledge

    def shown(self, marker: str, html: str = "<p>How it is done</p>", section: str = "1", language: str = "en") -> str:
        """The id of an article of ours that readers see."""
        text = Text(language, f"Title of {marker}", html)
        article_id = self.target.create(marker, Filing(section), text)
        self.target.write_text(article_id, text)
        return article_id

    def stored(self, article_id: str) -> Rows:
        """An article and its translations as WHMCS has them."""
        return self.whmcs.query("SELECT * FROM tblknowledgebase WHERE id = ? OR parentid = ?", article_id, article_id)

    def in_whmcs(self, needle: str) -> bool:
        """Whether a text is anywhere in WHMCS's own table of articles."""
        return needle in repr(self.whmcs.table("tblknowledgebase"))

    def visitor_sees(self, article_id: str) -> str:
        """The page of an article, as somebody who is not signed in gets it."""
        return self.whmcs.stranger().get("/knowledgebase.php", action="displayarticle", id=article_id).text

    def sections_of(self, article_id: str) -> list[int]:
        rows = self.whmcs.query("SELECT categoryid FROM tblknowledgebaselinks WHERE articleid = ?", article_id)
        return sorted(row["categoryid"] for row in rows)


def target_of(whmcs: Whmcs, *secrets: str) -> WhmcsKnowledge:
    settings = Settings(url=whmcs.base_url, identifier="nobody", secret="nothing", read_timeout=20.0)
    endpoint = Endpoint(settings, lambda: secrets or (SECRET,))
    return WhmcsKnowledge("billing", endpoint, Languages({}), whmcs.base_url)


@contextmanager
def running_base(folder: Path, database: MariaDb | None) -> Iterator[Base]:
    """WHMCS with the addon activated; nothing in it may have warned or failed in the end."""
    if lacking := missing(mysql=database is not None):
        pytest.skip(lacking)
    with running_whmcs([packed(folder, NOBODY)], database=database) as running:
        running.activate("deskside", {"settings_roles": "1"})
        yield Base(running, target_of(running))
        assert running.errors() == []


@pytest.fixture
def base(tmp_path: Path) -> Iterator[Base]:
    """On SQLite."""
    with running_base(tmp_path, None) as running:
        yield running


@pytest.fixture
def base_on_mariadb(tmp_path: Path, mariadb: MariaDb) -> Iterator[Base]:
    """On MariaDB in strict mode, as a real WHMCS is."""
    with running_base(tmp_path, mariadb) as running:
        yield running


@pytest.fixture(params=["sqlite", "mariadb"])
def base_on_each(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Base]:
    """On one after the other."""
    database = request.getfixturevalue("mariadb") if request.param == "mariadb" else None
    with running_base(tmp_path, database) as running:
        yield running
