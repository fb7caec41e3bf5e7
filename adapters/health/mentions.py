"""Addresses and host names in what people write: Russian, English, Japanese, defanged or not. Linear in its length.

No expression here has nested repetition or an unbounded one that may be tried again: hostile text costs no more.
"""

import ipaddress
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from adapters.health.names import ascii_name
from deskside.guard import plain

MOST_CHARACTERS = 20_000
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_DEFANGED_DOT = re.compile(r"[\[({](?:\.|dot)[\])}]")
_DEFANGED_SCHEME = re.compile(r"(?<![0-9a-z])h(?:xx|\*\*)p(s?)(?=(?:\[:\]|:))")
# ASCII on purpose: \b and \w see kana, kanji and Cyrillic as part of a word, and they stand right beside addresses.
_V4 = re.compile(r"(?<![0-9a-z.\-])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9a-z_]|\.\w|-[0-9a-z])")
_V6 = re.compile(r"(?<![0-9a-z:.])[0-9a-f:]{2,45}(?![0-9a-z:])")
_NAME_RUN = re.compile(r"[0-9a-z._\-]+")


@dataclass(frozen=True, slots=True)
class Mention:
    """A name or address found at `start`; `mail` when it stands behind an @, `link` behind a scheme or as www."""

    text: str
    start: int
    mail: bool = False
    link: bool = False


def readings(text: str) -> tuple[str, ...]:
    """The text in one plain form: NFKC, lower case, defanging undone, cut.

    An ideographic full stop may stand for a dot or end a sentence, so a text that has one is read both ways.
    """
    plain_text = unicodedata.normalize("NFKC", text[:MOST_CHARACTERS])[:MOST_CHARACTERS].translate(_INVISIBLE).lower()
    plain_text = _DEFANGED_DOT.sub(".", plain_text)
    plain_text = _DEFANGED_SCHEME.sub(r"http\1", plain_text).replace("[:]", ":").replace("[://]", "://")
    if "。" not in plain_text:
        return (plain_text,)
    return plain_text.replace("。", "."), plain_text.replace("。", " ")


def addresses(reading: str) -> Iterator[Mention]:
    """IP addresses in canonical spelling, in order of appearance."""
    for match in _V4.finditer(reading):
        try:
            yield Mention(plain(match[0]), match.start())
        except ValueError:
            continue
    for match in _V6.finditer(reading):
        text = match[0].rstrip(":") if not match[0].endswith("::") else match[0]
        if text.count(":") < 2:
            continue
        try:
            yield Mention(str(ipaddress.IPv6Address(text)), match.start())
        except ValueError:
            continue


def names(reading: str) -> Iterator[Mention]:
    """ASCII host names (punycode included) with at least two labels, in order of appearance."""
    for match in _NAME_RUN.finditer(reading):
        run = match[0]
        start = match.start() + len(run) - len(run.lstrip(".-_"))
        if run.endswith(".") and _goes_on(reading, match.end()):
            continue
        name = ascii_name(run.strip(".-_"))
        if name is None or "." not in name:
            continue
        before = reading[max(0, start - 3) : start]
        yield Mention(name, start, before.endswith("@"), before == "://" or name.startswith("www."))


def unicode_names(reading: str, wanted: str) -> Iterator[Mention]:
    """Places of one name that is not ASCII, as itself or below another label.

    Scripts with spaces must have one beside it; Japanese has none, so a name may touch kana.
    """
    start = reading.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        if _starts(reading, start) and _ends(reading, end, wanted[-1]):
            yield Mention(wanted, start, reading[max(0, start - 1) : start] == "@")
        start = reading.find(wanted, end)


def _starts(reading: str, start: int) -> bool:
    if start == 0:
        return True
    before, first = reading[start - 1], reading[start]
    if before == "-":
        return False
    return not _wordlike(before) or (_hiragana(before) and not _hiragana(first))


def _ends(reading: str, end: int, last: str) -> bool:
    if end == len(reading):
        return True
    after = reading[end]
    if after == ".":
        return not _goes_on(reading, end + 1)
    if after == "-":
        return not _goes_on(reading, end + 1)
    return not _wordlike(after) or (_hiragana(after) and not _hiragana(last))


def _goes_on(reading: str, position: int) -> bool:
    return position < len(reading) and _wordlike(reading[position])


def _wordlike(character: str) -> bool:
    return character.isalnum() or character == "_"


def _hiragana(character: str) -> bool:
    return "\u3041" <= character <= "\u309f"
