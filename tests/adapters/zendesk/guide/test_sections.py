"""Sections are found by the names on the way to them, and made where they are missing."""

from itertools import count
from typing import Any

import pytest

from adapters.zendesk.guide.target import GuideTarget
from deskside.errors import Permanent, TargetRefuses, UnknownOutcome
from tests.adapters.zendesk.account import Account, Answer, Seen
from tests.adapters.zendesk.guide.shapes import ROOT, page

CATEGORIES, SECTIONS = f"{ROOT}/categories.json", f"{ROOT}/sections.json"


class Centre:
    """The categories and sections of one help centre."""

    def __init__(self, account: Account) -> None:
        self.categories: list[dict[str, Any]] = [{"id": 20, "name": "Billing"}]
        self.sections: list[dict[str, Any]] = [
            {"id": 33, "name": "Refunds", "category_id": 20, "parent_section_id": 32},
            {"id": 32, "name": "Invoices", "category_id": 20, "parent_section_id": None},
            {"id": 99, "name": "Invoices ", "category_id": 20, "parent_section_id": None},
            {"id": 34, "name": "Of a hidden category", "category_id": 77, "parent_section_id": None},
            {"id": 35, "name": "Below itself", "category_id": 20, "parent_section_id": 35},
        ]
        self._ids = count(200)
        self._account = account
        account.on("GET", CATEGORIES, lambda _: page("categories", self.categories))
        account.on("GET", SECTIONS, lambda _: page("sections", self.sections))
        account.on("POST", CATEGORIES, self._category)
        account.on("POST", f"{ROOT}/categories/20/sections.json", self._section)

    def _category(self, seen: Seen) -> Answer:
        row = {"id": next(self._ids), **seen.json["category"]}
        self.categories.append(row)
        self._account.on("POST", f"{ROOT}/categories/{row['id']}/sections.json", self._section)
        return Answer({"category": row}, 201)

    def _section(self, seen: Seen) -> Answer:
        row = {"id": next(self._ids), "category_id": int(seen.path.split("/")[-2]), **seen.json["section"]}
        self.sections.append(row)
        return Answer({"section": row}, 201)


@pytest.fixture
def centre(account: Account) -> Centre:
    return Centre(account)


def test_of_two_sections_with_one_name_the_older_is_found(centre: Centre, target: GuideTarget) -> None:
    assert target.sections() == {
        ("Billing", "Invoices"): "32",
        ("Billing", "Invoices", "Refunds"): "33",
    }


def test_a_section_that_is_there_is_answered(account: Account, centre: Centre, target: GuideTarget) -> None:
    assert target.create_section(("Billing", "Invoices", "Refunds"), "en-us") == "33"
    assert target.create_section(("Billing", " Invoices"), "en-us") == "32"
    assert not account.asked("POST")


def test_what_is_missing_on_the_way_is_made_once(account: Account, centre: Centre, target: GuideTarget) -> None:
    made = target.create_section(("Servers", "Mail", "Spam"), "en-US")
    assert made == target.create_section(("Servers", "Mail", "Spam"), "en-us")
    assert target.sections()[("Servers", "Mail", "Spam")] == made
    assert [seen.json for seen in account.asked("POST")] == [
        {"category": {"name": "Servers", "locale": "en-us"}, "notify_subscribers": False},
        {"section": {"name": "Mail", "locale": "en-us"}, "notify_subscribers": False},
        {"section": {"name": "Spam", "locale": "en-us", "parent_section_id": 201}, "notify_subscribers": False},
    ]


def test_a_section_whose_making_was_not_answered_is_found_the_next_time(
    account: Account, centre: Centre, target: GuideTarget
) -> None:
    path = f"{ROOT}/categories/20/sections.json"

    def swallow(seen: Seen) -> Answer:
        centre._section(seen)
        return Answer("<html>", 502)

    account.on("POST", path, swallow)
    with pytest.raises(UnknownOutcome):
        target.create_section(("Billing", "Prices"), "en-us")
    assert target.create_section(("Billing", "Prices"), "en-us") == "200"
    assert len(account.asked("POST", path)) == 1


@pytest.mark.parametrize("path", [(), ("Billing",), ("Billing", " "), ("a", "b", "c", "d", "e", "f", "g")])
def test_a_place_where_no_article_can_stand_is_refused(
    account: Account, centre: Centre, target: GuideTarget, path: tuple[str, ...]
) -> None:
    with pytest.raises(Permanent):
        target.create_section(path, "en-us")
    assert not account.asked()


def test_a_plan_without_sections_in_sections_refuses_that_one_alone(
    account: Account, centre: Centre, target: GuideTarget
) -> None:
    account.on("POST", f"{ROOT}/categories/20/sections.json", Answer({"error": {"title": "Forbidden"}}, 403))
    with pytest.raises(Permanent, match="Enterprise") as raised:
        target.create_section(("Billing", "Invoices", "New"), "en-us")
    assert not isinstance(raised.value, TargetRefuses)
    with pytest.raises(TargetRefuses):
        target.create_section(("Billing", "New"), "en-us")
