"""Who writes a ticket is told of public articles, and of nothing else."""

import json

import pytest
import sqlalchemy as sa

from deskside.knowledge.search import entries
from deskside.model.article import Article, ArticleText
from deskside.store.database import utc_now
from tests.webhooks.embedding import Asking


def publish(database: sa.Engine, number: int, title: str, *, public: bool = True, language: str = "en") -> None:
    text = ArticleText(language, title, f"<p>{title}. Look at the <b>spam</b> folder.</p>", "1")
    url = f"https://help.example/{number}"
    with database.begin() as connection:
        entries.put(connection, "guide", Article(str(number), "1", url, {language: text}, public=public), utc_now())


def test_public_articles_are_told_the_best_first_and_three_at_most(asking: Asking, database: sa.Engine) -> None:
    for number in range(1, 6):
        publish(database, number, f"Mail number {number}")
    publish(database, 6, "Mail does not arrive at all")
    publish(database, 7, "Mail does not arrive: for agents", public=False)
    answer = asking.ask("suggest", query="mail does not arrive", language="en")
    assert len(answer["articles"]) == 3
    first = answer["articles"][0]
    assert (first["title"], first["url"]) == ("Mail does not arrive at all", "https://help.example/6")
    assert "<" not in first["snippet"]
    assert "agents" not in json.dumps(answer)


def test_no_answer_is_an_empty_list(asking: Asking) -> None:
    assert asking.ask("suggest", query="mail does not arrive") == {"articles": []}


@pytest.mark.parametrize("query", [None, "", "   ", "x" * 201, 7, "a\0b"])
def test_a_question_without_words_is_refused(asking: Asking, query: object) -> None:
    answer = asking.post(json.dumps({"type": "suggest", "query": query}).encode())
    assert answer.status_code == 400
