"""What people changed on the targets: each text with what differs, and what a person decides about it."""

from dataclasses import dataclass

import sqlalchemy as sa
from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from deskside.knowledge import bindings, catalogue, decisions, planned
from deskside.knowledge.planned import Planned
from deskside.markup import meaning
from deskside.markup.difference import Diff
from deskside.store.database import Row, reading
from webhooks.context import current
from webhooks.limits import limiter
from webhooks.pages.access import needs, person
from webhooks.pages.blueprint import pages
from webhooks.pages.knowledge import diffs, room
from webhooks.pages.rows import one
from webhooks.pages.words import gettext


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Three texts of one article that are not the same any more, as differences from what we wrote last.

    `decided` is what somebody decided about them, `overtaken` what somebody decided about others: it was not done.
    """

    row: Row
    action: Planned
    theirs: Diff
    ours: Diff
    decided: str = ""
    overtaken: str = ""

    @property
    def markdown(self) -> str:
        """Their text, to be put into the source."""
        return "\n\n".join(meaning.blocks(self.action.target_html))


@pages.get("/kb/decisions")
def decisions_page() -> ResponseReturnValue:
    """Everything that waits for a person."""
    with reading(current().database) as connection:
        plan = room.newest(connection)
        document = room.document(connection, plan) if plan is not None else None
        actions = document.of_kind(*planned.ASKING) if document is not None else ()
        return room.render(
            connection,
            "decisions.html",
            plan=plan,
            actions=actions,
            decided={row.id: row.decision for row in bindings.decided_since(connection, plan.made_at)} if plan else {},
            held=document.of_kind("held", "removed", "refused") if document is not None else (),
        )


@pages.get("/kb/decisions/<int:number>")
def decision_page(number: int) -> ResponseReturnValue:
    """One article whose text somebody changed on its target."""
    with reading(current().database) as connection:
        found = _disagreement(connection, number)
        if found is None:
            row = one(connection, bindings.get, number)
            return room.render(connection, "decision_over.html", row=row), 200
        where = catalogue.published(connection, [(found.row.source, found.row.document)])
        url = next((one.url for spots in where.values() for one in spots if one.binding == number), "")
        return room.render(connection, "decision.html", found=found, action=found.action, row=found.row, url=url)


@pages.post("/kb/decisions/<int:number>/<any(restore, keep, detach):what>")
@limiter.limit("60 per minute", key_func=lambda: f"person:{person().id}")
@needs("ops")
def decide(number: int, what: str) -> ResponseReturnValue:
    """Decide about the text that was seen; who saw another one is shown what is there now."""
    with current().database.begin() as connection:
        found = _disagreement(connection, number)
        if found is None:
            one(connection, bindings.get, number)
            flash(gettext("There is nothing to decide here any more."), "warning")
            return redirect(url_for("pages.decisions_page"), 303)
        if request.form.get("seen") != found.action.seen:
            flash(gettext("It has changed since you looked. Nothing was decided: this is what is there now."), "error")
            return redirect(url_for("pages.decision_page", number=number), 303)
        if not current().actions.decide_knowledge(connection, number, what, found.action.seen, person().name):
            flash(gettext("Nothing was decided: it is not managed any more."), "warning")
            return redirect(url_for("pages.decisions_page"), 303)
    flash(_said(what, found.action.leaves))
    return redirect(url_for("pages.decisions_page"), 303)


def _said(what: str, leaves: bool) -> str:
    if what == decisions.RESTORE:
        if leaves:
            return gettext("It is taken from its readers, unless it changes before that.")
        return gettext("Our text is put back, unless theirs changes before that.")
    if what == decisions.KEEP and not leaves:
        return gettext("Their text stays. Put it into the source, or the next change there asks again.")
    return gettext("It stays, and is not managed any more.")


def _disagreement(connection: sa.Connection, number: int) -> Disagreement | None:
    plan = room.newest(connection)
    action = room.document(connection, plan).about(number) if plan is not None else None
    row = bindings.get(connection, number) if action is not None else None
    if plan is None or action is None or row is None or row.state not in bindings.KEPT:
        return None
    current_texts = row.decided_hash == action.seen
    return Disagreement(
        row,
        action,
        theirs=diffs.read(action.target_diff),
        ours=diffs.read(action.source_diff),
        decided=row.decision if current_texts else "",
        overtaken=row.decision if row.decided_hash and not current_texts else "",
    )
