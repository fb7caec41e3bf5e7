"""The index says what readers of a target see, and reads again only what changed."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deskside.knowledge.search import corpus, entries, tokens
from deskside.model.article import Article, ArticleText
from deskside.store.database import reading
from deskside.store.knowledge_tables import kb_corpus, kb_entry, kb_frequency, kb_term
from tests import databases
from tests.knowledge.search.shelf import NOW, article, found, put


def terms(database: sa.Engine) -> set[str]:
    with reading(database) as connection:
        return set(connection.scalars(sa.select(kb_term.c.term)))


def indexed(database: sa.Engine) -> list[object]:
    with reading(database) as connection:
        return list(connection.scalars(sa.select(kb_entry.c.indexed_at)))


def test_an_article_is_known_until_it_is_removed(database: sa.Engine) -> None:
    put(database, article(1, "Renew a certificate", edited="2026-11-01"))
    with reading(database) as connection:
        assert entries.known(connection, "guide") == {("1", "en-us"): "2026-11-01"}
        assert entries.known(connection, "whmcs") == {}
    with database.begin() as connection:
        entries.remove(connection, "guide", "1")
        entries.remove(connection, "guide", "1")
        assert entries.known(connection, "guide") == {}
    assert terms(database) == set()


def test_a_new_text_replaces_the_terms_of_the_old(database: sa.Engine) -> None:
    put(database, article(1, "Certificates", "<p>renewal</p>"))
    put(database, article(1, "Domains", "<p>transfer</p>"))
    assert found(database, "certificates renewal") == []
    assert found(database, "transfer") == ["1"]


def test_what_did_not_change_is_not_read_again(database: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    put(database, article(1, "Certificates", "<p>renewal</p>"))
    monkeypatch.setattr(tokens, "terms", lambda _text: pytest.fail("read again"))
    other_markup = article(1, "Certificates", "<div><p class='x'>renewal</p></div>", edited="2")
    put(database, replace(other_markup, url="https://help.example/moved"))
    with reading(database) as connection:
        row = connection.execute(sa.select(kb_entry.c.edited_at, kb_entry.c.url)).one()
    assert tuple(row) == ("2", "https://help.example/moved")


def test_another_tokeniser_reads_everything_again(database: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    put(database, article(1, "Certificates"))
    monkeypatch.setattr(tokens, "VERSION", "another")
    monkeypatch.setattr(tokens, "terms", lambda text: ["whole:" + text] if text else [])
    put(database, article(1, "Certificates"))
    assert terms(database) == {"whole:Certificates"}


def test_drafts_are_no_entries_and_a_language_that_goes_takes_its_entry_along(database: sa.Engine) -> None:
    texts = {
        "en-us": ArticleText("en-us", "Invoices", "", "1"),
        "ru": ArticleText("ru", "Счета", "", "1"),
        "de": ArticleText("de", "Rechnungen", "", "1", draft=True),
    }
    whole = Article("1", "1", "u", texts)
    put(database, whole)
    with reading(database) as connection:
        assert set(entries.known(connection, "guide")) == {("1", "en-us"), ("1", "ru")}
    put(database, replace(whole, texts={"en-us": replace(texts["en-us"], draft=True), "ru": texts["ru"]}))
    with reading(database) as connection:
        assert set(entries.known(connection, "guide")) == {("1", "ru")}


def test_each_language_has_its_own_address_where_the_target_knows_them(database: sa.Engine) -> None:
    texts = {name: ArticleText(name, f"Title {name}", "", "1") for name in ("en-us", "ru")}
    with database.begin() as connection:
        entries.put(connection, "guide", Article("7", "1", "u", texts), NOW, lambda number, name: f"/{name}/{number}")
        urls = {row.language: row.url for row in connection.execute(sa.select(kb_entry.c.language, kb_entry.c.url))}
    assert urls == {"en-us": "/en-us/7", "ru": "/ru/7"}


def test_an_article_that_is_not_public_any_more_is_not_shown_to_clients_from_that_moment(database: sa.Engine) -> None:
    put(database, article(1, "Certificates"))
    put(database, article(1, "Certificates", public=False))
    assert found(database, "certificates", public_only=True) == []
    assert found(database, "certificates") == ["1"]


def test_text_that_no_database_could_store_is_stored_without_it(database: sa.Engine) -> None:
    put(database, article(1, "Nul \0 and \ud800 surrogate 🎉", "<p>a\0b \ud800 café</p>"))
    assert found(database, "surrogate") == ["1"]


def test_the_counts_follow_a_growing_and_a_shrinking_shelf(database: sa.Engine) -> None:
    for number in range(60):
        put(database, article(number, f"Article {number}", "<p>common</p>"))
    assert _common(database) == pytest.approx(60, rel=0.1)
    with database.begin() as connection:
        for number in range(50):
            entries.remove(connection, "guide", str(number))
    assert _common(database) == pytest.approx(10, abs=1)


def _common(database: sa.Engine) -> int:
    with reading(database) as connection:
        return int(connection.scalar(sa.select(kb_frequency.c.entries).where(kb_frequency.c.term == "common")) or 0)


def test_counting_says_what_the_terms_say(database: sa.Engine) -> None:
    put(database, article(1, "Mail", "<p>mail server</p>"), article(2, "Server", "<p>rack</p>"))
    with database.begin() as connection:
        corpus.count(connection)
        known, frequencies = corpus.read(connection, ["mail", "server", "nothing"])
    assert (known.entries, known.length, known.title_length) == (2, 3, 2)
    assert frequencies == {"mail": (1, 1), "server": (2, 1)}


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> sa.Engine:
    return databases.open_careless(databases.migrated_sqlite(tmp_path_factory.mktemp("shelf") / "deskside.db"))


_WORDS = st.lists(st.sampled_from(["mail", "host", "domain", "почта", "証明書"]), max_size=6).map(" ".join)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 5), _WORDS, _WORDS, st.booleans()), max_size=12))
def test_whatever_is_put_and_removed_the_index_is_as_if_only_the_last_had_been(
    shelf: sa.Engine, steps: list[tuple[int, str, str, bool]]
) -> None:
    last: dict[int, tuple[str, str]] = {}
    for number, title, body, removed in steps:
        if removed:
            with shelf.begin() as connection:
                entries.remove(connection, "guide", str(number))
            last.pop(number, None)
        else:
            put(shelf, article(number, title, f"<p>{body}</p>"))
            last[number] = (title, body)
    expected = {
        (str(number), term)
        for number, (title, body) in last.items()
        for term in (*tokens.terms(title), *tokens.terms(body))
    }
    with shelf.begin() as connection:
        rows = connection.execute(
            sa.select(kb_entry.c.article_id, kb_term.c.term).join(kb_term, kb_term.c.entry == kb_entry.c.id)
        )
        assert {tuple(row) for row in rows} == expected
        counted = connection.scalar(sa.select(kb_corpus.c.entries)) or 0
        assert counted == len(last)
        for number in last:
            entries.remove(connection, "guide", str(number))
