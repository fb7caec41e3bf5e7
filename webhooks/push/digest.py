"""`/push/digest/<token>`: an issue as its reader gets it, and the links in it, which are counted."""

from collections.abc import Sequence

import sqlalchemy as sa
from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_limiter.util import get_remote_address

from deskside.store.database import Row, reading, utc_now
from push.digests import drafts, pages
from push.digests.candidates import Candidate
from push.digests.personal import link_target, opened
from push.digests.settings import DigestSchema, DigestSettings
from webhooks.context import current
from webhooks.limits import limiter
from webhooks.push.reading import language, page, person

digests = Blueprint("push_digest", __name__, url_prefix="/push/digest", template_folder="templates")
_AGAIN = limiter.shared_limit("120 per minute", scope="push digest", key_func=get_remote_address)


@digests.get("/<token>")
@_AGAIN
def show(token: str) -> ResponseReturnValue:
    """The items of whoever opens it first, then the rest of the issue; a stranger sees all of it."""
    with reading(current().database) as connection, force_locale(language()):
        issue = _issue(connection, token)
        if issue is None:
            return page("push_nowhere.html", 404)
        settings: DigestSettings = current().settings.section("digest", DigestSchema)
        own, others = pages.read(connection, issue, person("digest", issue.id), settings, utc_now())
        return page("push_digest.html", token=token, issue=issue, own=own, others=others, lead=_lead(own, others))


@digests.get("/<token>/<int:candidate_id>")
@_AGAIN
def follow(token: str, candidate_id: int) -> ResponseReturnValue:
    """Count, and lead on: only to an address that we found ourselves and that stands in this issue."""
    with current().database.begin() as connection:
        issue = _issue(connection, token)
        target = link_target(connection, issue, candidate_id) if issue is not None else None
        if issue is None or target is None:
            with force_locale(language()):
                return page("push_nowhere.html", 404)
        reader = person("digest", issue.id)
        # Asking what a link leads to (HEAD) is not following it.
        if reader is not None and request.method == "GET":
            opened(connection, issue, candidate_id, reader, utc_now())
    answer: Response = redirect(target, 302)  # type: ignore[assignment]
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _issue(connection: sa.Connection, token: str) -> Row | None:
    """An issue that is out, or on its way: a draft is the team's own business."""
    found = drafts.by_token(connection, token)
    return found if found is not None and found.state in (drafts.SCHEDULED, drafts.SENT) else None


def _lead(own: Sequence[Candidate], others: Sequence[Candidate]) -> Candidate | None:
    return next(iter((*own, *others)), None)
