"""Why messages were not sent, or not yet: the reasons of the ledger, gathered under a word."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from deskside.store.push_tables import send
from push.model import Kind

OTHER = "other"
# How the reasons of `push.sending` begin; what follows names a person's own time or ticket.
BEGINNINGS = (
    ("stopped", "all sending was stopped"),
    ("no browser", "no browser of theirs"),
    ("left", "unsubscribed on"),
    ("topic", "has not chosen the topic"),
    ("cancelled", "the campaign was cancelled"),
    ("pause of theirs", "asked for a pause"),
    ("pause of ours", "the campaign "),
    ("too late", "too late"),
    ("window", "outside the window"),
    ("window", "its window never opens"),
    ("quiet hours", "quiet hours"),
    ("urgent ticket", "has an urgent ticket"),
    ("unhappy", "is unhappy with us"),
    ("incident", "something of theirs is in an open incident"),
    ("too soon", "got another message"),
    ("week full", "has had "),
    ("trying again", "tried again"),
    ("no answer", "not known whether it arrived"),
    ("no answer", "the worker died"),
    ("refused", "the push service refuses it"),
    ("browser gone", "the push service does not know this browser"),
    ("too large", "too large"),
    ("given up", "given up after"),
    ("given up", "no time is left to try again"),
)


@dataclass(frozen=True, slots=True)
class Reason:
    """So many messages are in this state for this reason; `example` is one of them as the ledger has it."""

    state: str
    word: str
    number: int
    example: str


def word_of(reason: str) -> str:
    """The word a reason belongs under."""
    return next((word for word, beginning in BEGINNINGS if reason.startswith(beginning)), OTHER)


def of_campaign(connection: sa.Connection, number: int) -> Sequence[Reason]:
    """Why people did not get a campaign, or not yet; the most frequent first."""
    return _counted(connection, send.c.campaign == number)


def lately(connection: sa.Connection, since: datetime) -> Sequence[Reason]:
    """The same of every message that came due since then."""
    return _counted(connection, send.c.due_at >= since)


def _counted(connection: sa.Connection, which: sa.ColumnElement[bool]) -> Sequence[Reason]:
    word = sa.case(
        *((send.c.reason.startswith(beginning, autoescape=True), name) for name, beginning in BEGINNINGS), else_=OTHER
    ).label("word")
    kept = (
        sa.select(send.c.state, word, send.c.reason)
        .where(
            which,
            send.c.kind != Kind.TEST.value,
            send.c.reason != "",
            send.c.state.in_(["due", "held", "skipped", "failed", "unknown"]),
        )
        .subquery("kept")
    )
    number = sa.func.count().label("number")
    query = (
        sa.select(kept.c.state, kept.c.word, number, sa.func.min(kept.c.reason).label("example"))
        .group_by(kept.c.state, kept.c.word)
        .order_by(number.desc(), kept.c.state, kept.c.word)
    )
    return [Reason(row.state, row.word, row.number, row.example) for row in connection.execute(query)]
