"""How PHP reads what it is sent: nested form fields, loose booleans and numbers, serialised arrays.

Sources: https://www.php.net/manual/en/language.variables.external.php and function.serialize.php.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from typing import Any

NUMBER = re.compile(r"\s*([+-]?\d+)")
NAME = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
BRACKET = re.compile(r"\[([^\[\]]*)\]")

Tree = dict[str, Any]


def form(pairs: Iterable[tuple[str, str]]) -> Tree:
    """Form fields as PHP's `$_POST`: `a[0][b]=c` is `{"a": {"0": {"b": "c"}}}`, of one name the last counts."""
    tree: Tree = {}
    for name, value in pairs:
        found = NAME.match(name)
        if found is None:
            tree[name] = value
            continue
        path = [found[1], *BRACKET.findall(found[2])]
        place = tree
        for key in path[:-1]:
            inner = place.get(_key(place, key))
            if not isinstance(inner, dict):
                inner = place[_key(place, key)] = {}
            place = inner
        place[_key(place, path[-1])] = value
    return tree


def _key(place: Tree, key: str) -> str:
    return key or str(1 + max((int(name) for name in place if name.isdigit()), default=-1))


def truthy(value: str) -> bool:
    """Whether PHP takes a text for true: only the empty one and "0" are false, "false" is true."""
    return value not in ("", "0")


def number(value: str) -> int:
    """`(int) $value`: the digits at the beginning, else 0."""
    found = NUMBER.match(value)
    return int(found[1]) if found else 0


def unserialize(text: str) -> dict[str, str]:
    """A base64-coded `serialize()` of a flat array, keys and values as text. Raises ValueError for anything else."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("no base64") from None
    value, rest = _value(data)
    if rest or not isinstance(value, dict):
        raise ValueError("no serialised array")
    return {str(key): str(item) for key, item in value.items()}


def _value(data: bytes) -> tuple[Any, bytes]:
    kind = data[:2]
    if kind == b"N;":
        return "", data[2:]
    if kind == b"s:":
        length, _, rest = data[2:].partition(b":")
        size = _size(length)
        if rest[:1] != b'"' or rest[1 + size : 3 + size] != b'";':
            raise ValueError("a broken text")
        return rest[1 : 1 + size].decode(), rest[3 + size :]
    if kind in (b"i:", b"d:", b"b:"):
        plain, mark, rest = data[2:].partition(b";")
        if not mark:
            raise ValueError("a broken number")
        return int(plain) if kind != b"d:" else float(plain), rest
    if kind == b"a:":
        count, _, rest = data[2:].partition(b":")
        size, rest, found = _size(count), rest[1:], {}
        for _ in range(size):
            key, rest = _value(rest)
            if isinstance(key, dict):
                raise ValueError("an array as a key")
            found[key], rest = _value(rest)
        if rest[:1] != b"}":
            raise ValueError("a broken array")
        return found, rest[1:]
    raise ValueError("an unknown type")


def _size(text: bytes) -> int:
    if not text.isdigit():
        raise ValueError("a broken length")
    return int(text)
