"""A poll as a campaign: everybody's own link, and the first two options as buttons where there are any."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from deskside.errors import Permanent
from deskside.store.database import Row
from deskside.store.push_tables import campaign, subscriber
from push.launching import Launch, Wish
from push.links import Links
from push.model import Button, Content, Kind, Variant
from push.polls import polls
from push.polls.polls import in_language
from push.polls.votes import BUTTONS
from push.wording import cut, literal, say

_LONGEST_BUTTON = 18


def launch(
    connection: sa.Connection, poll_id: int, by: str, run: Launch, links: Links, now: datetime, topic: str | None = None
) -> int:
    """Ask everybody (of a topic): make the campaign, and give its id. Raises `Permanent` for a poll that is closed."""
    row = polls.get(connection, poll_id)
    if row is None or not polls.is_open(row, now):
        raise Permanent("this poll is not open")
    contents = {
        language: _content(row, language, links.poll_page(row.token), lambda _option: links.poll_page(row.token))
        for language in row.question
    }
    wish = Wish(row.name, Kind.POLL, Variant("A", contents), f"poll:{row.id}", by, topic)
    return run(connection, wish, now)


def variants(connection: sa.Connection, sends: Sequence[Row], links: Links, now: datetime) -> Mapping[int, Variant]:
    """The message of each of these sends of poll campaigns, by the send's id; none where the poll is closed."""
    by_campaign: dict[int, list[Row]] = defaultdict(list)
    for row in sends:
        by_campaign[row.campaign].append(row)
    made = connection.execute(
        sa.select(campaign.c.id, campaign.c.made_from).where(campaign.c.id.in_(list(by_campaign)))
    ).all()
    people = {row.subscriber for row in sends}
    languages = {
        row.id: row.language
        for row in connection.execute(
            sa.select(subscriber.c.id, subscriber.c.language).where(subscriber.c.id.in_(people))
        )
    }
    result: dict[int, Variant] = {}
    for campaign_id, made_from in made:
        purpose, _, number = made_from.partition(":")
        asked = polls.get(connection, int(number)) if purpose == "poll" and number.isdecimal() else None
        if asked is None or not polls.is_open(asked, now):
            continue
        for row in by_campaign[campaign_id]:
            language = languages.get(row.subscriber, "")
            result[row.id] = Variant(
                "A", {language or next(iter(asked.question)): _personal(asked, row, language, links)}
            )
    return result


def _personal(asked: Row, row: Row, language: str, links: Links) -> Content:
    own = row.subscriber
    return _content(
        asked,
        language,
        links.poll(asked.token, asked.id, own),
        lambda option: links.poll(asked.token, asked.id, own, option),
    )


def _content(asked: Row, language: str, page: str, of_option: Callable[[int], str]) -> Content:
    buttons = tuple(
        Button(cut(in_language(option["titles"], language), _LONGEST_BUTTON), of_option(place))
        for place, option in enumerate(asked.options[:BUTTONS])
    )
    return Content(
        title=literal(in_language(asked.question, language)), body=say(language, "vote"), url=page, buttons=buttons
    )
