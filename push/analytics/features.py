"""What messages were like, across campaigns, and how people took them.

A single campaign on a small list proves nothing; what its text was like, kept over months, may.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from deskside.errors import Permanent
from deskside.store.push_tables import campaign, send, subscriber
from push.analytics.counts import Counts, add, heard, read, sums
from push.campaigns import drafts
from push.model import Content
from push.sending import contents

WORDS = ((3, "1-3"), (5, "4-5"), (7, "6-7"), (10, "8-10"))
MORE_WORDS = "11+"
# Pictographs, dingbats, flags, and whatever is asked to look like one.
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\ufe0f]")


@dataclass(frozen=True, slots=True)
class Feature:
    """One property of messages, and what became of those with each of its values."""

    name: str
    values: Sequence[tuple[str, Counts]]


def of_content(content: Content, kind: str) -> Mapping[str, str]:
    """The features of a text: `words` of its title, `emoji`, `question`, `image`, and `source`: what it is for."""
    title, body = _plain(content.title), _plain(content.body)
    return {
        "words": words(title),
        "emoji": _said(_EMOJI.search(title + body) is not None),
        "question": _said("?" in title),
        "image": _said(bool(content.image)),
        "source": kind,
    }


def words(title: str) -> str:
    """How many words a title has, as one of a few classes."""
    number = len(title.split())
    return next((name for most, name in WORDS if number <= most), MORE_WORDS)


def by_feature(connection: sa.Connection, since: datetime, until: datetime, fallback: str) -> Sequence[Feature]:
    """What became of the campaigns' messages that were accepted in this time; `fallback` is the portal's language.

    Each person's message is taken in the language they have now.
    """
    told = heard(sa.and_(send.c.sent_at >= since, send.c.sent_at < until, send.c.campaign.is_not(None)))
    groups = (told.c.campaign, told.c.variant, subscriber.c.language)
    rows = connection.execute(
        sa.select(*groups, *sums(told))
        .select_from(told.join(subscriber, subscriber.c.id == told.c.subscriber))
        .group_by(*groups)
    ).all()
    made = connection.execute(sa.select(campaign).where(campaign.c.id.in_({row.campaign for row in rows})))
    known = {row.id: drafts.read(row) for row in made}
    found: dict[str, dict[str, list[Counts]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        draft = known[row.campaign]
        content = draft.variants[row.variant].content(row.language or fallback)
        for name, value in of_content(content, draft.kind.value).items():
            found[name][value].append(read(row))
    return [
        Feature(name, [(value, add(found[name][value])) for value in sorted(found[name], key=_order)])
        for name in ("words", "emoji", "question", "image", "source")
        if name in found
    ]


def _order(value: str) -> tuple[int, str]:
    known = [name for _, name in WORDS] + [MORE_WORDS]
    return (known.index(value) if value in known else 0, value)


def _plain(template: str) -> str:
    try:
        return contents.render(template, {})
    except Permanent:
        return template


def _said(holds: bool) -> str:
    return "yes" if holds else "no"
