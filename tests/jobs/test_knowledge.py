"""The knowledge base in a worker: what is safe is applied, the rest waits for a person."""

from dataclasses import dataclass, replace

import pytest
import sqlalchemy as sa

from adapters.knowledge import plan_file
from deskside.errors import Permanent
from deskside.knowledge import plans
from deskside.knowledge.decisions import RESTORE
from deskside.store.database import Row, reading
from jobs import knowledge
from tests.adapters.knowledge.world import World
from tests.jobs.desk import Bench, make_bench


@dataclass
class Shelf:
    world: World
    bench: Bench

    def look(self, by: str = "anna", **args: object) -> None:
        self.bench.run("knowledge.look", by=by, **args)

    def plan(self) -> Row:
        with reading(self.bench.database) as connection:
            found = plans.latest(connection)
        assert found is not None
        return found

    def set(self, **values: object) -> None:
        self.world.set(**values)
        self.bench = replace(self.bench, context=replace(self.bench.context, publishing=self.world.publishing))


@pytest.fixture
def shelf(database: sa.Engine) -> Shelf:
    world = World(database)
    for name in ("a", "b"):
        world.shop.write(name, f"Title {name}", "<p>Text.</p>")
    return Shelf(world, make_bench(database, publishing=world.publishing))


def test_a_look_applies_what_is_safe_and_leaves_the_rest_to_people(shelf: Shelf) -> None:
    shelf.look()
    assert set(shelf.world.shown()) == {"Title a", "Title b"}
    assert (shelf.plan().counts, shelf.plan().state, shelf.plan().outcome["done"]) == ({"create": 2}, "applied", 2)
    shelf.world.shop.edit(shelf.world.shop.article("Title a")["id"], "<p>By hand.</p>")
    shelf.look()
    assert (shelf.plan().counts, shelf.plan().state) == ({"drift": 1}, "open")
    assert shelf.world.shown()["Title a"] == "<p>By hand.</p>"


def test_a_decision_is_done_even_where_nothing_is_applied_by_itself(shelf: Shelf) -> None:
    shelf.look()
    shelf.set(apply="none")
    shelf.world.shop.edit(shelf.world.shop.article("Title a")["id"], "<p>By hand.</p>")
    shelf.world.shop.write("b", "Title b", "<p>New.</p>")
    shelf.look()
    (drift,) = (item for item in plan_file.load(shelf.plan().document).actions if item.kind == "drift")
    assert drift.binding is not None
    with shelf.bench.database.begin() as connection:
        assert knowledge.decide(shelf.bench.context, connection, drift.binding, RESTORE, drift.seen, "anna")
    (args,) = shelf.bench.queued("knowledge.look")
    shelf.look(**args)
    assert shelf.world.shown() == {"Title a": "<p>Text.</p>", "Title b": "<p>Text.</p>"}


def test_what_a_person_chose_of_a_plan_is_applied_and_looked_at_again(shelf: Shelf) -> None:
    shelf.set(apply="none")
    shelf.look()
    chosen = plan_file.load(shelf.plan().document).actions[0].id
    with shelf.bench.database.begin() as connection:
        assert knowledge.apply_soon(shelf.bench.context, connection, shelf.plan().id, [chosen], "anna")
    (args,) = shelf.bench.queued("knowledge.apply")
    shelf.bench.run("knowledge.apply", **args)
    assert set(shelf.world.shown()) == {"Title a"}
    assert shelf.bench.queued("knowledge.look") == [{"by": "anna"}]


def test_another_number_of_archives_is_refused_for_good(shelf: Shelf) -> None:
    shelf.look()
    with pytest.raises(Permanent, match="0 articles wait"):
        shelf.bench.run("knowledge.apply", plan_id=shelf.plan().id, ids=None, by="anna", allow_archive=3)
    with pytest.raises(Permanent, match="not kept"):
        shelf.bench.run("knowledge.apply", plan_id=999, ids=None, by="anna")


def test_the_clock_waits_its_turn_and_does_not_look_twice(shelf: Shelf) -> None:
    shelf.bench.run("knowledge.tick")
    assert shelf.bench.queued("knowledge.look") == [{"by": "clock"}]
    shelf.look("clock")
    first = shelf.plan().id
    shelf.look("clock")
    assert shelf.plan().id == first
    shelf.look()
    assert shelf.plan().id > first


def test_a_process_that_ends_writes_nothing_more(shelf: Shelf) -> None:
    shelf.bench.context.stopping.set()
    shelf.look()
    assert shelf.world.shop.articles() == {}


def test_without_a_knowledge_base_nothing_happens(database: sa.Engine) -> None:
    bench = make_bench(database)
    for task, args in (("tick", {}), ("look", {"by": "clock"}), ("apply", {"plan_id": 1, "ids": None, "by": "anna"})):
        bench.run(f"knowledge.{task}", **args)
    with bench.database.begin() as connection:
        assert not knowledge.look_soon(bench.context, connection, "anna")
        assert not knowledge.apply_soon(bench.context, connection, 1, None, "anna")
        assert not knowledge.decide(bench.context, connection, 1, RESTORE, "", "anna")
    assert bench.queued() == []
