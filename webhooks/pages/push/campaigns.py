"""All campaigns, with what came of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from deskside.store.database import Row, reading, utc_now
from push.analytics import counts
from push.analytics.counts import Counts
from push.campaigns import drafts, listing
from push.campaigns.definition import KINDS
from webhooks.context import current
from webhooks.pages import tables
from webhooks.pages.access import needs, person
from webhooks.pages.blueprint import pages
from webhooks.pages.push import room
from webhooks.pages.push.guard import found
from webhooks.pages.rows import row_id
from webhooks.pages.words import gettext

SHOWN = 30
# The lists a person thinks in, and the states that are in each.
GROUPS = {
    "all": (),
    "draft": ("draft",),
    "planned": ("scheduled", "unconfirmed"),
    "running": ("running", "paused"),
    "ended": ("done", "cancelled"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A campaign in the list: its row, whom it is for, and what came of it."""

    row: Row
    audience: int | None
    counts: Counts


@pages.get("/campaigns")
@needs("ops")
def campaigns_page() -> ResponseReturnValue:
    """The campaigns, the newest first; filtered by state, kind, owner and name."""
    group = request.args.get("state", "all")
    group = group if group in GROUPS else "all"
    kind, search = request.args.get("kind", ""), request.args.get("q", "").strip()[:120]
    owner = request.args.get("owner", "").strip()[:120]
    before = request.args.get("before", type=int)
    kinds = [one.value for one in KINDS]
    with reading(current().database) as connection:
        rows = listing.listed(
            connection,
            states=GROUPS[group],
            kind=kind if kind in kinds else "",
            search=search,
            owner=owner,
            before=before if before is not None and row_id(before) else None,
            limit=SHOWN + 1,
        )
        by_state = listing.by_state(connection)
        return room.render(
            connection,
            "campaigns.html",
            entries=entries(connection, rows[:SHOWN]),
            older=rows[SHOWN - 1].id if len(rows) > SHOWN else None,
            groups=GROUPS,
            by_state={
                group: sum(number for state, number in by_state.items() if not states or state in states)
                for group, states in GROUPS.items()
            },
            owners=listing.owners(connection),
            unknown=listing.unknown(connection),
            chosen={"state": group, "kind": kind, "q": search, "owner": owner},
            kinds=kinds,
        )


@pages.get("/campaigns.csv")
@needs("ops")
def campaigns_file() -> ResponseReturnValue:
    """Every campaign that has begun, a row for each."""
    head = ["id", "name", "kind", "state", "owner", "started_at", *counts.NAMES]
    head += ["clicked_of_accepted", "clicked_of_shown", "left_of_accepted", "left_of_shown"]
    with reading(current().database) as connection:
        listed = entries(connection, listing.begun(connection))
    lines = [
        [
            entry.row.id,
            entry.row.name,
            entry.row.kind,
            entry.row.state,
            entry.row.created_by,
            entry.row.started_at.isoformat(),
            *figures(entry.counts),
        ]
        for entry in listed
    ]
    return tables.csv_file("campaigns.csv", head, lines)


@pages.post("/campaigns/<int:number>/duplicate")
@needs("ops")
def duplicate_campaign(number: int) -> ResponseReturnValue:
    """A new draft like this one."""
    with current().database.begin() as connection:
        found(connection, number)
        copy = drafts.duplicate(connection, number, person().name, utc_now())
    flash(gettext("This is the copy: a draft, with nothing of what came of the other."))
    return redirect(url_for("pages.edit_campaign", number=copy), 303)


def entries(connection: sa.Connection, rows: Sequence[Row]) -> list[Entry]:
    """Rows of `campaign` with what came of them."""
    became = counts.of_campaigns(connection, [row.id for row in rows])
    return [Entry(row, _audience(row), became[row.id]) for row in rows]


def figures(became: Counts) -> list[object]:
    """The numbers of a CSV line: all counts, then clicks and departures by both denominators."""
    shares = [
        share(number) for number in (became.clicked, became.left) for share in (became.of_accepted, became.of_shown)
    ]
    return [*(getattr(became, name) for name in counts.NAMES), *(tables.share(one) for one in shares)]


def _audience(row: Row) -> int | None:
    """How many people it was made for, once it has begun: those with a living browser."""
    return dict(row.waterfall).get("alive")
