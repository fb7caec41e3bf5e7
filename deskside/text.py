"""Foreign text made safe to store and to compare."""

import re

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufffe\uffff]")
_DIGITS = re.compile(r"[0-9]{1,20}")


def clean(value: object) -> str:
    """`value` as text without control characters, changes of direction and lone surrogates; None is empty.

    A NUL cannot be stored by PostgreSQL, a lone surrogate (`"\\ud800"` in JSON) cannot be encoded at all, and a text
    that turns its direction can show itself as another one.
    """
    if value is None:
        return ""
    text = str(value).encode("utf-8", "replace").decode("utf-8")
    return _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def identifier(value: object) -> str | None:
    """A numeric id as text, or None for what stands for none: null, `""`, `"0"`, anything but digits.

    Desks send ids as integers in one answer and as texts in the next, and have several forms of "none".
    """
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value).strip()
    return text if _DIGITS.fullmatch(text) and text.strip("0") else None
