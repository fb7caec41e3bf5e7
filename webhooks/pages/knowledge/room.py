"""What all screens of the knowledge base share."""

from collections.abc import Mapping

import sqlalchemy as sa
from flask import current_app, render_template

from deskside.knowledge import overview, planned, plans
from deskside.knowledge.planned import PlanDocument
from deskside.store.database import Row, utc_now
from webhooks.context import current
from webhooks.pages.knowledge import diffs, words

_NAME = "deskside.pages.knowledge"


def kinds(what: str) -> Mapping[str, str]:
    """The kind of every configured "sources" or "targets", by its name; the wiring has checked the section."""
    tables = current().settings.raw.get("knowledge", {}).get(what, {})
    if not isinstance(tables, Mapping):
        return {}
    return {name: str(table.get("kind", "")) for name, table in tables.items() if isinstance(table, Mapping)}


def document(connection: sa.Connection, plan: Row) -> PlanDocument:
    """What a plan says. The one that was read last is kept: it never changes, and may have thousands of actions."""
    key = plan.id, plan.made_at
    kept: tuple[object, PlanDocument] | None = current_app.extensions.get(_NAME)
    if kept is not None and kept[0] == key:
        return kept[1]
    row = plans.get(connection, plan.id)
    found = planned.read(row.document if row is not None else "")
    current_app.extensions[_NAME] = key, found
    return found


def newest(connection: sa.Connection) -> Row | None:
    """The newest plan, without its document."""
    return next(iter(plans.recent(connection, 1)), None)


def render(connection: sa.Connection, template: str, **values: object) -> str:
    """A screen of this room: all of them have the search, and say how many articles wait for a decision."""
    return render_template(
        f"knowledge/{template}",
        undecided=overview.undecided(connection),
        now=utc_now(),
        words=words,
        read=diffs.read,
        applied=planned.APPLIED,
        **values,
    )
