"""Promises of a plan's page: nothing is applied that nobody saw, and many leave only by their exact number."""

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from deskside.knowledge import plans
from tests.knowledge.library import Library, action
from tests.webhooks.desk import Asked, post, text


def held(number: int, target: str = "guide") -> list[dict[str, object]]:
    why = f"it is gone; {number} articles would leave at once, and 3 may: say --allow-archive={number} if they may"
    return [action("held", f"d{n}", target, would="archive", numbered=True, reason=why) for n in range(number)]


def test_a_plan_is_shown_by_kind_and_target_and_in_pages(ops: FlaskClient, library: Library) -> None:
    many = [action("create", f"n{number:02d}") for number in range(60)]
    library.plan(*many, action("update", "other", "whmcs"))
    first, second = text(ops, "/kb/plans/1"), text(ops, "/kb/plans/1?from=50")
    assert "N49" in first and "N50" not in first
    assert "N59" in second and "Other" in second and "N49" not in second
    assert "Other" in text(ops, "/kb/plans/1?kind=update") and "N00" not in text(ops, "/kb/plans/1?kind=update")
    assert "N00" not in text(ops, "/kb/plans/1?target=whmcs")
    assert "Nothing here" in text(ops, "/kb/plans/1?kind=nonsense")


def test_the_whole_plan_or_one_action_is_applied(ops: FlaskClient, library: Library, asked: Asked) -> None:
    library.plan(action("update"), action("create", "refund"))
    answer = post(ops, "/kb/plans/1/apply")
    assert (answer.status_code, answer.location) == (303, "/kb/plans/1")
    post(ops, "/kb/plans/1/apply", only="guide/handbook/pay/en-us/update")
    pay, refund = "guide/handbook/pay/en-us/update", "guide/handbook/refund/en-us/create"
    assert asked.knowledge_applied == [(1, [refund, pay], "ops", None), (1, [pay], "ops", None)]


def test_only_the_exact_number_lets_many_go(ops: FlaskClient, library: Library, asked: Asked) -> None:
    library.plan(*held(4), *held(2, "whmcs"))
    page = text(ops, "/kb/plans/1")
    assert "6 articles would leave their readers" in page and "The number: 6" in page
    assert "It is gone; 4 articles would leave at once, and 3 may." in page and "--allow-archive" not in page
    for typed in ("", "5", "7", "06x", "six", "-6", "6.0", "９"):
        post(ops, "/kb/plans/1/apply", archive=typed)
        assert "the number must be exactly 6" in text(ops, "/kb/plans/1")
    assert asked.knowledge_applied == []
    post(ops, "/kb/plans/1/apply", archive=" 6 ")
    (applied,) = asked.knowledge_applied
    assert (applied[0], len(applied[1] or ()), applied[3]) == (1, 6, 6)


def test_without_articles_that_wait_for_it_no_number_is_asked_for(ops: FlaskClient, library: Library) -> None:
    library.plan(action("held", reason="its source could not be read"), action("update", "refund"))
    assert 'name="archive"' not in text(ops, "/kb/plans/1")


def test_an_older_plan_is_not_applied(ops: FlaskClient, library: Library, asked: Asked) -> None:
    library.plan(action("update"))
    library.plan()
    assert "There is a newer plan" in text(ops, "/kb/plans/1") and "Apply this" not in text(ops, "/kb/plans/1")
    post(ops, "/kb/plans/1/apply")
    assert "there is a newer plan" in text(ops, "/kb") and asked.knowledge_applied == []


def test_a_plan_that_is_being_applied_is_not_applied_again(ops: FlaskClient, library: Library, asked: Asked) -> None:
    library.plan(action("update"))
    with library.database.begin() as connection:
        plans.begin(connection, 1, library.now)
    page = text(ops, "/kb/plans/1")
    assert "is being applied" in page and "Apply this" not in page
    post(ops, "/kb/plans/1/apply")
    assert "it is being applied already" in text(ops, "/kb") and asked.knowledge_applied == []


@pytest.mark.parametrize("only", ["no/such/action", "guide/handbook/pay/en-us/held"])
def test_what_is_not_in_the_plan_or_is_held_back_is_not_applied_alone(
    ops: FlaskClient, library: Library, asked: Asked, only: str
) -> None:
    library.plan(action("held"))
    post(ops, "/kb/plans/1/apply", only=only)
    assert "there is no such action in the plan, or it is done" in text(ops, "/kb") and asked.knowledge_applied == []


def finish(library: Library, error: str = "", **outcome: object) -> None:
    with library.database.begin() as connection:
        plans.finish(connection, 1, outcome, error, library.now)


def test_what_came_of_each_action_is_told_and_the_rest_is_applied(
    ops: FlaskClient, library: Library, asked: Asked
) -> None:
    failed, left = action("create", "refund"), action("create", "domain")
    library.plan(action("update"), failed, left)
    problems = {failed["id"]: {"state": "failed", "reason": "too long"}, left["id"]: {"state": "left", "reason": "x"}}
    finish(library, "the token has ended", done=1, failed=1, left=1, problems=problems)
    page = text(ops, "/kb/plans/1")
    assert "1 done" in page and "1 failed" in page
    assert "It stopped: " in page and "The token has ended." in page and "Failed: " in page and "Too long." in page
    post(ops, "/kb/plans/1/apply")
    assert [set(ids or ()) for _, ids, _, _ in asked.knowledge_applied] == [{failed["id"], left["id"]}]
    overview = text(ops, "/kb")
    assert "What is left of it" in overview and "Refund" in overview and ">Pay<" not in overview


def test_when_only_some_were_chosen_the_others_are_not_called_done(ops: FlaskClient, library: Library) -> None:
    library.plan(action("update"), action("create", "refund"))
    finish(library, done=1, problems={})
    assert text(ops, "/kb/plans/1").count("Apply this") == 2


def test_a_plan_is_read_anew_when_another_has_its_place(ops: FlaskClient, library: Library) -> None:
    library.plan(action("update"))
    assert "Pay" in text(ops, "/kb/plans/1")
    with library.database.begin() as connection:
        connection.execute(sa.text("delete from kb_plan"))
    library.now = library.now.replace(year=library.now.year + 1)
    library.plan(action("update", "refund"))
    assert "Refund" in text(ops, "/kb")
