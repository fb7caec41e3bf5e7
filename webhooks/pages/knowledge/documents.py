"""The documents: what the sources have, where each stands, and what became of it."""

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from deskside.knowledge import bindings, catalogue, decisions, planned
from deskside.store.database import reading, utc_now
from webhooks.context import current
from webhooks.limits import limiter
from webhooks.pages.access import needs, person
from webhooks.pages.blueprint import pages
from webhooks.pages.knowledge import room
from webhooks.pages.rows import one
from webhooks.pages.words import gettext

STEP = 50
FURTHEST = 1_000_000
HISTORY = 40
LONGEST_SEARCH = 200


@pages.get("/kb/documents")
def documents_page() -> ResponseReturnValue:
    """All documents by title, those of one source or of one kind, or those found."""
    text = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    source = request.args.get("source", "")[:64]
    only = request.args.get("only", "")
    only = only if only in catalogue.ONLY else ""
    offset = min(FURTHEST, max(0, request.args.get("from", 0, type=int)))
    with reading(current().database) as connection:
        found = catalogue.find(connection, text=text, source=source, only=only, limit=STEP + 1, offset=offset)
        plan = room.newest(connection)
        return room.render(
            connection,
            "documents.html",
            items=found[:STEP],
            further=len(found) > STEP,
            text=text,
            source=source,
            only=only,
            offset=offset,
            step=STEP,
            sources=catalogue.source_names(connection),
            unrouted=room.document(connection, plan).unrouted if plan is not None else (),
        )


@pages.get("/kb/documents/<source>/<path:document>")
def document_page(source: str, document: str) -> ResponseReturnValue:
    """One document: its languages with their warnings, where it stands, and what was made for it."""
    with reading(current().database) as connection:
        languages = catalogue.languages(connection, source, document)
        if not languages:
            abort(404)
        plan = room.newest(connection)
        said = room.document(connection, plan).of_document(source, document) if plan is not None else ()
        return room.render(
            connection,
            "document.html",
            plan=plan,
            actions=[action for action in said if action.kind != planned.UNROUTED],
            unrouted=any(action.kind == planned.UNROUTED for action in said),
            languages=languages,
            first=languages[0],
            published=catalogue.published(connection, [(source, document)])[source, document],
            steps=catalogue.history(connection, source, document, HISTORY),
        )


@pages.post("/kb/bindings/<int:number>/manage")
@limiter.limit("60 per minute", key_func=lambda: f"person:{person().id}")
@needs("ops")
def manage_again(number: int) -> ResponseReturnValue:
    """Take an article back that was detached, or that a person removed."""
    with current().database.begin() as connection:
        row = one(connection, bindings.get, number)
        if decisions.manage_again(connection, number, person().name, utc_now()):
            current().actions.look_at_knowledge(connection, person().name)
            flash(gettext("It is managed again from the next look on."))
        else:
            flash(gettext("It is managed already."), "warning")
    return redirect(url_for("pages.document_page", source=row.source, document=row.document), 303)
