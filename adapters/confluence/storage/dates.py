"""A date as its readers write it."""

from datetime import date

from babel import Locale, UnknownLocaleError
from babel.dates import format_date


def written(stated: str, language: str) -> str:
    """`2026-10-01` in the words of a language; what is no date, or no known language, stays as it is."""
    try:
        return format_date(date.fromisoformat(stated[:10]), "long", Locale.parse(language, sep="-"))
    except (ValueError, UnknownLocaleError):
        return stated
