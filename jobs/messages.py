"""The messages of all that makes sends (campaigns, digests, polls, chains), and what follows when one has ended."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import sqlalchemy as sa

from deskside.errors import Permanent
from deskside.store.database import Row, utc_now
from jobs.parts import Digesting
from push.campaigns import messages as campaigns
from push.chains import flow
from push.digests import personal
from push.fallback import Letter, Letters
from push.model import Kind, Variant
from push.polls import launch as polls
from push.sending import contents
from push.sending.gates import manners
from push.sending.messages import After, Message, MessagesOf, Settled
from push.settings import PushSettings
from push.subscribers import registry

_NOTHING_NEW = "there is nothing new in it for this person"
_CLOSED = "the poll is closed"


def messages_of(digesting: Digesting | None) -> MessagesOf:
    """The messages of any sends; those of a digest or a poll in each person's own words."""
    return partial(_messages, digesting)


def after(settings: PushSettings, digesting: Digesting | None) -> After:
    """What follows from sends that have come to their end: in a chain the next step, of a digest what was shown."""

    def ended(connection: sa.Connection, settled: Sequence[Settled]) -> None:
        flow.after(connection, settled, manners(settings))
        if digesting is not None:
            shown = [one for one in settled if one.kind is Kind.DIGEST]
            personal.keep_shown(connection, shown, digesting.settings, utc_now())

    return ended


def letters(settings: PushSettings, digesting: Digesting | None) -> Letters:
    """The same messages as another channel carries them; none of what can be shown no more."""

    def written(connection: sa.Connection, sends: Sequence[Row]) -> Mapping[int, Letter]:
        found = _messages(digesting, connection, sends)
        people = registry.people(connection, {row.subscriber for row in sends})
        made = {}
        for row in sends:
            message, person = found.get(row.id), people.get(row.subscriber)
            if message is None or message.ended or person is None:
                continue
            try:
                words = contents.words(message.variant, person, settings.language).content
            except Permanent:
                continue
            paragraphs = [words.body, words.url]
            if digesting is not None:
                # Who gets it another way can refuse it as easily.
                paragraphs.append(digesting.links.preferences(row.subscriber))
            made[row.id] = Letter(words.title, "\n\n".join(text for text in paragraphs if text) + "\n")
        return made

    return written


def _messages(digesting: Digesting | None, connection: sa.Connection, sends: Sequence[Row]) -> dict[int, Message]:
    found = {**campaigns.messages_of(connection, sends), **flow.messages(connection, sends)}
    if digesting is None:
        return found
    now = utc_now()
    own: tuple[tuple[Kind, str, Callable[[list[Row]], Mapping[int, Variant]]], ...] = (
        (
            Kind.DIGEST,
            _NOTHING_NEW,
            lambda rows: personal.variants(connection, rows, digesting.settings, digesting.links, now),
        ),
        (Kind.POLL, _CLOSED, lambda rows: polls.variants(connection, rows, digesting.links, now)),
    )
    for kind, otherwise, variants in own:
        rows = [row for row in sends if row.kind == kind and row.id in found]
        if not rows:
            continue
        theirs = variants(rows)
        for row in rows:
            message = found[row.id]
            if row.id in theirs:
                found[row.id] = replace(message, variant=theirs[row.id])
            else:
                found[row.id] = replace(message, ended=message.ended or otherwise)
    return found
