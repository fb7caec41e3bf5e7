"""People who sign in, and programs that carry a token. Only hashes are stored."""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from functools import cache

import sqlalchemy as sa
from werkzeug.security import check_password_hash, generate_password_hash

from deskside.store.database import Row, utc_now
from deskside.store.tables import api_token, person

ROLES = ("agent", "ops", "admin")
SCOPES = ("queue:read", "queue:write", "tickets:read", "events:read", "events:write", "kb:read")


def add_person(connection: sa.Connection, name: str, password: str, role: str, language: str = "en") -> None:
    """Add a person who can sign in. `role` is one of `ROLES`."""
    if role not in ROLES:
        raise ValueError(f"role must be one of {', '.join(ROLES)}")
    connection.execute(
        sa.insert(person).values(
            name=name, password_hash=generate_password_hash(password), role=role, language=language
        )
    )


def set_password(connection: sa.Connection, name: str, password: str) -> bool:
    """Change a password and end every session of that person; false when there is no such person."""
    changed = connection.execute(
        sa.update(person)
        .where(person.c.name == name)
        .values(password_hash=generate_password_hash(password), session_version=person.c.session_version + 1)
        .returning(person.c.id)
    )
    return changed.first() is not None


@cache
def _nobody() -> str:
    return generate_password_hash(secrets.token_hex(16))


def sign_in(connection: sa.Connection, name: str, password: str) -> Row | None:
    """The person, if the password is right. An unknown name takes as long as a wrong password."""
    row = connection.execute(sa.select(person).where(person.c.name == name)).first()
    right = check_password_hash(row.password_hash if row else _nobody(), password)
    return row if row and right else None


def get_person(connection: sa.Connection, person_id: int) -> Row | None:
    """The person with this id."""
    return connection.execute(sa.select(person).where(person.c.id == person_id)).first()


def set_language(connection: sa.Connection, person_id: int, language: str) -> None:
    """Remember the language a person reads the screens in."""
    connection.execute(sa.update(person).where(person.c.id == person_id).values(language=language))


def pools_of(connection: sa.Connection, name: str) -> tuple[str, ...]:
    """The pools this person takes tickets from; none is all, as it is for somebody who does not sign in here."""
    return tuple(connection.scalar(sa.select(person.c.pools).where(person.c.name == name)) or ())


def set_pools(connection: sa.Connection, name: str, pools: Collection[str]) -> bool:
    """Let a person take tickets from these pools only, from all if none is named; false if there is no such person."""
    chosen = list(dict.fromkeys(pools))
    changed = sa.update(person).where(person.c.name == name).values(pools=chosen).returning(person.c.id)
    return connection.execute(changed).first() is not None


def people(connection: sa.Connection) -> Sequence[Row]:
    """Everybody who can sign in, without the hashes."""
    return connection.execute(
        sa.select(person.c.id, person.c.name, person.c.role, person.c.language, person.c.pools).order_by(person.c.name)
    ).all()


def _token_hash(token: str) -> str:
    # A token has 256 bits of its own: a plain hash cannot be guessed, and can be looked up.
    return hashlib.sha256(token.encode()).hexdigest()


def add_token(connection: sa.Connection, name: str, scopes: Collection[str]) -> str:
    """Make an API token with these scopes; the text is returned once and not stored."""
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown:
        raise ValueError(f"unknown scope {', '.join(unknown)}; there are {', '.join(SCOPES)}")
    token = "dsk_" + secrets.token_urlsafe(32)
    connection.execute(
        sa.insert(api_token).values(
            name=name, token_hash=_token_hash(token), scopes=sorted(scopes), created_at=utc_now()
        )
    )
    return token


def token_scopes(connection: sa.Connection, token: str) -> frozenset[str] | None:
    """The scopes of a token, or None when there is no such token."""
    row = connection.execute(sa.select(api_token.c.scopes).where(api_token.c.token_hash == _token_hash(token))).first()
    return frozenset(row.scopes) if row else None
