"""From a draft to a campaign: by a person, or by the rule that nobody objected in time."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from deskside.errors import Permanent
from deskside.store.database import Row
from deskside.store.push_tables import digest
from push.digests import candidates, drafts, statistics
from push.digests.score import Score
from push.digests.selection import Scored, judge
from push.digests.settings import DigestSettings
from push.launching import Launch, Wish
from push.links import Links
from push.model import Content, Kind, Variant
from push.wording import LANGUAGES, cut, literal, say

RULE = "rule"
_LONGEST_TITLE, _LONGEST_BODY = 80, 110


def due_by_rule(connection: sa.Connection, settings: DigestSettings, now: datetime) -> Row | None:
    """The draft that has waited long enough for somebody to object; None where drafts are sent by people."""
    if settings.by_rule_minutes is None:
        return None
    draft = drafts.open_draft(connection)
    ripe = draft is not None and now - draft.made_at >= timedelta(minutes=settings.by_rule_minutes)
    return draft if ripe else None


def launch(
    connection: sa.Connection,
    digest_id: int,
    by: str,
    settings: DigestSettings,
    run: Launch,
    links: Links,
    now: datetime,
    *,
    unreadable: Collection[int] = (),
) -> int:
    """Send a draft: make its campaign, and give that one's id.

    Items that were vetoed since, or are `unreadable` for strangers now, fall out of it. A person may send whatever is
    left, the rule only what is still enough; otherwise the digest is skipped. Raises `Permanent` saying why not, and
    then nothing is sent.
    """
    row = connection.execute(digest.select().where(digest.c.id == digest_id).with_for_update()).one_or_none()
    if row is None or row.state != drafts.DRAFT:
        raise Permanent("this digest is no draft any more")
    for candidate_id in unreadable:
        candidates.set_public(connection, candidate_id, False)
    left = _usable(connection, row)
    verdict = judge([one for one, _ in left], statistics.past_leads(connection), settings)
    if not left or (by == RULE and not verdict.enough):
        raise Permanent(f"too little is left of this digest: {verdict.reason}")
    connection.execute(digest.update().where(digest.c.id == row.id).values(items=[item for _, item in left]))
    wish = Wish(
        name=cut(left[0][0].item.title, 120),
        kind=Kind.DIGEST,
        variant=_preview(row, [one for one, _ in left], links),
        made_from=f"digest:{row.id}",
        by=by,
    )
    campaign_id = run(connection, wish, now)
    drafts.schedule(connection, row.id, campaign_id)
    return campaign_id


def _usable(connection: sa.Connection, row: Row) -> list[tuple[Scored, dict[str, Any]]]:
    found = candidates.by_id(connection, [item["candidate"] for item in row.items])
    return [
        (Scored(found[item["candidate"]], Score(item["score"], item["parts"])), item)
        for item in row.items
        if (one := found.get(item["candidate"])) is not None and one.public and not one.vetoed
    ]


def _preview(row: Row, chosen: list[Scored], links: Links) -> Variant:
    lead, *rest = (one.item for one in chosen)
    titles = " · ".join(item.title for item in rest[:2])
    contents = {
        language: Content(
            title=literal(cut(lead.title, _LONGEST_TITLE)),
            body=literal(
                cut(say(language, "more", count=len(rest), titles=titles) if rest else lead.summary, _LONGEST_BODY)
            ),
            url=links.issue(row.token),
        )
        for language in LANGUAGES
    }
    return Variant("A", contents)
