"""The fleet: how many servers are what, what changed, and the last day of each."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from deskside.store import hosts, sweeps
from deskside.store.database import reading, utc_now
from webhooks.context import current
from webhooks.pages.blueprint import pages

WORDS = ("down", "degraded", "unknown", "ok")
STEP = 50
FURTHEST = 1_000_000
CHANGES = 12
HOST_CHANGES = 50
LONGEST_SEARCH = 100


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a strip in which the word is the same; `start` and `length` in blocks, `since` its beginning."""

    word: str
    start: int
    length: int
    since: datetime


@pages.get("/fleet")
def fleet_page() -> ResponseReturnValue:
    """All hosts, those of one word, or those found; with `fragment` only what a poll replaces."""
    word = request.args.get("word", "")
    word = word if word in WORDS else ""
    text = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    offset = min(FURTHEST, max(0, request.args.get("from", 0, type=int)))
    now = utc_now()
    with reading(current().database) as connection:
        counts = hosts.counts(connection)
        found = hosts.find(connection, word=word, text=text, limit=STEP + 1, offset=offset)
        strips = hosts.strips(connection, found[:STEP], now)
        changed = hosts.changes(connection, limit=CHANGES)
        last, believed = sweeps.last(connection), sweeps.last_believed(connection)
    return render_template(
        "fleet_list.html" if request.args.get("fragment") else "fleet.html",
        words=WORDS,
        word=word,
        text=text,
        offset=offset,
        step=STEP,
        counts=counts,
        total=sum(counts.values()),
        hosts=found[:STEP],
        more=len(found) > STEP,
        strips={address: stretches(strip, now) for address, strip in strips.items()},
        blocks=hosts.BLOCKS,
        changes=changed,
        last=last,
        believed=believed,
        now=now,
    )


@pages.get("/fleet/<address>")
def host_page(address: str) -> ResponseReturnValue:
    """One host: its last day, its changes, its neighbours; with `fragment` only what a poll replaces."""
    now = utc_now()
    with reading(current().database) as connection:
        row = hosts.get(connection, address)
        if row is None:
            abort(404)
        strip = hosts.strips(connection, [row], now)[address]
        changed = hosts.changes(connection, address, HOST_CHANGES)
        around = hosts.neighbours(connection, address)
        last, believed = sweeps.last(connection), sweeps.last_believed(connection)
    return render_template(
        "host_state.html" if request.args.get("fragment") else "host.html",
        host=row,
        strip_of_day=stretches(strip, now),
        blocks=hosts.BLOCKS,
        changes=changed,
        around=around,
        last=last,
        believed=believed,
        now=now,
    )


def stretches(strip: Sequence[str], now: datetime) -> list[Stretch]:
    """The blocks of a strip, those with the same word in one."""
    found, start = [], 0
    for word, same in itertools.groupby(strip):
        length = len(list(same))
        found.append(Stretch(word, start, length, now - hosts.DAY + hosts.DAY / hosts.BLOCKS * start))
        start += length
    return found
