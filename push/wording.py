"""The few words Deskside itself puts into a notification, by language; everything else people write."""

from collections.abc import Mapping

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {"more": "And {count} more: {titles}", "vote": "Tap to answer"},
    "ru": {"more": "И ещё {count}: {titles}", "vote": "Нажмите, чтобы ответить"},
}
LANGUAGES = tuple(_WORDS)


def say(language: str, name: str, **values: object) -> str:
    """A sentence in this language, else in English."""
    words = _WORDS.get(language.replace("_", "-").partition("-")[0].lower(), _WORDS["en"])
    return words[name].format(**values)


def literal(text: str) -> str:
    """Foreign text that stays as it is in a template: nothing in it is a placeholder."""
    return text.replace("{", "{{ '{' }}")


def cut(text: str, longest: int) -> str:
    """At most so many characters, ending at a word."""
    if len(text) <= longest:
        return text
    kept = text[: longest - 1]
    return (kept.rsplit(" ", 1)[0] if " " in kept[longest // 2 :] else kept).rstrip(" ,.;:") + "…"
