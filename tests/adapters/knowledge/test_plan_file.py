"""A plan as a file: the same plan comes back, and what is strange is refused by name."""

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.knowledge import plan_file
from deskside.errors import Malformed
from tests.adapters.knowledge.world import World


@pytest.fixture
def plan(world: World) -> plan_file.Plan:
    for name in ("a", "b"):
        world.shop.write(name, f"Title {name}", '<p>See <a href="doc:nowhere">this</a>.</p>')
    world.settled()
    world.shop.write("a", "Other", "<p>New.</p>")
    world.shop.edit(world.shop.article("Title b")["id"], "<p>By hand.</p>")
    world.shop.write("c", "Third", '<p>See <a href="doc:nowhere">this</a>.</p>')
    return world.plan()


def test_a_plan_comes_back_as_it_was(plan: plan_file.Plan, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    plan_file.write(plan, path)
    assert plan_file.read(path) == plan
    assert [item.name for item in tmp_path.iterdir() if item.suffix == ".json"] == ["plan.json"]


def test_people_find_in_it_what_they_want_to_know(plan: plan_file.Plan) -> None:
    document = json.loads(plan_file.dump(plan))
    assert document["counts"] == {"create": 1, "update": 1, "drift": 1}
    create, update, drift = document["actions"]
    assert create["warnings"] == ["The link to 'nowhere' leads nowhere yet: it is plain text."]
    assert update["diff"].splitlines()[0] == "~ [-Title a-]{+Other+}"
    assert drift["target_diff"] == "~ [-See-]{+By+} [-this-]{+hand+}."
    assert drift["diff"] == "~ [-By-]{+See+} [-hand-]{+this+}."
    assert update["size_limit"] == 1024 * 1024


def test_the_order_of_a_plan_is_stable(world: World, plan: plan_file.Plan) -> None:
    again = world.plan()
    assert again.actions == plan.actions


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": 2}, "version 2"),
        ({"version": None}, "no version"),
        ({"more": 1}, "more"),
        ({"made_at": "yesterday"}, "made_at"),
        ({"actions": [{"kind": "delete", "id": "x", "target": "t", "source": "s", "document": "d"}]}, "kind"),
        ({"actions": [{"kind": "create", "id": "x", "target": "t", "source": "s", "document": "d"}]}, "should be"),
        ({"actions": [{"kind": "create", "id": "t/s/d/-/article", "target": "t", "source": "s"}]}, "document"),
    ],
)
def test_what_is_strange_is_refused_by_name(plan: plan_file.Plan, change: dict[str, Any], said: str) -> None:
    document = {**json.loads(plan_file.dump(plan)), **change}
    with pytest.raises(Malformed, match=said):
        plan_file.load(json.dumps(document))


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '{"version": "1"}'])
def test_what_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        plan_file.load(text)


def test_an_action_that_is_there_twice_is_refused(plan: plan_file.Plan) -> None:
    document = json.loads(plan_file.dump(plan))
    document["actions"].append(document["actions"][0])
    with pytest.raises(Malformed, match="same id"):
        plan_file.load(json.dumps(document))
