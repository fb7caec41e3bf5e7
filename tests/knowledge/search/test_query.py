"""Questions are answered, in the same order on both databases, whatever somebody types."""

import math
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

from deskside.knowledge.search import bm25, corpus, query, synonyms, tokens
from deskside.model.article import Article, ArticleText
from deskside.store.database import reading
from tests import databases
from tests.knowledge.search.shelf import article, found, put

SHELF = [
    ("Renew an SSL certificate", "Open the control panel, choose the domain and press Renew."),
    ("Transfer a domain", "A domain needs its authorisation code. The certificate stays where it is."),
    ("Set up mail on a phone", "Server names, ports and encryption (SSL) for IMAP and SMTP."),
    ("Pay an invoice", "Cards, bank transfer and credit. An invoice is due within fourteen days."),
    ("Restore a backup", "Backups are kept for thirty days; choose a day and press Restore."),
    ("Why is my site slow", "Look at the load of the server, at the database and at the cache."),
]


@pytest.fixture
def shelf(database: sa.Engine) -> sa.Engine:
    put(database, *(article(number, title, f"<p>{body}</p>") for number, (title, body) in enumerate(SHELF, 1)))
    return database


@pytest.mark.parametrize(
    ("asked", "best"),
    [
        ("how do I renew my certificate", "1"),
        ("domain transfer", "2"),
        ("imap ports", "3"),
        ("invoices", "4"),
        ("restoring backups", "5"),
        ("slow site", "6"),
    ],
)
def test_the_article_that_answers_comes_first(shelf: sa.Engine, asked: str, best: str) -> None:
    assert found(shelf, asked)[0] == best


def test_one_word_of_a_long_question_is_enough(shelf: sa.Engine) -> None:
    asked = "Dear team, since yesterday evening nothing helps and my colleagues are unhappy about our backups"
    assert "5" in found(shelf, asked)


def test_a_title_counts_more_than_a_text(shelf: sa.Engine) -> None:
    assert found(shelf, "domain")[:2] == ["2", "1"]


def test_scores_are_those_of_bm25_over_both_fields(shelf: sa.Engine) -> None:
    bodies = [list(tokens.terms(body)) for _, body in SHELF]
    titles = [list(tokens.terms(title)) for title, _ in SHELF]

    def score(number: int, term: str) -> float:
        both = [{*body, *title} for body, title in zip(bodies, titles, strict=True)]
        return sum(
            bm25.rarity(sum(term in words for words in rarities), len(SHELF))
            * bm25.impact(Counter(field[number])[term], len(field[number]), sum(map(len, field)) / len(field))
            for field, rarities in ((bodies, both), (titles, titles))
        )

    with shelf.begin() as connection:
        corpus.count(connection)
        hits = query.find(connection, "domain certificate")
    for hit in hits:
        expected = sum(score(int(hit.article_id) - 1, term) for term in tokens.terms("domain certificate"))
        assert hit.score == pytest.approx(expected, rel=0.005)


def test_the_best_articles_of_a_common_word_are_found_among_very_many(
    database: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, few in (("_POSTINGS", 10), ("_FEWEST_POSTINGS", 4), ("_CANDIDATES", 4)):
        monkeypatch.setattr(query, name, few)
    monkeypatch.setattr(query, "_ranking", query._ranking.__wrapped__)
    put(database, *(article(number, f"Note {number}", "<p>hosting and much else</p>") for number in range(40)))
    put(database, article("best", "Hosting", "<p>hosting hosting</p>"))
    assert found(database, "hosting")[0] == "best"
    assert found(database, "hosting and much")[0] == "best"


def test_equals_come_in_the_order_in_which_they_came(database: sa.Engine) -> None:
    put(database, *(article(number, f"Note {letter}", "<p>same</p>") for number, letter in enumerate("pqrstuvw")))
    assert found(database, "same") == [str(number) for number in range(8)]


def test_no_more_than_asked_for(shelf: sa.Engine) -> None:
    assert len(found(shelf, "certificate domain invoice", limit=2)) == 2
    assert found(shelf, "certificate", limit=0) == []


def test_internal_articles_are_for_agents_only(shelf: sa.Engine) -> None:
    put(shelf, article(9, "Certificate on our own servers", public=False))
    assert "9" in found(shelf, "certificate")
    assert "9" not in found(shelf, "certificate", public_only=True)


def test_the_language_asked_for_comes_first_and_others_after(database: sa.Engine) -> None:
    put(database, article(1, "DNS", "<p>dns dns records</p>", "en-us"), article(2, "Записи DNS", "<p>dns</p>", "ru"))
    assert found(database, "dns") == ["1", "2"]
    assert found(database, "dns", language="ru") == ["2", "1"]
    assert found(database, "dns", language="en-GB") == ["1", "2"]


def test_of_one_article_only_the_best_language_is_told(database: sa.Engine) -> None:
    texts = {
        "en-us": ArticleText("en-us", "DNS records", "", "1"),
        "ru": ArticleText("ru", "Записи DNS", "", "1"),
    }
    put(database, Article("1", "1", "u", texts))
    assert found(database, "dns", language="ru") == ["1"]


def test_the_same_text_in_two_places_is_told_once(database: sa.Engine) -> None:
    put(database, article(1, "Invoices", "<p>pay</p>"))
    put(database, article(7, "Invoices", "<p>pay</p>"), target="whmcs")
    assert found(database, "invoices") == ["1"]


def test_synonyms_find_and_literal_words_come_first(database: sa.Engine) -> None:
    put(database, article(1, "TLS", "<p>about tls</p>"), article(2, "SSL", "<p>about ssl</p>"))
    put(database, article(3, "Domain name", "<p>domain name</p>"))
    same = synonyms.read([["SSL", "TLS"], ["domain name", "zone"]])
    assert found(database, "ssl") == ["2"]
    assert found(database, "ssl", synonyms=same) == ["2", "1"]
    assert found(database, "tls", synonyms=same) == ["1", "2"]
    assert found(database, "zone", synonyms=same) == ["3"]


RUSSIAN = [
    ("Как продлить сертификат", "Откройте панель управления, выберите домен и нажмите «Продлить»."),
    ("Перенос домена к нам", "Понадобится код авторизации. Сертификаты останутся на месте."),
    ("Оплата счёта картой", "Счёт оплачивают картой или банковским переводом в течение 14 дней."),
    ("Не приходит почта", "Проверьте папку «Спам», квоту ящика и записи MX."),
]
JAPANESE = [
    ("SSL証明書を更新する方法", "コントロールパネルを開き、ドメインを選んで「更新」を押します。"),
    ("ドメインを移管する", "移管には認証コードが必要です。手順は3つの段階に分かれます。"),
    ("請求書の支払い", "クレジットカードまたは銀行振込でお支払いください。期限は14日です。"),
    ("メールが届かない", "迷惑メールフォルダーとメールボックスの容量を確認してください。"),
]


@pytest.mark.parametrize(
    ("language", "asked", "best"),
    [
        ("ru", "продление сертификатов", "ru0"),
        ("ru", "перенести домены", "ru1"),
        ("ru", "оплатить счет", "ru2"),
        ("ru", "почты нет в ящиках", "ru3"),
        ("ja", "証明書の更新", "ja0"),
        ("ja", "ドメイン移管", "ja1"),
        ("ja", "3つの段階", "ja1"),
        ("ja", "請求書を支払いたい", "ja2"),
        ("ja", "メールが届きません", "ja3"),
    ],
)
def test_russian_and_japanese_are_found_by_their_own_words(
    database: sa.Engine, language: str, asked: str, best: str
) -> None:
    for name, shelf in (("ru", RUSSIAN), ("ja", JAPANESE)):
        put(database, *(article(f"{name}{at}", title, body, name) for at, (title, body) in enumerate(shelf)))
    assert found(database, asked, language=language)[0] == best


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "   ",
        "\0",
        "🎉🎉",
        "\ud800",
        "!!! --- ???",
        "' OR 1=1; DROP TABLE kb_term; --",
        'NEAR("a" b, 5) AND title:* NOT ^x',
        "%_%",
        "a" * 10_000,
        "the and of to in a",
        "\u202eabc \u0000 ﷺ ﷽",
    ],
)
def test_whatever_is_typed_is_words_and_nothing_else(shelf: sa.Engine, asked: str) -> None:
    found(shelf, asked)
    assert found(shelf, "certificate")[0] == "1"


def test_a_question_of_ten_thousand_characters_is_answered_by_its_beginning(shelf: sa.Engine) -> None:
    noise = " ".join(f"word{number}" for number in range(2_000))
    asked = f"certificate {noise}"
    assert len(asked) > 10_000
    assert found(shelf, asked) == found(shelf, "certificate")


def test_an_empty_index_has_no_answer(database: sa.Engine) -> None:
    assert found(database, "anything") == []


def test_a_hit_tells_where_its_words_stand(shelf: sa.Engine) -> None:
    with reading(shelf) as connection:
        (hit, *_) = query.find(connection, "authorisation codes")
    assert [hit.snippet[start:end] for start, end in hit.marks] == ["authorisation", "code"]
    assert (hit.target, hit.url, hit.language, hit.public) == ("guide", "https://help.example/2", "en-us", True)
    assert 0 < hit.part < 1


def test_part_compares_questions(shelf: sa.Engine) -> None:
    with reading(shelf) as connection:
        good = query.find(connection, "pay an invoice")[0]
        poor = query.find(connection, "the printer in our office prints pay slips in green")[0]
    assert good.part > 2 * poor.part


def test_both_databases_give_the_same_scores(sqlite_url: str, postgresql_database: sa.Engine) -> None:
    sqlite = databases.open_careless(databases.migrated_sqlite(Path(sqlite_url.removeprefix("sqlite:///"))))
    many = [
        article(number, f"{title} {number % 7}", f"<p>{body} {'mail ' * (number % 5)}</p>")
        for number in range(120)
        for title, body in [SHELF[number % len(SHELF)]]
    ]
    asked = ("domain certificate mail", "the server of 3", "invoice", "restore ssl backup press")
    answers = []
    for database in (sqlite, postgresql_database):
        put(database, *many)
        with reading(database) as connection:
            answers.append([query.find(connection, words, limit=50) for words in asked])
    sqlite.dispose()
    assert answers[0] == answers[1]
    assert all(math.isfinite(hit.score) for hits in answers[0] for hit in hits)
