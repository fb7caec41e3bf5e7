"""The digests: what could stand in the next one, the draft, and the issues so far."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from deskside.errors import Conflict
from deskside.store.database import Row, reading, utc_now
from push.analytics import digests as figures
from push.digests import candidates, drafts, sources
from push.digests.board import board
from push.digests.candidates import Candidate
from webhooks.context import current
from webhooks.limits import limiter
from webhooks.pages.access import needs, person
from webhooks.pages.blueprint import pages
from webhooks.pages.push import room
from webhooks.pages.rows import one
from webhooks.pages.words import gettext

SHOWN = 100
ISSUES = 50


@dataclass(frozen=True, slots=True)
class Item:
    """A candidate of a draft, with its score then and the parts of it."""

    candidate: Candidate
    score: float
    parts: Mapping[str, float]


@pages.get("/digests")
@needs("ops")
def digests_page() -> ResponseReturnValue:
    """The draft, the candidates, the sources, and past issues."""
    settings, now = room.digest_settings(), utc_now()
    with reading(current().database) as connection:
        standings = board(connection, settings, person().name, now)
        issues = [row for row in drafts.every(connection, ISSUES) if row.state != drafts.DRAFT]
        draft = drafts.open_draft(connection)
        return room.render(
            connection,
            "digests.html",
            settings=settings,
            draft=draft,
            items=_items(connection, draft) if draft is not None else (),
            standings=standings[:SHOWN],
            waiting=len(standings),
            sources=sources.every(connection),
            kinds=current().actions.digest_kinds(),
            issues=issues,
            leads=_leads(connection, issues),
            weekdays=room.weekdays(),
            readers=figures.readers(connection, [row.id for row in issues]),
        )


@pages.post("/digests/candidates/<int:number>/<any(up, down, take_back, veto, allow, pin, unpin):what>")
@limiter.limit("240 per minute", key_func=lambda: f"person:{person().id}")
@needs("ops")
def judge_candidate(number: int, what: str) -> ResponseReturnValue:
    """Vote for a candidate or against it, veto or pin it, or take that back."""
    with current().database.begin() as connection:
        one(connection, _candidate, number)
        _JUDGE[what](connection, number, person().name)
    return redirect(url_for("pages.digests_page", _anchor=f"candidate-{number}"), 303)


@pages.post("/digests/draft")
@limiter.limit("12 per minute", key_func=lambda: f"person:{person().id}")
@needs("ops")
def draft_digest() -> ResponseReturnValue:
    """Draft one now, instead of when the schedule says so."""
    with current().database.begin() as connection:
        made = drafts.make(connection, room.digest_settings(), utc_now(), person().name)
        row = one(connection, drafts.get, made)
    if row.state == drafts.DRAFT:
        flash(gettext("This is the draft. Nothing goes out before somebody sends it, or the rule does."))
    else:
        flash(gettext("There is no digest in it yet: %(why)s.", why=row.reason), "warning")
    return redirect(url_for("pages.digests_page"), 303)


@pages.post("/digests/<int:number>/<any(arrange, send, skip):what>")
@limiter.limit("60 per minute", key_func=lambda: f"person:{person().id}")
@needs("ops")
def change_digest(number: int, what: str) -> ResponseReturnValue:
    """Arrange, send or skip a draft; who was too late is told."""
    try:
        with current().database.begin() as connection:
            row = one(connection, drafts.get, number)
            if row.state != drafts.DRAFT:
                raise Conflict(gettext("this digest is no draft any more"))
            said = _DO[what](connection, row)
    except Conflict as error:
        flash(gettext("Nothing was done: %(why)s.", why=str(error)), "error")
    else:
        flash(said)
    return redirect(url_for("pages.digests_page"), 303)


def _arrange(connection: sa.Connection, row: Row) -> str:
    if not drafts.arrange(connection, row.id, _order(row)):
        raise Conflict(gettext("nothing would be left of it: skip it instead"))
    return gettext("The order is kept.")


def _send(connection: sa.Connection, row: Row) -> str:
    # What was shown is what is sent: somebody else may have arranged it since.
    if request.form.get("seen") != _seen(row):
        raise Conflict(gettext("somebody changed the draft meanwhile: look at it again"))
    if not current().actions.send_digest(connection, row.id, person().name):
        raise Conflict(gettext("web push is switched off"))
    return gettext("It goes out as soon as a worker has seen once more that strangers can read all of it.")


def _skip(connection: sa.Connection, row: Row) -> str:
    reason = request.form.get("reason", "").strip()
    if not reason:
        raise Conflict(gettext("say why it is skipped"))
    drafts.skip(connection, row.id, f"{person().name}: {reason}"[:200])
    return gettext("Skipped. Its candidates wait for the next.")


_DO: dict[str, Callable[[sa.Connection, Row], str]] = {"arrange": _arrange, "send": _send, "skip": _skip}

_JUDGE: dict[str, Callable[[sa.Connection, int, str], None]] = {
    "up": lambda connection, number, by: candidates.vote(connection, number, by, 1, utc_now()),
    "down": lambda connection, number, by: candidates.vote(connection, number, by, -1, utc_now()),
    "take_back": lambda connection, number, by: candidates.vote(connection, number, by, 0, utc_now()),
    "veto": candidates.veto,
    "allow": lambda connection, number, _: candidates.veto(connection, number, ""),
    "pin": candidates.pin,
    "unpin": lambda connection, number, _: candidates.pin(connection, number, ""),
}


def _candidate(connection: sa.Connection, number: int) -> Any:
    return candidates.by_id(connection, [number]).get(number)


def _items(connection: sa.Connection, draft: Row) -> Sequence[Item]:
    found = candidates.by_id(connection, [item["candidate"] for item in draft.items])
    return [
        Item(found[item["candidate"]], item["score"], item["parts"])
        for item in draft.items
        if item["candidate"] in found
    ]


def _leads(connection: sa.Connection, issues: Sequence[Row]) -> dict[int, Candidate]:
    """What stands at the head of each issue that has anything."""
    heads = {row.id: row.items[0]["candidate"] for row in issues if row.items}
    found = candidates.by_id(connection, set(heads.values()))
    return {issue: found[head] for issue, head in heads.items() if head in found}


def _order(row: Row) -> list[int]:
    """The ticked items, by the places typed beside them; where two are alike, as they were."""
    kept = []
    for was, item in enumerate(row.items):
        number = item["candidate"]
        if request.form.get(f"keep-{number}"):
            text = request.form.get(f"place-{number}", "").strip()
            place = int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else was + 1
            kept.append((place, was, number))
    return [number for _, _, number in sorted(kept)]


def _seen(row: Row) -> str:
    return ",".join(str(item["candidate"]) for item in row.items)
