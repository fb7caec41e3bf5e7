"""Zendesk's rows turned into Deskside's words. The same functions read `GET /tickets/{id}` and the export."""

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from deskside.model.ticket import Agent, Client, ServiceLevel, Status, Ticket
from deskside.text import clean, identifier

OWN_PREFIX = "deskside_"
UNASSIGNED = "unassigned"

# Metrics that promise the requester a word from us; a resolution target says nothing about whose turn it is.
REPLY_METRICS = ("first_reply_time", "next_reply_time", "periodic_update_time", "pausable_update_time")

_STATUS = {status.value: status for status in Status} | {"archived": Status.CLOSED, "scrubbed": Status.DELETED}


def read_status(value: object) -> Status:
    """The status in either spelling; one nobody knows counts as open, so that its ticket is not lost."""
    return _STATUS.get(clean(value).lower(), Status.OPEN)


def read_instant(value: object) -> datetime:
    """A time of Zendesk as aware UTC; what cannot be read is the beginning of 1970."""
    try:
        instant = datetime.fromisoformat(str(value))
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)


def read_fields(rows: object) -> dict[str, str]:
    """Custom fields (`[{id, value}]`) by id, as text; a field without a value is left out."""
    found = {}
    for row in rows if isinstance(rows, list) else ():
        name = identifier(row.get("id")) if isinstance(row, dict) else None
        value = _as_text(row["value"]) if name and "value" in row else ""
        if name and value:
            found[name] = value
    return found


def read_tags(rows: object) -> frozenset[str]:
    """Tags as a set."""
    return frozenset(filter(None, map(clean, rows))) if isinstance(rows, list) else frozenset()


def read_client(requester_id: str | None, requester: Mapping[str, Any], organization: Mapping[str, Any]) -> Client:
    """The organization the ticket belongs to, else the requester.

    The requester's address is only ever compared with what an operator wrote down: anybody can write any sender into
    an e-mail, so it opens nothing that the operator did not open for this very address.
    """
    owner = organization or requester
    own_id = identifier(organization.get("id")) or requester_id or ""
    own_fields = owner.get("organization_fields") or owner.get("user_fields") or {}
    aliases = (own_id, organization.get("external_id"), requester.get("email"), requester.get("external_id"))
    values = {clean(key): _as_text(value) for key, value in own_fields.items()} if isinstance(own_fields, dict) else {}
    return Client(
        id=own_id,
        name=clean(owner.get("name")),
        aliases=frozenset(filter(None, (clean(alias).strip().lower() for alias in aliases))),
        fields={key: value for key, value in values.items() if value},
        tags=read_tags(organization.get("tags")) | read_tags(requester.get("tags")),
    )


def read_service_level(rows: Iterable[Mapping[str, Any]]) -> ServiceLevel | None:
    """The earliest reply target that runs now.

    Only stage `active` counts: the breach time of an achieved or paused metric stays in the past for months.
    """
    running = [
        ServiceLevel(clean(row.get("metric")), read_instant(row.get("breach_at")))
        for row in rows
        if row.get("stage") == "active" and row.get("metric") in REPLY_METRICS and row.get("breach_at")
    ]
    return min(running, key=lambda level: (level.breach_at, level.metric), default=None)


def read_language(locale: object) -> str:
    """The primary subtag of a locale such as "en-US"; empty for what is none."""
    subtag = clean(locale).strip().partition("-")[0].lower()
    return subtag if re.fullmatch("[a-z]{2,3}", subtag) else ""


def read_agent(agent_id: str | None, agent: Mapping[str, Any]) -> Agent | None:
    """Who is assigned, or None when nobody is."""
    if agent_id is None:
        return None
    return Agent(agent_id, clean(agent.get("name")), read_language(agent.get("locale")))


def read_first_reply(created_at: datetime, metrics: Mapping[str, Any]) -> datetime | None:
    """When an agent first answered in public, by the ticket's metric set; None before that, or without the set.

    Private notes and triggers' mails are no replies to Zendesk either, so ours cannot be mistaken for one.
    """
    times = metrics.get("reply_time_in_minutes")
    minutes = times.get("calendar") if isinstance(times, Mapping) else None
    if not metrics.get("replies") or isinstance(minutes, bool) or not isinstance(minutes, int | float) or minutes < 0:
        return None
    return created_at + timedelta(minutes=minutes)


def read_rated_badly(rating: object) -> bool:
    """Whether the requester rated the ticket badly: its score is "bad", with or without a comment."""
    return isinstance(rating, Mapping) and clean(rating.get("score")).lower().startswith("bad")


def read_ticket(
    row: Mapping[str, Any],
    pool: str,
    client: Client,
    requester: Mapping[str, Any],
    level: ServiceLevel | None,
    agent: Agent | None = None,
    metrics: Mapping[str, Any] = MappingProxyType({}),
) -> Ticket:
    """A ticket's row, with what stands in other rows."""
    created_at = read_instant(row.get("created_at"))
    return Ticket(
        desk="zendesk",
        id=identifier(row.get("id")) or "",
        subject=clean(row.get("subject")),
        text=clean(row.get("description")),
        status=read_status(row.get("status")),
        pool=pool,
        client=client,
        created_at=created_at,
        updated_at=read_instant(row.get("updated_at")),
        priority=clean(row.get("priority")).lower() or None,
        requester_name=clean(requester.get("name")),
        tags=read_tags(row.get("tags")),
        fields=read_fields(row.get("custom_fields")),
        service_level=level,
        language=read_language(requester.get("locale")),
        agent=agent,
        first_reply_at=read_first_reply(created_at, metrics),
        rated_badly=read_rated_badly(row.get("satisfaction_rating")),
    )


def digest(ticket: Ticket, own_fields: Collection[str]) -> str:
    """A hash over everything of a ticket that the export shows too and that is not our own writing.

    Left out: our own fields, every tag that starts with `deskside_` (the drop-down's own among them), `updated_at`
    (our notes move it), and what an export row does not have (names, the client's fields, the service level).
    """
    facts = [
        ticket.subject,
        ticket.text,
        ticket.status.value,
        ticket.pool,
        ticket.client.id,
        ticket.priority,
        sorted(tag for tag in ticket.tags if not tag.startswith(OWN_PREFIX)),
        sorted([name, value] for name, value in ticket.fields.items() if name not in own_fields),
    ]
    return hashlib.sha256(json.dumps(facts, ensure_ascii=True).encode()).hexdigest()


def client_id(row: Mapping[str, Any]) -> str:
    """The id that `read_client` gives the client of a ticket's row."""
    return identifier(row.get("organization_id")) or identifier(row.get("requester_id")) or ""


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(sorted(map(_as_text, value)))
    return clean(value)
