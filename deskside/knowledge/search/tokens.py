"""Text to terms: the same for articles and for questions, and for both databases.

NFKC, lower case, ё as е; words of letters are cut to their stems (Snowball, Russian for Cyrillic and English for the
rest), scripts that are written without spaces between words become pairs of characters.
"""

import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import snowballstemmer

# Part of what says whether an entry must be read again: another text whenever the same text gives other terms.
VERSION = "1"
TERM_CHARACTERS = 64

# Han, kana, Hangul, Thai, Lao, Burmese, Khmer. The middle dot of katakana divides words.
_UNSPACED = "\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_UNSPACED += "\u0e01-\u0e4e\u0e81-\u0ece\u1000-\u109f\u1780-\u17d3\U00020000-\U0003ffff"
# A word ends where such a script begins: in "3つの方法" the digit must not swallow what follows. Signs of vowels are no
# word characters to `re`, though Indian scripts cannot be written without them.
_WORD = re.compile(
    rf"[{_UNSPACED}]+|(?:(?![{_UNSPACED}])[^\W_]|[\u0300-\u036f\u064b-\u0652\u0900-\u0963\u0980-\u0dff])+"
)
_UNSPACED_TERM = re.compile(f"[{_UNSPACED}]")
_CYRILLIC = re.compile("[а-я]")
_LETTERS = re.compile(r"[^\W\d_]+")
_APOSTROPHE_S = re.compile(r"['’]s\b")

_stemmers = threading.local()


def terms(text: str) -> Iterator[str]:
    """The terms of a text, in order, with repetitions; each has at most TERM_CHARACTERS characters."""
    return (term for term, _ in spelled(text))


def spelled(text: str) -> Iterator[tuple[str, str]]:
    """The terms of a text, each with the word it was made of, in lower case."""
    plain = unicodedata.normalize("NFKC", text).lower().replace("ё", "е")
    for found in _WORD.finditer(_APOSTROPHE_S.sub("", plain)):
        word = found.group()
        if is_unspaced(word):
            yield from ((word[at : at + 2], word) for at in range(max(1, len(word) - 1)))
        else:
            yield stem(word[:TERM_CHARACTERS]), word


def is_unspaced(term: str) -> bool:
    """Whether this is of a script without spaces between words: a pair of characters, not the stem of a word."""
    return _UNSPACED_TERM.match(term) is not None


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The stem of a word in lower case; what has a digit in it is a name and stays."""
    if not _LETTERS.fullmatch(word):
        return word
    language = "russian" if _CYRILLIC.search(word) else "english"
    # A stemmer keeps the word it works on: each thread has its own.
    stemmer = getattr(_stemmers, language, None)
    if stemmer is None:
        stemmer = snowballstemmer.stemmer(language)
        setattr(_stemmers, language, stemmer)
    return str(stemmer.stemWord(word))
