"""A whole knowledge base on the double: one source, two targets, routes to both."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from adapters.knowledge import actions
from adapters.knowledge.applying import run
from adapters.knowledge.building import Publishing
from adapters.knowledge.looking import look
from adapters.knowledge.plan_file import Plan
from adapters.knowledge.settings import GuardSettings, KnowledgeSettings, Route
from deskside.knowledge import bindings, decisions
from deskside.store.database import reading, utc_now
from tests.doubles.knowledge import FileSource, FileTarget, Shop

ROUTES = (Route(target="guide", section=("Help", "Start")),)
# No test waits for a day.
QUICK = GuardSettings(grace=timedelta(), listings=1)


def settings(routes: tuple[Route, ...] = ROUTES, **values: Any) -> KnowledgeSettings:
    plain: dict[str, Any] = {"guard": QUICK, "full_listing": timedelta(days=1), "patience": timedelta(seconds=30)}
    return KnowledgeSettings(sources={}, targets={}, routes=routes, **{**plain, **values})


class World:
    """The parts, and what a test asks of them."""

    def __init__(self, database: sa.Engine, **values: Any) -> None:
        self.database = database
        self.shop = Shop()
        self.source = FileSource("handbook", self.shop)
        self.guide = FileTarget("guide", self.shop)
        self.billing = FileTarget("billing", self.shop)
        targets = {"guide": self.guide, "billing": self.billing}
        self.publishing = Publishing(settings(**values), {"handbook": self.source}, targets)

    def set(self, **values: Any) -> None:
        """Change the configuration."""
        self.publishing = replace(self.publishing, settings=replace(self.publishing.settings, **values))

    def plan(self, **how: Any) -> Plan:
        return look(self.publishing, self.database, **how)

    def kinds(self, **how: Any) -> dict[str, int]:
        """How many actions of each kind a new plan has."""
        return self.plan(**how).counts

    def apply(self, plan: Plan | None = None, allow_archive: int | None = None) -> run.Outcome:
        plan = plan or self.plan()
        return run.apply(self.publishing, self.database, run.chosen(plan, allow_archive=allow_archive))

    def settled(self) -> None:
        """Apply until nothing is left, and say so."""
        outcome = self.apply()
        assert not outcome.stopped, outcome.stopped
        assert set(outcome.counts) <= {"done"}, outcome.results
        assert not self.plan().changes

    def decide(self, kind: str, decision: str) -> None:
        """Decide about the one action of a kind in a new plan."""
        (action,) = (item for item in self.plan().actions if item.kind == kind)
        assert action.binding is not None
        with self.database.begin() as connection:
            assert decisions.decide(connection, action.binding, decision, action.seen, "anna", utc_now())

    def bound(self) -> Mapping[tuple[str, str], bindings.Binding]:
        """Bindings by document and target."""
        with reading(self.database) as connection:
            return {(item.document, item.target): item for item in bindings.every(connection)}

    def shown(self) -> dict[str, str]:
        """The bodies that readers find, by title."""
        return {
            text["title"]: text["html"]
            for item in self.shop.articles().values()
            for text in item["texts"].values()
            if not text["draft"]
        }


__all__ = ["QUICK", "ROUTES", "World", "actions", "settings"]
