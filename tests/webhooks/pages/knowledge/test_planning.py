"""Promises of a plan's page: nothing is applied that nobody saw, and many leave only by their exact number."""

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from deskside.knowledge import plans
from tests.knowledge.library import Library, action
from tests.webhooks.desk import Asked, post, text


def held(number: int, target: str = "guide") -> list[dict[str, object]]:
    return [action("held", f"d{n}", target, would="archive", numbered=True) for n in range(number)]


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
    assert asked.applied == [(1, (), None), (1, ("guide/handbook/pay/en-us/update",), None)]


def test_only_the_exact_number_lets_many_go(ops: FlaskClient, library: Library, asked: Asked) -> None:
    library.plan(*held(4), *held(2, "whmcs"))
    page = text(ops, "/kb/plans/1")
    assert "6 articles would leave their readers" in page and "The number: 6" in page
    for typed in ("", "5", "7", "06x", "six", "-6", "6.0", "９"):
        post(ops, "/kb/plans/1/apply", archive=typed)
        assert "the number must be exactly 6" in text(ops, "/kb/plans/1")
    assert asked.applied == []
    post(ops, "/kb/plans/1/apply", archive=" 6 ")
    assert asked.applied == [(1, (), 6)]


def test_without_articles_that_wait_for_it_no_number_is_asked_for(ops: FlaskClient, library: Library) -> None:
    library.plan(action("held", reason="its source could not be read"), action("update", "refund"))
    assert 'name="archive"' not in text(ops, "/kb/plans/1")


def test_an_older_plan_is_not_applied(ops: FlaskClient, library: Library, asked: Asked) -> None:
    library.plan(action("update"))
    library.plan()
    assert "There is a newer plan" in text(ops, "/kb/plans/1") and "Apply this" not in text(ops, "/kb/plans/1")
    post(ops, "/kb/plans/1/apply")
    assert "there is a newer plan" in text(ops, "/kb") and asked.applied == []


def test_a_plan_that_is_being_applied_is_not_applied_again(ops: FlaskClient, library: Library, asked: Asked) -> None:
    library.plan(action("update"))
    with library.database.begin() as connection:
        plans.begin(connection, 1, library.now)
    page = text(ops, "/kb/plans/1")
    assert "is being applied" in page and "Apply this" not in page
    post(ops, "/kb/plans/1/apply")
    assert "it is being applied already" in text(ops, "/kb") and asked.applied == []


@pytest.mark.parametrize("only", ["no/such/action", "guide/handbook/pay/en-us/held"])
def test_what_is_not_in_the_plan_or_is_held_back_is_not_applied_alone(
    ops: FlaskClient, library: Library, asked: Asked, only: str
) -> None:
    library.plan(action("held"))
    post(ops, "/kb/plans/1/apply", only=only)
    assert "there is no such action in the plan" in text(ops, "/kb") and asked.applied == []


def test_what_came_of_it_is_told(ops: FlaskClient, library: Library) -> None:
    library.plan(action("update"))
    with library.database.begin() as connection:
        plans.finish(connection, 1, {"done": 3, "skipped": 1}, "the token has ended", library.now)
    page = text(ops, "/kb/plans/1")
    assert "3 done" in page and "1 left out" in page and "It stopped: " in page and "the token has ended" in page
    assert "Apply the rest" in page


def test_a_plan_is_read_anew_when_another_has_its_place(ops: FlaskClient, library: Library) -> None:
    library.plan(action("update"))
    assert "Pay" in text(ops, "/kb/plans/1")
    with library.database.begin() as connection:
        connection.execute(sa.text("delete from kb_plan"))
    library.now = library.now.replace(year=library.now.year + 1)
    library.plan(action("update", "refund"))
    assert "Refund" in text(ops, "/kb")
