"""Categories, sections in sections, and what hangs on them."""

from deskside.demo.zendesk import SimulatedZendesk
from tests.demo.zendesk.guide.tools import Help


def make(center: Help, category_id: int, name: str, parent_id: int | None = None) -> int:
    given = {"section": {"name": name, "locale": "en-us", "parent_section_id": parent_id}}
    answer = center.call("POST", f"/categories/{category_id}/sections.json", given)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["section"]["id"])


def test_sections_stand_in_sections_five_deep(center: Help, category_id: int) -> None:
    inner: int | None = None
    for depth in range(5):
        inner = make(center, category_id, f"Level {depth}", inner)
    given = {"section": {"name": "too deep", "locale": "en-us", "parent_section_id": inner}}
    assert center.call("POST", f"/categories/{category_id}/sections.json", given).status_code == 400


def test_sections_in_sections_need_the_plan(zendesk: SimulatedZendesk, center: Help, category_id: int) -> None:
    zendesk.guide.enterprise = False
    given = {"section": {"name": "inner", "locale": "en-us", "parent_section_id": center.section_id}}
    assert center.call("POST", f"/categories/{category_id}/sections.json", given).status_code == 400


def test_a_section_does_not_stand_in_itself(center: Help, category_id: int) -> None:
    inner = make(center, category_id, "inner", center.section_id)
    asked = {"section": {"parent_section_id": inner}}
    assert center.call("PUT", f"/sections/{center.section_id}.json", asked).status_code == 400


def test_a_section_is_named_in_each_language(zendesk: SimulatedZendesk, center: Help) -> None:
    zendesk.enable_locale("ru")
    given = {"translation": {"locale": "ru", "title": "Оплата", "body": ""}}
    assert center.call("POST", f"/sections/{center.section_id}/translations.json", given).status_code == 201
    assert [row["name"] for row in center.call("GET", "/ru/sections.json").json()["sections"]] == ["Оплата"]
    missing = center.call("GET", f"/sections/{center.section_id}/translations/missing.json").json()
    assert missing == {"locales": []}


def test_sections_come_in_their_order(center: Help, category_id: int) -> None:
    other = make(center, category_id, "Other")
    center.call("PUT", f"/sections/{other}.json", {"section": {"position": 0}})
    center.call("PUT", f"/sections/{center.section_id}.json", {"section": {"position": 5}})
    listed = center.call("GET", f"/categories/{category_id}/sections.json?page[size]=10").json()["sections"]
    assert [row["id"] for row in listed] == [other, center.section_id]


def test_deleting_a_category_archives_what_was_in_it(zendesk: SimulatedZendesk, center: Help, category_id: int) -> None:
    article_id = center.create()
    assert center.call("DELETE", f"/categories/{category_id}.json").status_code == 204
    assert zendesk.article(article_id)["archived"]
    assert center.call("GET", "/sections.json").json()["sections"] == []


def test_permission_groups_are_only_for_those_who_manage_the_help_centre(
    zendesk: SimulatedZendesk, center: Help
) -> None:
    assert len(center.guide("GET", "/permission_groups.json").json()["permission_groups"]) == 2
    zendesk.guide.guide_admin = False
    assert center.guide("GET", "/permission_groups.json").status_code == 403


def test_content_tags_come_thirty_to_a_page(zendesk: SimulatedZendesk, center: Help) -> None:
    for number in range(31):
        zendesk.add_content_tag(f"tag {number}")
    page = center.guide("GET", "/content_tags", params={"per_page": 100}).json()
    assert (len(page["records"]), page["meta"]["has_more"]) == (30, True)
    assert center.guide("GET", "/content_tags", params={"page[size]": 31}).status_code == 400
