"""Text becomes terms; facts/kb, section 5."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskside.knowledge.search import tokens


def terms(text: str) -> list[str]:
    return list(tokens.terms(text))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("certificates", "Certificate"),
        ("сертификаты", "СЕРТИФИКАТА"),
        ("Ещё", "еще"),
        ("ＳＳＬ", "ssl"),
        ("board's", "boards"),
        ("e\u0301tude", "\u00e9tude"),
        ("ｻｰﾊﾞｰ", "サーバー"),
    ],
)
def test_spellings_of_one_word_are_one_term(one: str, other: str) -> None:
    assert terms(one) == terms(other) != []


def test_words_of_different_meaning_stay_apart() -> None:
    assert len(set(terms("domain mail invoice домен письмо счёт"))) == 6


def test_text_without_spaces_becomes_pairs() -> None:
    assert terms("証明書") == ["証明", "明書"]
    assert terms("鍵") == ["鍵"]


def test_a_digit_beside_kana_swallows_nothing() -> None:
    assert terms("3つの方法") == ["3", "つの", "の方", "方法"]
    assert terms("方法3つ") == ["方法", "3", "つ"]
    assert terms("SSL証明書2024年") == ["ssl", "証明", "明書", "2024", "年"]


def test_the_middle_dot_divides_words() -> None:
    assert terms("ドメイン・メール") == ["ドメ", "メイ", "イン", "メー", "ール"]


def test_names_with_digits_are_kept_whole() -> None:
    assert terms("php8 h264s") == ["php8", "h264s"]


def test_vowel_signs_do_not_cut_indian_words() -> None:
    assert terms("हिन्दी") == ["हिन्दी"]


def test_syntax_is_punctuation() -> None:
    assert terms('"; DROP TABLE kb_term; -- NEAR(a* OR b)') == ["drop", "tabl", "kb", "term", "near", "a", "or", "b"]


@given(st.text(max_size=300))
def test_every_term_fits_its_column_and_can_be_stored(text: str) -> None:
    for term in terms(text):
        assert 0 < len(term) <= tokens.TERM_CHARACTERS
        assert "\0" not in term
        term.encode()


def test_a_word_without_end_is_cut() -> None:
    assert terms("x" * 10_000) == ["x" * tokens.TERM_CHARACTERS]


def test_threads_do_not_mix_their_words() -> None:
    words = [f"{letter}connections{letter}" for letter in "abcdefghij"] * 50
    wrong: list[str] = []

    def stem() -> None:
        tokens.stem.cache_clear()
        wrong.extend(word for word in words if tokens.stem(word)[0] != word[0])

    threads = [threading.Thread(target=stem) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
