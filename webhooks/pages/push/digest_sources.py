"""A source of digests: where it looks, what its candidates belong to, and whether it looks at all."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import abort, flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import Schema, ValidationError, fields

from deskside.errors import Malformed
from deskside.store.database import Row, reading
from push.campaigns import listing
from push.digests import options, sources
from webhooks.context import current
from webhooks.limits import limiter
from webhooks.pages.access import needs, person
from webhooks.pages.blueprint import pages
from webhooks.pages.push import faults, room
from webhooks.pages.rows import one
from webhooks.pages.words import gettext

_LONGEST = 4000
LONGEST_NAME = 120


@pages.get("/digests/sources/new")
@needs("ops")
def new_source() -> ResponseReturnValue:
    """The form of a kind."""
    kind = request.args.get("kind", "")
    with reading(current().database) as connection:
        return _page(connection, kind, {"half_life_days": str(options.NEWS_DAYS)})


@pages.get("/digests/sources/<int:number>")
@needs("ops")
def source_page(number: int) -> ResponseReturnValue:
    """The form of a source."""
    with reading(current().database) as connection:
        row = one(connection, sources.get, number)
        return _page(connection, row.kind, _typed(row.options), row)


@pages.post("/digests/sources/new")
@pages.post("/digests/sources/<int:number>")
@limiter.limit("60 per minute", key_func=lambda: f"person:{person().id}")
@needs("ops")
def save_source(number: int | None = None) -> ResponseReturnValue:
    """Keep a source, and have it looked at."""
    typed = {name: value[:_LONGEST] for name, value in request.form.items()}
    with current().database.begin() as connection:
        row = one(connection, sources.get, number) if number is not None else None
        kind = row.kind if row is not None else typed.get("kind", "")
        try:
            checked = options.check(_entered(typed, _schema(kind)), _schema(kind))
            if row is None:
                kept = sources.add(connection, kind, _name(connection, typed), checked)
            else:
                kept, active = row.id, bool(typed.get("active"))
                sources.change(connection, kept, checked, active=active)
        except (Malformed, ValidationError) as error:
            said = faults.told(error) if isinstance(error, ValidationError) else str(error)
            return _page(connection, kind, typed, row, said)
        current().actions.look_at_source(connection, kept)
    flash(gettext("The source is kept. What is there at its first look is not news."))
    return redirect(url_for("pages.digests_page", _anchor="sources"), 303)


@pages.post("/digests/sources/<int:number>/<any(look, remove):what>")
@limiter.limit("60 per minute", key_func=lambda: f"person:{person().id}")
@needs("ops")
def change_source(number: int, what: str) -> ResponseReturnValue:
    """Have a source looked at now, or remove it with its candidates."""
    with current().database.begin() as connection:
        row = one(connection, sources.get, number)
        if what == "remove":
            sources.remove(connection, row.id)
            flash(gettext("The source is removed, with its candidates."))
        elif current().actions.look_at_source(connection, row.id):
            flash(gettext("A worker looks at it now."))
        else:
            flash(gettext("Nothing was done: %(why)s.", why=gettext("web push is switched off")), "error")
    return redirect(url_for("pages.digests_page", _anchor="sources"), 303)


def _schema(kind: str) -> type[Schema]:
    found = current().actions.digest_kinds().get(kind)
    if found is None:
        abort(404)
    return found


def _name(connection: sa.Connection, typed: Mapping[str, str]) -> str:
    name = typed.get("name", "").strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise Malformed(gettext("a source needs a name of 1 to %(most)s characters", most=LONGEST_NAME))
    if name in {row.name for row in sources.every(connection)}:
        raise Malformed(gettext("there is a source of this name already"))
    return name


def _entered(typed: Mapping[str, str], own: type[Schema]) -> dict[str, Any]:
    """The options as their schemas read them: `own-…` are those of the kind, a list is what commas part."""
    mine: dict[str, Any] = {}
    for name, field in own().fields.items():
        text = typed.get(f"own-{name}", "").strip()
        if isinstance(field, fields.List):
            mine[name] = _parts(text)
        elif isinstance(field, fields.Boolean):
            mine[name] = bool(text)
        elif text or field.required:
            mine[name] = text
    return {
        "topic": typed.get("topic", "") or None,
        "topics": _topics(typed.get("topics", "")),
        "language": typed.get("language", "").strip(),
        "half_life_days": typed.get("half_life_days", "").strip(),
        "own": mine,
    }


def _topics(text: str) -> dict[str, str]:
    """Lines of `section = topic`."""
    found = {}
    for line in text.splitlines():
        if line.strip():
            section, is_, topic = line.rpartition("=")
            if not is_ or not section.strip() or not topic.strip():
                raise Malformed(gettext("topics by section: each line must be such as Hosting = news"))
            found[section.strip()] = topic.strip()
    return found


def _typed(stored: Mapping[str, Any]) -> dict[str, str]:
    own = {f"own-{name}": value for name, value in stored["own"].items()}
    return {
        "topic": stored["topic"] or "",
        "topics": "\n".join(f"{section} = {topic}" for section, topic in stored["topics"].items()),
        "language": stored["language"],
        "half_life_days": f"{stored['half_life_days']:g}",
        **{name: ", ".join(value) if isinstance(value, list) else str(value) for name, value in own.items()},
    }


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _page(
    connection: sa.Connection, kind: str, typed: Mapping[str, str], row: Row | None = None, said: str = ""
) -> ResponseReturnValue:
    kinds = current().actions.digest_kinds()
    if row is None and kind not in kinds:
        abort(404)
    schema = kinds.get(kind)
    html = room.render(
        connection,
        "digest_source.html",
        row=row,
        kind=kind,
        typed=typed,
        said=said,
        # A kind whose plug-in is gone can only be removed.
        own=list(schema().fields.items()) if schema else None,
        is_list=lambda field: isinstance(field, fields.List),
        is_box=lambda field: isinstance(field, fields.Boolean),
        topics=listing.topics(connection),
    )
    return make_response(html, 422 if said else 200)
