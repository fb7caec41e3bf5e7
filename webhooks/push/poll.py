"""`/push/poll/<token>`: a poll with all its options, for every browser, buttons or not.

Opening it changes nothing: the vote is the form's. A stranger cannot vote, and sees the result once it stands.
"""

from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_limiter.util import get_remote_address

from deskside.errors import Malformed, Permanent
from deskside.store.database import Row, reading, utc_now
from push.links import PERSON
from push.polls import polls as store
from push.polls import votes
from webhooks.context import current
from webhooks.limits import limiter
from webhooks.push.reading import language, page, person

polls = Blueprint("push_poll", __name__, url_prefix="/push/poll", template_folder="templates")
_AGAIN = limiter.shared_limit("60 per minute", scope="push poll", key_func=get_remote_address)


@polls.get("/<token>")
@_AGAIN
def show(token: str) -> ResponseReturnValue:
    """The question; `?o=` is the option whose button was pressed, which is chosen but not yet given."""
    tongue = language()
    with reading(current().database) as connection, force_locale(tongue):
        asked = store.by_token(connection, token)
        if asked is None:
            return page("push_nowhere.html", 404)
        voter = person("poll", asked.id)
        own = votes.of(connection, asked.id, voter) if voter is not None else None
        is_open = store.is_open(asked, utc_now())
        return page(
            "push_poll.html",
            token=token,
            poll=asked,
            is_open=is_open,
            may_vote=is_open and voter is not None,
            own=own,
            chosen=_pressed(asked) or (own.option if own else ""),
            result=votes.result(connection, asked) if own is not None or not is_open else None,
            text=lambda texts: store.in_language(texts, tongue),
            longest_remark=votes.LONGEST_REMARK,
        )


@polls.post("/<token>")
@_AGAIN
def give(token: str) -> ResponseReturnValue:
    """The vote."""
    with current().database.begin() as connection:
        asked = store.by_token(connection, token)
        voter = person("poll", asked.id) if asked is not None else None
        if asked is None or voter is None:
            with force_locale(language()):
                return page("push_nowhere.html", 404)
        try:
            votes.vote(connection, asked, voter, request.form.get("option", ""), utc_now(), request.form.get("remark"))
        except (Malformed, Permanent):
            # Nothing chosen, or closed meanwhile: the page says which.
            return redirect(_back(token), 303)
    return redirect(_back(token, done="1"), 303)


def _pressed(asked: Row) -> str:
    place = request.args.get("o", type=int)
    return asked.options[place]["key"] if place is not None and 0 <= place < len(asked.options) else ""


def _back(token: str, **values: Any) -> str:
    kept: dict[str, Any] = {name: request.args[name] for name in (PERSON, "lang") if name in request.args}
    return url_for("push_poll.show", token=token, **kept, **values)
