"""Zendesk's two ways of paging, quirks included."""

import base64
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import g, request

from deskside.demo.zendesk import errors
from deskside.demo.zendesk.routing import world
from deskside.demo.zendesk.state import Json

PAGE_MAX = 100
DEEPEST_PAGE = 100


def wants_cursor() -> bool:
    """Whether the caller asked for cursor paging."""
    return any(key in request.args for key in ("page[size]", "page[after]", "page[before]"))


def integer(name: str, default: int, lowest: int = 1) -> int:
    """A whole number of the query string. Raises ApiError 400."""
    text = request.args.get(name)
    if text is None or text == "":
        return default
    if not text.lstrip("-").isdigit() or int(text) < lowest:
        raise errors.invalid_attribute(
            f"You passed an invalid value for the {name} attribute. Invalid parameter: {name}"
        )
    return int(text)


def link(**changed: Any) -> str:
    """The address of this request with other parameters."""
    arguments = {key: value for key, value in request.args.items() if key not in changed}
    arguments.update({key: value for key, value in changed.items() if value is not None})
    query = urlencode(arguments)
    return f"{g.get('links') or world().links}{request.path}" + (f"?{query}" if query else "")


def encode(row_id: Any, position: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([row_id, position]).encode()).decode()


def _position(cursor: str, ids: list[Any]) -> int:
    try:
        row_id, position = json.loads(base64.urlsafe_b64decode(cursor.encode()))
    except ValueError:
        raise errors.coded(400, "InvalidPaginationParameter", "Invalid cursor", "page[after] is not valid") from None
    # A row that has gone since pulls the rows after it one place forward.
    return ids.index(row_id) if row_id in ids else max(-1, int(position) - 2)


def page(rows: Sequence[Json], key: str, extra: Json | None = None) -> Json:
    """One page of `rows`, in the style the caller asked for."""
    return cursor_page(rows, key, extra) if wants_cursor() else offset_page(rows, key, extra)


def offset_page(
    rows: Sequence[Json], key: str, extra: Json | None = None, top: int | None = None, usual: int = PAGE_MAX
) -> Json:
    """Numbered pages of `usual` rows: `count`, `next_page`, `previous_page`; no deeper than 100 pages."""
    number, size = integer("page", 1), min(integer("per_page", usual), PAGE_MAX)
    if number > DEEPEST_PAGE:
        raise errors.coded(400, "InvalidPaginationDepth", "Invalid pagination depth", "offset too deep")
    start = (number - 1) * size
    more = start + size < min(len(rows), top or len(rows))
    return {
        key: list(rows[start : start + size]),
        **(extra or {}),
        "next_page": link(page=number + 1) if more else None,
        "previous_page": link(page=number - 1) if number > 1 else None,
        "count": len(rows),
    }


def cursor_page(
    rows: Sequence[Json], key: str, extra: Json | None = None, largest: int = PAGE_MAX, usual: int = PAGE_MAX
) -> Json:
    """Cursor pages. `links.next` is there even when `has_more` is false: only `has_more` may end a loop."""
    size = integer("page[size]", usual)
    if size > largest:
        text = f"page[size] must be at most {largest}"
        raise errors.coded(400, "InvalidPaginationParameter", "Invalid page size", text)
    ids = [row.get("id") for row in rows]
    after, before = request.args.get("page[after]"), request.args.get("page[before]")
    if before:
        end = max(0, _position(before, ids))
        start = max(0, end - size)
    else:
        start = _position(after, ids) + 1 if after else 0
        end = start + size
    shown = list(rows[start:end])
    first = encode(shown[0].get("id"), start + 1) if shown else None
    last = encode(shown[-1].get("id"), start + len(shown)) if shown else None
    return {
        key: shown,
        **(extra or {}),
        "meta": {"has_more": end < len(rows), "after_cursor": last, "before_cursor": first},
        "links": {
            "prev": link(**{"page[before]": first, "page[after]": None}) if first else None,
            "next": link(**{"page[after]": last, "page[before]": None}) if last else None,
        },
    }
