"""WHMCS's names of languages, and the tags that stand for them.

They are the names of the files in its folder `lang`; source: docs.whmcs.com, "Languages".
"""

from collections.abc import Mapping

from deskside.errors import Permanent

# Two files are spelt in ways of their own; "ukranian" is WHMCS's.
_TAGS = {
    "arabic": "ar",
    "azerbaijani": "az",
    "catalan": "ca",
    "chinese": "zh",
    "croatian": "hr",
    "czech": "cs",
    "danish": "da",
    "dutch": "nl",
    "english": "en",
    "estonian": "et",
    "farsi": "fa",
    "french": "fr",
    "german": "de",
    "hebrew": "he",
    "hungarian": "hu",
    "italian": "it",
    "macedonian": "mk",
    "norwegian": "no",
    "polish": "pl",
    "portuguese-br": "pt-br",
    "portuguese-pt": "pt",
    "romanian": "ro",
    "russian": "ru",
    "spanish": "es",
    "swedish": "sv",
    "turkish": "tr",
    "ukranian": "uk",
    "ukrainian": "uk",
}
_NAMES = {tag: name for name, tag in reversed(_TAGS.items())}


def tag(name: str) -> str:
    """The tag of a language as WHMCS calls it, "" for one that is not known here."""
    return _TAGS.get(name.strip().lower(), "")


class Languages:
    """The languages of articles. WHMCS has one for `en` and `en-us`, so the addon keeps which it was written as.

    `chosen` says by tag what a language is called in this WHMCS, where that is not plain.
    """

    def __init__(self, chosen: Mapping[str, str]) -> None:
        self._chosen = chosen

    def name(self, language: str) -> str:
        """What WHMCS calls the language with this tag. Raises `Permanent` when that is not known."""
        for one in (language, language.partition("-")[0]):
            found = self._chosen.get(one) or _NAMES.get(one)
            if found:
                return found
        raise Permanent(f"it is not known what WHMCS calls the language {language}: say so in `languages`")

    def tag(self, name: str) -> str:
        """The tag of a language as WHMCS calls it; the name itself where none is known."""
        chosen = next((tag for tag, called in self._chosen.items() if called == name), "")
        return chosen or tag(name) or name
