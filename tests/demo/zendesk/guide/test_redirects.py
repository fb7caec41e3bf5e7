"""Redirect rules."""

from typing import Any

import pytest
import requests

from deskside.demo.zendesk import SimulatedZendesk
from tests.demo.zendesk.guide.tools import Help


def rule(center: Help, source: str, target: str, **more: Any) -> requests.Response:
    given = {"redirect_from": source, "redirect_to": target, "redirect_status": 301, **more}
    return center.guide("POST", "/redirect_rules", {"redirect_rule": given})


def test_a_rule_is_made_or_changed_without_an_answer(center: Help) -> None:
    for target in ("/hc/en-us/articles/2", "/hc/en-us/articles/3"):
        answer = rule(center, "/hc/en-us/articles/1", target)
        assert (answer.status_code, answer.content) == (204, b"")
    (found,) = center.guide("GET", "/redirect_rules").json()["records"]
    assert (found["redirect_to"], found["redirect_status"]) == ("/hc/en-us/articles/3", "301")
    assert center.guide("DELETE", f"/redirect_rules/{found['id']}").status_code == 204
    assert center.guide("GET", "/redirect_rules").json()["records"] == []


def test_rules_come_thirty_to_a_page_and_more_is_an_answer_without_records(center: Help) -> None:
    for number in range(31):
        rule(center, f"/old/{number}", "/")
    page = center.guide("GET", "/redirect_rules", params={"per_page": 100}).json()
    assert (len(page["records"]), page["meta"]["has_more"]) == (30, True)
    refused = center.guide("GET", "/redirect_rules", params={"page[size]": 31})
    assert refused.status_code == 400
    assert "records" not in refused.json()


@pytest.mark.parametrize(
    "more", [{"redirect_status": 200}, {"redirect_to": "elsewhere"}, {"redirect_from": "hc"}, {"brand_id": 4711}]
)
def test_a_rule_that_cannot_be_is_refused(center: Help, more: dict[str, Any]) -> None:
    assert rule(center, "/a", "/b", **more).status_code == 400


def test_rules_are_for_those_who_manage_the_help_centre(zendesk: SimulatedZendesk, center: Help) -> None:
    zendesk.guide.guide_admin = False
    assert rule(center, "/a", "/b").status_code == 403
    assert center.guide("GET", "/redirect_rules").status_code == 403
