"""Translation, typed: flask-babel brings no types."""

from typing import Any

import flask_babel


def gettext(text: str, **values: Any) -> str:
    """`text` in the reader's language."""
    return str(flask_babel.gettext(text, **values))
