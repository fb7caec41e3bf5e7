"""A listing of a target becomes what the search knows."""

from dataclasses import dataclass, replace
from typing import Any, cast

import pytest
import sqlalchemy as sa

from adapters.knowledge import indexing
from deskside.knowledge.search import entries, tokens
from deskside.model.article import Article
from deskside.ports import KnowledgeTarget
from tests.knowledge.search.shelf import article, found


@dataclass
class Target:
    """As much of a target as the index asks."""

    base: str = "https://help.example"
    name: str = "guide"

    def url(self, article_id: str, language: str) -> str:
        return f"{self.base}/{language}/{article_id}"


def index(database: sa.Engine, *articles: Article, base: str = "https://help.example") -> None:
    indexing.index(database, cast(KnowledgeTarget, Target(base)), articles)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the articles that were told to the index."""
    told: list[str] = []
    put = entries.put

    def noting(connection: sa.Connection, target: str, one: Article, *more: Any) -> None:
        told.append(one.id)
        put(connection, target, one, *more)

    monkeypatch.setattr(entries, "put", noting)
    return told


def test_only_what_changed_is_told_again_and_what_is_gone_is_forgotten(database: sa.Engine, read: list[str]) -> None:
    one, two = article(1, "Mail"), article(2, "Domain")
    index(database, one, two)
    index(database, one, article(2, "Zone", edited="2"), article(3, "Disk"))
    index(database, article(2, "Zone", edited="2"), article(3, "Disk"))
    assert read == ["1", "2", "2", "3"]
    assert found(database, "mail domain zone disk") == ["2", "3"]


def test_an_article_that_is_hidden_from_strangers_without_an_edit_is_hidden_by_the_search(
    database: sa.Engine,
) -> None:
    one = article(1, "Mail")
    index(database, one)
    assert found(database, "mail", public_only=True) == ["1"]
    index(database, replace(one, public=False))
    assert found(database, "mail", public_only=True) == []


def test_a_target_that_moves_has_new_addresses(database: sa.Engine) -> None:
    index(database, article(1, "Mail"))
    index(database, article(1, "Mail"), base="https://new.example")
    with database.connect() as connection:
        assert entries.faces(connection, "guide")["1", "en-us"].url == "https://new.example/en-us/1"


def test_another_tokeniser_has_everything_told_again(
    database: sa.Engine, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    index(database, article(1, "Mail"))
    monkeypatch.setattr(tokens, "VERSION", "another")
    monkeypatch.setattr(entries.Face.__init__, "__defaults__", ("another",))
    index(database, article(1, "Mail"))
    assert read == ["1", "1"]
