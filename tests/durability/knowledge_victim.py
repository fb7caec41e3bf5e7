"""A process that applies plans of the knowledge base until nothing is left, to be killed at any request."""

import os
import sys
import time
from datetime import timedelta

from adapters.knowledge import looking
from adapters.knowledge.applying import run
from adapters.knowledge.building import Publishing
from adapters.knowledge.settings import GuardSettings, KnowledgeSettings, Route
from deskside.store.database import open_database
from tests.doubles.knowledge import KILL_AT, FileSource, FileTarget, Shop

ROUTES = (
    Route(target="billing", section=("Money",), label="money"),
    Route(target="guide", section=("Help", "Old"), label="old"),
    Route(target="guide", section=("Help", "Start"), label="help"),
)
TURNS = 60


def publishing(shop: Shop) -> Publishing:
    """One source, two targets, and no patience."""
    settings = KnowledgeSettings(
        sources={},
        targets={},
        routes=ROUTES,
        guard=GuardSettings(grace=timedelta(), listings=1),
        # Longer than a beat can be late, shorter than a test waits for what a dead process had.
        lease=timedelta(seconds=0.3),
    )
    targets = {name: FileTarget(name, shop) for name in ("guide", "billing")}
    return Publishing(settings, {"handbook": FileSource("handbook", shop)}, targets)


def work(database_url: str, shop_path: str, kill_at: str) -> None:
    """Plan and apply until a plan has nothing to do; dies at the request that `kill_at` names."""
    os.environ[KILL_AT] = kill_at
    database = open_database(database_url)
    made = publishing(Shop(shop_path))
    for _ in range(TURNS):
        # What the dead one left is looked after once its lease has run out.
        waits = any(looking.leased(database, name) for name in made.targets)
        plan = looking.look(made, database)
        wanted = run.chosen(plan)
        if not wanted and not waits:
            break
        if waits or run.apply(made, database, wanted).stopped:
            time.sleep(0.1)
    sys.exit(0 if not plan.changes else 3)
