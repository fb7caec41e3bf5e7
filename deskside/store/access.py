"""Clients' access to their servers: sealed, for one ticket and one service, and gone with the ticket.

Also what looks with such an access learned of a server: its host keys, and the first values of its damage counters.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta

import sqlalchemy as sa

from deskside.model.access import Access
from deskside.store.database import Row, insert_new, utc_now
from deskside.store.tables import counter, credential, credential_link, host_key, ticket
from deskside.store.tickets import ENDED
from deskside.vault import CannotOpen, Vault

KEPT = timedelta(days=7)
LINK_GOOD_FOR = timedelta(hours=48)
_SECRETS = ("user", "password", "private_key", "passphrase", "port")


def make_link(connection: sa.Connection, desk: str, ticket_id: str, service_id: int) -> str:
    """A token by which an access can be entered, once; an older one for the same stops working. Only its hash stays."""
    token = secrets.token_urlsafe(32)
    _end_links(connection, desk, ticket_id, service_id)
    connection.execute(
        sa.insert(credential_link).values(
            token_hash=_hash(token),
            desk=desk,
            ticket_id=ticket_id,
            service_id=service_id,
            expires_at=utc_now() + LINK_GOOD_FOR,
        )
    )
    return token


def find_link(connection: sa.Connection, token: str) -> Row | None:
    """The link of this token, used or not, or None."""
    return connection.execute(sa.select(credential_link).where(credential_link.c.token_hash == _hash(token))).first()


def link_works(row: Row) -> bool:
    """Whether something can be entered by it still."""
    return row.used_at is None and row.expires_at > utc_now()


def enter(connection: sa.Connection, vault: Vault, token: str, given: Access) -> Row | None:
    """Use the link up and keep what was given, sealed; the link's row, or None when it does not work any more."""
    now = utc_now()
    link = connection.execute(
        sa.update(credential_link)
        .where(
            credential_link.c.token_hash == _hash(token),
            credential_link.c.used_at.is_(None),
            credential_link.c.expires_at > now,
        )
        .values(used_at=now)
        .returning(credential_link)
    ).first()
    if link is None:
        return None
    forget(connection, link.desk, link.ticket_id, link.service_id)
    said = {name: getattr(given, name) for name in _SECRETS} | {"for": _whose(link)}
    connection.execute(
        sa.insert(credential).values(
            desk=link.desk,
            ticket_id=link.ticket_id,
            service_id=link.service_id,
            sealed=vault.seal(json.dumps(said).encode()),
            created_at=now,
            expires_at=now + KEPT,
        )
    )
    return link


def of_service(connection: sa.Connection, vault: Vault, service_id: int) -> Access | None:
    """The newest access to a service, opened, with what is known of the server; None when there is none.

    For workers only. Raises `CannotOpen` when it was sealed with a key that is gone, or tampered with.
    """
    row = connection.execute(
        sa.select(credential)
        .where(credential.c.service_id == service_id, credential.c.expires_at > utc_now())
        .order_by(credential.c.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    said = json.loads(vault.unseal(row.sealed, int(KEPT.total_seconds())))
    if said.pop("for") != _whose(row):
        raise CannotOpen("it was sealed for another ticket or service")
    return Access(**said, host_keys=host_keys(connection, service_id), counters=counters(connection, service_id))


def cannot_open(connection: sa.Connection, vault: Vault) -> int:
    """How many of those kept cannot be opened with the vault's keys."""
    failed = 0
    for row in connection.execute(sa.select(credential.c.sealed)):
        try:
            vault.unseal(row.sealed, int(KEPT.total_seconds()))
        except CannotOpen:
            failed += 1
    return failed


def of_ticket(connection: sa.Connection, desk: str, ticket_id: str) -> Sequence[Row]:
    """What is kept for a ticket: `service_id`, `created_at`, `expires_at`. Nothing secret."""
    return connection.execute(
        sa.select(credential.c.service_id, credential.c.created_at, credential.c.expires_at).where(
            credential.c.desk == desk, credential.c.ticket_id == ticket_id, credential.c.expires_at > utc_now()
        )
    ).all()


def open_links(connection: sa.Connection, desk: str, ticket_id: str) -> Sequence[Row]:
    """The ticket's links that still work: `service_id`, `expires_at`."""
    return connection.execute(
        sa.select(credential_link.c.service_id, credential_link.c.expires_at).where(
            credential_link.c.desk == desk,
            credential_link.c.ticket_id == ticket_id,
            credential_link.c.used_at.is_(None),
            credential_link.c.expires_at > utc_now(),
        )
    ).all()


def forget(connection: sa.Connection, desk: str, ticket_id: str, service_id: int | None = None) -> None:
    """Delete what is kept for a ticket, or for one of its services, and end its links."""
    mine = [credential.c.desk == desk, credential.c.ticket_id == ticket_id]
    if service_id is not None:
        mine.append(credential.c.service_id == service_id)
    connection.execute(sa.delete(credential).where(*mine))
    _end_links(connection, desk, ticket_id, service_id)


def purge(connection: sa.Connection) -> None:
    """Delete what is over its time, and what belongs to a ticket that ended or was never seen."""
    now = utc_now()
    open_ticket = (
        sa.exists()
        .where(ticket.c.desk == credential.c.desk, ticket.c.ticket_id == credential.c.ticket_id)
        .where(ticket.c.status.not_in(ENDED))
    )
    connection.execute(sa.delete(credential).where(sa.or_(credential.c.expires_at <= now, ~open_ticket)))
    # Long enough for a used link to say that it was used, not that there is none.
    connection.execute(sa.delete(credential_link).where(credential_link.c.expires_at <= now - KEPT))


def host_keys(connection: sa.Connection, service_id: int) -> Mapping[str, str]:
    """The host keys of a service by "[address]:port"."""
    text = connection.scalar(sa.select(host_key.c.key).where(host_key.c.service_id == service_id)) or ""
    return {where: key for where, _, key in (line.partition(" ") for line in text.splitlines()) if key}


def learn_host_key(connection: sa.Connection, service_id: int, endpoint: str, key: str) -> None:
    """Keep the key a server had at the first contact; a later one changes nothing."""
    insert_new(connection, host_key, service_id=service_id, key="", first_seen_at=utc_now())
    mine = host_key.c.service_id == service_id
    text: str = connection.scalar(sa.select(host_key.c.key).where(mine).with_for_update()) or ""
    if endpoint not in {line.partition(" ")[0] for line in text.splitlines()}:
        connection.execute(sa.update(host_key).where(mine).values(key=f"{text}{endpoint} {key}\n"))


def forget_host_keys(connection: sa.Connection, service_id: int) -> bool:
    """Take the next contact with this service's servers for the first; false when none was known."""
    deleted = sa.delete(host_key).where(host_key.c.service_id == service_id).returning(host_key.c.service_id)
    return connection.execute(deleted).first() is not None


def counters(connection: sa.Connection, service_id: int) -> Mapping[str, int]:
    """The value each counter of a service had when it was first seen."""
    rows = connection.execute(
        sa.select(counter.c.name, counter.c.first_value).where(counter.c.service_id == service_id)
    )
    return {row.name: row.first_value for row in rows}


def learn_counters(connection: sa.Connection, service_id: int, values: Mapping[str, int]) -> None:
    """Keep the values of counters: the first for ever, the last until the next look."""
    for name, value in values.items():
        new = {"first_value": value, "last_value": value, "first_seen_at": utc_now()}
        if not insert_new(connection, counter, service_id=service_id, name=name, **new):
            connection.execute(
                sa.update(counter)
                .where(counter.c.service_id == service_id, counter.c.name == name)
                .values(last_value=value)
            )


def _end_links(connection: sa.Connection, desk: str, ticket_id: str, service_id: int | None) -> None:
    now = utc_now()
    links = [
        credential_link.c.desk == desk,
        credential_link.c.ticket_id == ticket_id,
        credential_link.c.used_at.is_(None),
        credential_link.c.expires_at > now,
    ]
    if service_id is not None:
        links.append(credential_link.c.service_id == service_id)
    connection.execute(sa.update(credential_link).where(*links).values(expires_at=now))


def _whose(row: Row) -> list[str | int]:
    """Sealed with the secret, so that a row moved to another ticket or service opens for nobody."""
    return [row.desk, row.ticket_id, row.service_id]


def _hash(token: str) -> str:
    # A token has 256 bits of its own: a plain hash cannot be guessed, and can be looked up.
    return hashlib.sha256(token.encode()).hexdigest()
