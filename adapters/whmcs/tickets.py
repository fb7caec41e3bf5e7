"""WHMCS's rows turned into Deskside's words. The same functions read `GetTicket` and the rows of `GetTickets`."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from adapters.whmcs import inventory
from adapters.whmcs.normalise import fully_decoded, to_utc
from adapters.whmcs.rows import ClientRow, ReplyRow, TicketRow
from deskside.model.ticket import Agent, Client, Reply, Status, Ticket

DESK = "whmcs"
OPENING = "0"
# Keys in Ticket.fields: the service the ticket is about by name, the same as WHMCS writes it, the status's title.
SERVICE, SERVICE_ID, STATUS = "service", "service_id", "status"

# Of five stars.
_BAD_RATING = 2
# The languages WHMCS comes with, by the names of their files.
_LANGUAGES = {
    "arabic": "ar", "azerbaijani": "az", "catalan": "ca", "chinese": "zh", "croatian": "hr", "czech": "cs",
    "danish": "da", "dutch": "nl", "english": "en", "estonian": "et", "farsi": "fa", "french": "fr", "german": "de",
    "hebrew": "he", "hungarian": "hu", "italian": "it", "macedonian": "mk", "norwegian": "no", "polish": "pl",
    "portuguese": "pt", "romanian": "ro", "russian": "ru", "spanish": "es", "swedish": "sv", "turkish": "tr",
    "ukrainian": "uk",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """What was written on a ticket in public: its text, when it was opened, the last word, our first answer.

    `rated_badly` is about the newest reply of ours that the client has rated.
    """

    text: str
    opened: datetime
    last: datetime
    last_is_ours: bool
    first_reply: datetime | None
    rated_badly: bool = False


def client_id(row: TicketRow) -> str:
    """The account's id; one made of the address for a guest, who has none."""
    if row.client is not None:
        return row.client
    return "guest-" + hashlib.sha256(_guest_address(row).encode()).hexdigest()[:16]


def read_client(
    row: TicketRow,
    account: ClientRow | None,
    since: date | None,
    monthly_spend: Decimal | None,
    field_ids: Mapping[str, str],
) -> Client:
    """The account a ticket belongs to, else the guest who wrote it. `field_ids` maps names to custom fields' ids.

    A guest's address is only ever compared with what an operator wrote down: anybody can write any sender into an
    e-mail, so it opens nothing that the operator did not open for this very address.
    """
    addresses = {row.email, row.requestor_email, account.email if account else ""}
    aliases = {address.strip().lower() for address in addresses}
    if row.client is None:
        return Client(id=client_id(row), name=row.name or _guest_address(row), aliases=frozenset(aliases - {""}))
    custom = account.custom if account else {}
    named = {name: custom.get(field_id, "") for name, field_id in field_ids.items()}
    return Client(
        id=row.client,
        name=_name(account) if account else row.owner_name or row.name,
        aliases=frozenset((aliases - {""}) | {inventory.alias(row.client)}),
        fields={name: value for name, value in named.items() if value},
        tags=frozenset({f"group_{account.group}"} if account and account.group else ()),
        since=since,
        monthly_spend=monthly_spend,
        currency=account.currency.upper() if account else "",
    )


def read_language(name: str) -> str:
    """The primary subtag of a language of WHMCS ("portuguese-br" is "pt"); empty for one it does not come with."""
    return _LANGUAGES.get(name.strip().lower().partition("-")[0], "")


def read_told(row: TicketRow, replies: Sequence[ReplyRow], zone: ZoneInfo, now: datetime) -> Told:
    """The public words of a ticket. Notes are none, and so never count as an answer."""
    ordered = sorted(replies, key=lambda reply: int(reply.id))
    opening = next((reply for reply in ordered if reply.id == OPENING), None)
    shown = row.opened or (opening.date if opening else None) or row.last_reply
    opened = to_utc(shown, zone) if shown else now
    last, last_is_ours, first_reply = opened, False, None
    for reply in ordered:
        if reply.id == OPENING or reply.date is None:
            continue
        last = max(opened, to_utc(reply.date, zone, not_before=last))
        last_is_ours = bool(reply.admin)
        if last_is_ours and first_reply is None:
            first_reply = last
    rated = [reply.rating for reply in ordered if reply.admin and reply.rating]
    rated_badly = bool(rated) and rated[-1] <= _BAD_RATING
    return Told(opening.message if opening else "", opened, last, last_is_ours, first_reply, rated_badly)


def read_replies(rows: Sequence[ReplyRow], zone: ZoneInfo) -> tuple[Reply, ...]:
    """The public words of a ticket, the first first. WHMCS does not tell which of a client's people wrote."""
    ordered = sorted(rows, key=lambda row: int(row.id))
    return tuple(
        Reply(
            author=row.admin,
            from_agent=bool(row.admin),
            text=row.message,
            at=to_utc(row.date, zone) if row.date else datetime.fromtimestamp(0, UTC),
        )
        for row in ordered
    )


def changed_at(row: TicketRow, told: Told, status: Status, zone: ZoneInfo, now: datetime) -> datetime:
    """When the ticket came into the state it is in.

    That is the last word where this explains the state. A state set by hand (closed without an answer, opened again
    after one) has no time in any answer of WHMCS: then it is now, when it was seen.
    """
    if status.waiting == told.last_is_ours:
        return now
    last = to_utc(row.last_reply, zone, not_before=told.opened) if row.last_reply else told.last
    return max(told.last, last)


def listed_at(row: TicketRow, zone: ZoneInfo) -> datetime:
    """The last change of a row of `GetTickets`, as far as such a row tells."""
    shown = [to_utc(time, zone) for time in (row.opened, row.last_reply) if time]
    return max(shown, default=datetime.fromtimestamp(0, UTC))


def read_ticket(
    row: TicketRow,
    *,
    status: Status,
    pool: str,
    client: Client,
    created_at: datetime,
    updated_at: datetime,
    text: str = "",
    service: str = "",
    language: str = "",
    agent_name: str = "",
    first_reply_at: datetime | None = None,
    rated_badly: bool = False,
) -> Ticket:
    """A ticket's row, with what stands elsewhere."""
    fields = {STATUS: row.status, SERVICE: service or row.service, SERVICE_ID: row.service}
    return Ticket(
        desk=DESK,
        id=row.id,
        subject=row.subject,
        text=text,
        status=status,
        pool=pool,
        client=client,
        created_at=created_at,
        updated_at=updated_at,
        priority=row.priority.lower() or None,
        requester_name=row.requestor_name or row.name or row.owner_name,
        fields={name: value for name, value in fields.items() if value},
        language=language,
        agent=Agent(row.flag, agent_name) if row.flag else None,
        first_reply_at=first_reply_at,
        rated_badly=rated_badly,
    )


def digest(ticket: Ticket) -> str:
    """A hash over everything of a ticket that a row of `GetTickets` shows too.

    Left out is what such a row does not have: the text, names, the client's money and years. The subject is decoded
    until nothing is left to decode, because which action encodes it how often is not documented.
    """
    facts = [
        fully_decoded(ticket.subject),
        ticket.status.value,
        ticket.fields.get(STATUS, "").casefold(),
        ticket.pool,
        ticket.client.id,
        ticket.priority,
        ticket.agent.id if ticket.agent else "",
        ticket.fields.get(SERVICE_ID, ""),
    ]
    return hashlib.sha256(json.dumps(facts, ensure_ascii=True).encode()).hexdigest()


def _name(account: ClientRow) -> str:
    return account.company or " ".join(filter(None, (account.first_name, account.last_name)))


def _guest_address(row: TicketRow) -> str:
    return (row.email or row.requestor_email or row.name).strip().lower()
