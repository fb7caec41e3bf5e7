"""Every text of the screens has its Russian."""

import io
from pathlib import Path

import pytest
from babel.messages import Catalog, extract, mofile, pofile
from flask import Flask

import deskside
import webhooks
from adapters import ranking
from deskside import plugins, store
from deskside.order.explain import Standing, between, compare
from webhooks.pages import show

LOCALE = Path(deskside.__file__).parent / "locale"
RUSSIAN = LOCALE / "ru" / "LC_MESSAGES" / "messages.po"
METHODS = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
KEYWORDS = {**extract.DEFAULT_KEYWORDS, "lazy_gettext": None, "because": (4,)}
FOLDERS = tuple(Path(package.__file__).parent for package in (webhooks, ranking, store))


@pytest.fixture(scope="module")
def used() -> set[str | tuple[str, ...]]:
    found = [extract.extract_from_dir(folder, METHODS, keywords=KEYWORDS) for folder in FOLDERS]
    return {message for texts in found for _, _, message, _, _ in texts}


@pytest.fixture(scope="module")
def russian() -> Catalog:
    with RUSSIAN.open("rb") as file:
        return pofile.read_po(file, locale="ru")


def test_every_text_has_a_russian_translation(used: set[str | tuple[str, ...]], russian: Catalog) -> None:
    assert used
    untranslated = []
    for text in used:
        message = russian.get(text)
        words = () if message is None else message.string if isinstance(message.string, tuple) else (message.string,)
        if not words or not all(words) or message is None or message.fuzzy:
            untranslated.append(text)
    assert untranslated == []


def test_every_factor_of_ours_has_a_name_in_words() -> None:
    assert {plugin.name for plugin in plugins.find("deskside.factors")} <= set(show.FACTORS)


def test_no_translation_is_left_over(used: set[str | tuple[str, ...]], russian: Catalog) -> None:
    assert {message.id for message in russian if message.id} - used == set()


def test_translations_keep_the_values_of_their_texts(russian: Catalog) -> None:
    assert [error for message in russian for error in message.check(russian)] == []


def test_the_compiled_catalog_is_up_to_date(russian: Catalog) -> None:
    compiled = io.BytesIO()
    mofile.write_mo(compiled, russian)
    assert RUSSIAN.with_suffix(".mo").read_bytes() == compiled.getvalue()


@pytest.mark.parametrize(
    ("minutes", "english", "russian_words"),
    [
        (0, "0 min", "0 мин"),
        (59, "59 min", "59 мин"),
        (60, "1 h", "1 ч"),
        (150, "2 h 30 min", "2 ч 30 мин"),
        (1440, "1 d", "1 д"),
        (3000, "2 d 2 h", "2 д 2 ч"),
    ],
)
def test_a_wait_is_said_in_the_reader_s_units(app: Flask, minutes: int, english: str, russian_words: str) -> None:
    for language, words in (("en", english), ("ru", russian_words)):
        with app.test_request_context(headers={"Accept-Language": language}):
            assert show.span(minutes).replace("\N{NO-BREAK SPACE}", " ") == words


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Standing("1", 0, 0), Standing("2", 600, 600)),
        (Standing("1", 0, 7200), Standing("2", 60, 60)),
        (Standing("1", 0, 7200), Standing("2", 0, 7200)),
        (Standing("1", 0, 600), Standing("2", 60, 660)),
    ],
)
def test_the_comparison_of_a_page_is_that_of_the_order(app: Flask, first: Standing, second: Standing) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        page = show.compared(between(first, second)).replace("\N{NO-BREAK SPACE}", " ")
    assert page == compare(first, second)


def test_hidden_characters_of_a_ticket_become_visible() -> None:
    assert show.plain("a\x00b\u202ec\nd") == "a\ufffdb\ufffdc d"
    assert show.plain("x" * 30, 10) == "x" * 9 + "…"
    assert show.lines("a\r\n\x1b[31mb") == "a\n\ufffd[31mb"
