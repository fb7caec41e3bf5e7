"""The search index, which lags, and its query language."""

import shlex
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from deskside.demo.zendesk import conditions
from deskside.demo.zendesk.state import Clock, Json, State, Ticket

COMPARISONS = (">=", "<=", ">", "<", ":")
ALIASES = {
    "tag": "tags",
    "created": "created_at",
    "updated": "updated_at",
    "group": "group_id",
    "requester": "requester_id",
}
WORDS_OF = {"ticket": ("subject", "description", "said"), "user": ("name", "email"), "organization": ("name",)}


@dataclass
class Index:
    """Documents as they were at each change; a search sees them as they were `lag_seconds` ago."""

    clock: Clock
    lag_seconds: float = 0.0
    rows: dict[tuple[str, int], list[tuple[datetime, Json]]] = field(default_factory=dict)

    def put(self, kind: str, key: int, document: Json) -> None:
        """Note a document as it is now."""
        now = self.clock()
        history = self.rows.setdefault((kind, key), [])
        history.append((now, document))
        edge = now - timedelta(seconds=self.lag_seconds)
        while len(history) > 1 and history[1][0] <= edge:
            history.pop(0)

    def documents(self) -> list[tuple[str, Json]]:
        """Everything the index knows by now."""
        edge = self.clock() - timedelta(seconds=self.lag_seconds)
        found = []
        for (kind, _), history in self.rows.items():
            known = [document for at, document in history if at <= edge]
            if known:
                found.append((kind, known[-1]))
        return found


def ticket_document(ticket: Ticket, shape: Json, state: State) -> Json:
    """A ticket with the texts and names that a search looks at."""
    group = state.groups.get(ticket.group_id or 0)
    requester = state.users.get(ticket.requester_id)
    organization = state.organizations.get(ticket.organization_id or 0)
    return {
        **shape,
        "said": " ".join(comment.body for comment in ticket.comments),
        "names": {
            "group_id": group.name if group else "",
            "requester_id": (requester.email or requester.name) if requester else "",
            "organization": organization.name if organization else "",
        },
    }


def parse(query: str) -> list[tuple[bool, str, str, str]]:
    """A query as (negated, key, comparison, value); a bare word has the key ''."""
    try:
        parts = shlex.split(query)
    except ValueError:
        parts = query.split()
    terms = []
    for part in parts:
        negated = part.startswith("-")
        text = part.removeprefix("-")
        at = min(((text.find(sign), -len(sign), sign) for sign in COMPARISONS if text.find(sign) > 0), default=None)
        if at is None:
            terms.append((negated, "", ":", text.lower()))
        else:
            terms.append((negated, text[: at[0]].lower(), at[2], text[at[0] + len(at[2]) :]))
    return terms


def _known(kind: str, document: Json, key: str) -> list[Any]:
    key = ALIASES.get(key, key)
    number = conditions.custom_field_id(key) or (
        int(key.removeprefix("custom_field_")) if key.removeprefix("custom_field_").isdigit() else None
    )
    if number is not None:
        return [row["value"] for row in document.get("custom_fields", ()) if row["id"] == number]
    if key == "fieldvalue":
        return [row["value"] for row in document.get("custom_fields", ())]
    if key == "via":
        return [document.get("via", {}).get("channel")]
    values = [document.get(key), document.get("names", {}).get(key)]
    return [*values[0], values[1]] if isinstance(values[0], list) else values


ORDERS: dict[str, tuple[str, ...]] = {
    "status": ("new", "open", "pending", "hold", "solved", "closed"),
    "priority": ("low", "normal", "high", "urgent"),
}


def _compare(key: str, sign: str, found: Any, wanted: str) -> bool:
    left, right = str(found).lower(), wanted.lower()
    if sign == ":":
        return left == right or (key in ("created", "updated") and left.startswith(right))
    order = ORDERS.get(key)
    if order:
        if left not in order or right not in order:
            return False
        a: Any = order.index(left)
        b: Any = order.index(right)
    else:
        a, b = left, right
    return bool({">": a > b, "<": a < b, ">=": a >= b, "<=": a <= b}[sign])


def matches(kind: str, document: Json, terms: list[tuple[bool, str, str, str]]) -> bool:
    """Whether a document answers the query."""
    tags = [value.lower() for negated, key, _, value in terms if key in ("tags", "tag") and not negated]
    if tags and not set(tags) & set(document.get("tags", ())):
        return False
    for negated, key, sign, value in terms:
        if key in ("order_by", "sort") or (key in ("tags", "tag") and not negated):
            continue
        if key == "type":
            holds = kind == value
        elif key == "":
            texts = " ".join(str(document.get(name) or "") for name in WORDS_OF.get(kind, ())).lower()
            holds = value in texts
        elif value == "none":
            holds = all(found in (None, "", []) for found in _known(kind, document, key))
        else:
            holds = any(_compare(key, sign, found, value) for found in _known(kind, document, key))
        if holds == negated:
            return False
    return True


def run(index: Index, query: str, sort_by: str | None, descending: bool) -> list[tuple[str, Json]]:
    """The documents that answer, newest first unless said otherwise."""
    terms = parse(query)
    for _, key, _, value in terms:
        if key == "order_by":
            sort_by = value
        if key == "sort":
            descending = value == "desc"
    found = [(kind, document) for kind, document in index.documents() if matches(kind, document, terms)]
    found = [(kind, document) for kind, document in found if document.get("status") != "deleted"]
    name = ALIASES.get(sort_by or "created", sort_by or "created_at")
    found.sort(key=lambda row: (str(row[1].get(name) or ""), row[1]["id"]), reverse=descending)
    return found
