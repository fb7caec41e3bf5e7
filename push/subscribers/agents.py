"""Which browser on which platform somebody uses, as far as its User-Agent says: enough to word a hint."""

_BROWSERS = (
    ("Edg", "edge"),
    ("OPR/", "opera"),
    ("YaBrowser/", "yandex"),
    ("SamsungBrowser/", "samsung"),
    ("Firefox/", "firefox"),
    ("FxiOS/", "firefox"),
    ("Chrome/", "chrome"),
    ("CriOS/", "chrome"),
    ("Safari/", "safari"),
)
# Android calls itself Linux as well, and an iPhone "like Mac OS X".
_PLATFORMS = (
    ("iPhone", "ios"),
    ("iPad", "ios"),
    ("Android", "android"),
    ("Windows", "windows"),
    ("CrOS", "chromeos"),
    ("Macintosh", "macos"),
    ("Linux", "linux"),
)


def recognise(user_agent: str) -> tuple[str, str]:
    """Browser and platform; `other` for what is not known. An iPad that asks for desktop pages is a Mac here."""
    return _first(_BROWSERS, user_agent), _first(_PLATFORMS, user_agent)


def _first(known: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for mark, name in known if mark in text), "other")
