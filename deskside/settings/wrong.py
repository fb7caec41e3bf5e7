"""What is wrong with a configuration, in words: the key, what was found and what is allowed, and never a secret."""

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields

from deskside.settings.schema import parts

PREFIX = "DESKSIDE_"
_UNKNOWN = "is no key Deskside knows; there are "
_SECRET_WORDS = ("secret", "password", "token", "key", "vantages")


def name_keys(schema: Schema) -> None:
    """Let the error of an unknown key name those there are."""
    schema.error_messages = {**schema.error_messages, "unknown": f"{_UNKNOWN}{', '.join(sorted(schema.fields))}"}
    for field in schema.fields.values():
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, fields.Nested):
            name_keys(inner.schema)


def explain(section: str, error: ValidationError, values: Mapping[str, Any]) -> str:
    """What is wrong with these values of a section: each key, what was found, and what is allowed."""
    lines = []
    for keys, found, message in _flat(error.messages_dict, values):
        key = ".".join(keys)
        name = f"[{section}] {key}" if section else key
        if message.startswith(_UNKNOWN):
            # A misspelt key may be that of a secret.
            lines.append(f"{name} {message}")
            continue
        shown = "" if found is None or _secret(key, found) else f" (found {found!r})"
        variable = PREFIX + "__".join([*section.split("."), *keys] if section else keys).upper()
        lines.append(f"{name}{shown}: {message} [or {variable}]")
    return "; ".join(lines)


def _flat(
    messages: Mapping[Any, Any], values: Any, above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any, str]]:
    for key, value in messages.items():
        if isinstance(key, int) and isinstance(value, Mapping):
            # One table of a list of tables: what was found there may be a secret, and is not shown.
            for keys, _, message in _flat(value, None):
                yield above, None, f"number {key + 1}, {'.'.join(keys)}: {message}"
            continue
        if isinstance(key, int):
            # One item of a list: the list is what is named, the item what was found.
            yield above, parts(values)[key], _sentence(value)
            continue
        inner = values.get(key) if isinstance(values, Mapping) else None
        keys = (*above, str(key))
        if isinstance(value, Mapping) and not isinstance(inner, Mapping) and set(value) <= {"value", "_schema"}:
            # So marshmallow names what is wrong with a value of a dictionary, and with a table that is none.
            yield keys, inner, _sentence(next(iter(value.values())))
        elif isinstance(value, Mapping):
            yield from _flat(value, inner, keys)
        else:
            yield keys, inner, _sentence(value)


def _sentence(messages: Any) -> str:
    return " ".join(str(part) for part in messages)


def _secret(key: str, found: Any) -> bool:
    if "url" in key.lower():
        # An address is shown unless it may carry a password.
        return any(mark in str(found) for mark in "@?")
    return any(word in key.lower() for word in _SECRET_WORDS)
