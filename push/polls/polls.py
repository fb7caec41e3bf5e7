"""A poll from its making to its close."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from deskside.errors import Malformed
from deskside.store.database import Row
from deskside.store.push_tables import poll
from deskside.text import clean

OPEN, CLOSED = "open", "closed"
MOST_OPTIONS = 10
LONGEST_QUESTION, LONGEST_OPTION = 200, 80


@dataclass(frozen=True, slots=True)
class Option:
    """One answer, by language; the first language is the fallback."""

    titles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, by language, and the answers there are; `remarks` gives room for words besides."""

    question: Mapping[str, str]
    options: Sequence[Option]
    remarks: bool = False


def create(
    connection: sa.Connection, name: str, asked: Question, by: str, now: datetime, closes_at: datetime | None = None
) -> int:
    """An open poll; its id. Raises `Malformed` naming what is wrong, and then nothing is stored."""
    check(asked)
    if closes_at is not None and closes_at <= now:
        raise Malformed("closes_at is in the past")
    row = poll.insert().values(
        name=clean(name)[:120],
        token=secrets.token_urlsafe(12),
        question=dict(asked.question),
        options=[{"key": f"o{place}", "titles": dict(one.titles)} for place, one in enumerate(asked.options)],
        remarks=asked.remarks,
        state=OPEN,
        closes_at=closes_at,
        created_by=by,
        created_at=now,
    )
    return int(connection.execute(row.returning(poll.c.id)).scalar_one())


def check(asked: Question) -> None:
    """Raise `Malformed` unless this can be asked: a text in each language for the question and every option."""
    languages = set(asked.question)
    if not languages or not all(0 < len(text.strip()) <= LONGEST_QUESTION for text in asked.question.values()):
        raise Malformed(f"the question needs a text of at most {LONGEST_QUESTION} characters in each language")
    if not 2 <= len(asked.options) <= MOST_OPTIONS:
        raise Malformed(f"there must be 2 to {MOST_OPTIONS} options, not {len(asked.options)}")
    for place, one in enumerate(asked.options, start=1):
        if set(one.titles) != languages:
            raise Malformed(f"option {place} must have the languages of the question: {', '.join(sorted(languages))}")
        if not all(0 < len(text.strip()) <= LONGEST_OPTION for text in one.titles.values()):
            raise Malformed(f"option {place} needs a text of at most {LONGEST_OPTION} characters in each language")
    for language in languages:
        texts = [one.titles[language].strip().casefold() for one in asked.options]
        if len(set(texts)) < len(texts):
            raise Malformed(f"two options read the same in {language}")


def get(connection: sa.Connection, poll_id: int) -> Row | None:
    """One poll."""
    return connection.execute(poll.select().where(poll.c.id == poll_id)).one_or_none()


def by_token(connection: sa.Connection, token: str) -> Row | None:
    """The poll whose page has this address."""
    return connection.execute(poll.select().where(poll.c.token == token)).one_or_none()


def every(connection: sa.Connection, limit: int = 50) -> Sequence[Row]:
    """The last polls, the newest first."""
    return connection.execute(poll.select().order_by(poll.c.id.desc()).limit(limit)).all()


def close(connection: sa.Connection, poll_id: int) -> bool:
    """End it: the result stands and may be seen by everybody. False when it was closed already."""
    statement = poll.update().where(poll.c.id == poll_id, poll.c.state == OPEN)
    return connection.execute(statement.values(state=CLOSED)).rowcount == 1


def is_open(row: Row, now: datetime) -> bool:
    """Whether a vote counts at `now`."""
    return row.state == OPEN and (row.closes_at is None or now < row.closes_at)


def in_language(texts: Mapping[str, str], language: str) -> str:
    """The text in this language, else its main language, else the first there is."""
    for wanted in (language, language.replace("_", "-").partition("-")[0]):
        if wanted in texts:
            return texts[wanted]
    return next(iter(texts.values()))
