"""Translation, typed: flask-babel brings no types."""

from typing import Any

import flask_babel


def gettext(text: str, **values: Any) -> str:
    """`text` in the reader's language."""
    return str(flask_babel.gettext(text, **values))


def ngettext(singular: str, plural: str, number: int) -> str:
    """One of both in the reader's language, as the number asks for; it is `num` in the text."""
    return str(flask_babel.ngettext(singular, plural, number))
