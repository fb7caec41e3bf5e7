"""What Zendesk Guide does with articles and translations, as its documentation and others' measurements say."""

from typing import Any

import pytest

from deskside.demo.zendesk import SimulatedZendesk
from tests.demo.clock import SettableClock
from tests.demo.zendesk.guide.tools import Help
from tests.demo.zendesk.tools import Caller


def test_an_article_that_was_made_is_read_back_and_shown(zendesk: SimulatedZendesk, center: Help) -> None:
    article_id = center.create(label_names=["billing"])
    found = center.article(article_id)
    assert (found["title"], found["body"], found["draft"]) == ("How to pay", "<p>With money.</p>", False)
    assert found["html_url"] == f"{zendesk.url}/hc/en-us/articles/{article_id}-How-to-pay"
    assert (found["label_names"], found["user_segment_id"]) == (["billing"], None)
    assert zendesk.visible(article_id)
    assert zendesk.place(article_id) == ["Knowledge", "Billing"]


@pytest.mark.parametrize("missing", ["permission_group_id", "user_segment_id"])
def test_an_article_needs_a_permission_group_and_a_word_on_who_may_read_it(center: Help, missing: str) -> None:
    given = {"title": "t", "locale": "en-us", "permission_group_id": center.group_id, "user_segment_id": None}
    del given[missing]
    answer = center.call("POST", f"/sections/{center.section_id}/articles.json", {"article": given})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [missing])


def test_putting_an_article_changes_metadata_and_passes_over_title_body_and_draft(
    zendesk: SimulatedZendesk, center: Help, clock: SettableClock
) -> None:
    article_id = center.create()
    clock.forward(60)
    given = {"title": "Other", "body": "<p>Other</p>", "draft": True, "promoted": True, "position": 7}
    answer = center.call("PUT", f"/articles/{article_id}.json", {"article": given})
    found = answer.json()["article"]
    assert answer.status_code == 200
    assert (found["title"], found["body"], found["draft"]) == ("How to pay", "<p>With money.</p>", False)
    assert (found["promoted"], found["position"]) == (True, 7)
    assert found["updated_at"] > found["edited_at"]


def test_text_and_draft_go_through_the_translation(zendesk: SimulatedZendesk, center: Help) -> None:
    article_id = center.create(draft=True)
    assert not zendesk.visible(article_id)
    assert center.translate(article_id, body="<p>New.</p>", title="New", draft=False).status_code == 200
    assert zendesk.visible(article_id)
    assert zendesk.shown(article_id) == "<p>New.</p>"


def test_a_draft_takes_the_live_text_down(zendesk: SimulatedZendesk, center: Help) -> None:
    article_id = center.create()
    center.translate(article_id, draft=True)
    assert not zendesk.visible(article_id)


def test_edited_moves_with_the_text_only_and_updated_with_everything(
    zendesk: SimulatedZendesk, center: Help, clock: SettableClock
) -> None:
    article_id = center.create()
    before = center.article(article_id)
    for change in (
        lambda: zendesk.vote(article_id),
        lambda: zendesk.label_article(article_id, "x"),
        lambda: zendesk.edit_article(article_id, draft=True),
    ):
        clock.forward(10)
        change()
        after = center.article(article_id)
        assert after["updated_at"] > before["updated_at"]
        assert after["edited_at"] == before["edited_at"]
        before = after
    clock.forward(10)
    zendesk.edit_article(article_id, body="<p>By hand.</p>")
    assert center.article(article_id)["edited_at"] > before["edited_at"]


def test_putting_the_same_text_again_is_no_change(center: Help, clock: SettableClock) -> None:
    article_id = center.create()
    before = center.article(article_id)
    clock.forward(10)
    center.translate(article_id, title="How to pay", body="<p>With money.</p>")
    assert center.article(article_id) == before


def test_an_edit_by_hand_is_never_within_the_second_of_ours(zendesk: SimulatedZendesk, center: Help) -> None:
    article_id = center.create()
    before = center.article(article_id)["edited_at"]
    zendesk.edit_article(article_id, title="By hand")
    assert center.article(article_id)["edited_at"] > before


def test_delete_archives_and_only_a_person_brings_back(zendesk: SimulatedZendesk, center: Help) -> None:
    article_id = center.create()
    assert center.call("DELETE", f"/articles/{article_id}.json").status_code == 204
    assert center.call("GET", f"/articles/{article_id}.json").status_code == 404
    assert center.translate(article_id, title="x").status_code == 404
    assert center.listed() == []
    assert not zendesk.visible(article_id)
    zendesk.restore_article(article_id)
    assert center.article(article_id)["title"] == "How to pay"


def test_labels_left_out_stay_and_an_empty_list_clears_them(center: Help) -> None:
    article_id = center.create(label_names=["a", "b"])
    for given, kept in (({"promoted": True}, ["a", "b"]), ({"label_names": []}, [])):
        center.call("PUT", f"/articles/{article_id}.json", {"article": given})
        assert center.article(article_id)["label_names"] == kept


def test_content_tags_are_replaced_as_a_whole(zendesk: SimulatedZendesk, center: Help) -> None:
    first, second = zendesk.add_content_tag("one"), zendesk.add_content_tag("two")
    article_id = center.create(content_tag_ids=[first])
    center.call("PUT", f"/articles/{article_id}.json", {"article": {"content_tag_ids": [second]}})
    assert center.article(article_id)["content_tag_ids"] == [second]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"label_names": [f"l{number}" for number in range(51)]}, "label_names"),
        ({"body": "a" * (1024 * 1024 + 1)}, "body"),
        ({"locale": "de"}, "locale"),
        ({"title": " "}, "title"),
        ({"content_tag_ids": ["01GFXGBX7YZ9ASWTCVMASTK8ZS"]}, "content_tag_ids"),
        ({"user_segment_id": 4711}, "user_segment_id"),
    ],
)
def test_what_is_too_much_or_unknown_is_refused_and_nothing_is_made(
    zendesk: SimulatedZendesk, center: Help, given: dict[str, Any], field: str
) -> None:
    answer = center.post(**given)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert zendesk.articles() == []


def test_a_translation_needs_an_enabled_locale_and_stands_once(zendesk: SimulatedZendesk, center: Help) -> None:
    article_id = center.create()
    given = {"translation": {"locale": "ru", "title": "Как платить", "body": "<p>Деньгами.</p>"}}
    path = f"/articles/{article_id}/translations.json"
    assert center.call("POST", path, given).status_code == 400
    zendesk.enable_locale("ru")
    assert [center.call("POST", path, given).status_code for _ in range(2)] == [201, 400]
    assert zendesk.visible(article_id, "ru")
    assert center.call("GET", f"/ru/articles/{article_id}.json").json()["article"]["title"] == "Как платить"


def test_a_source_locale_must_have_a_translation_first(zendesk: SimulatedZendesk, center: Help) -> None:
    zendesk.enable_locale("ru")
    article_id = center.create()
    asked = {"article_locale": "ru"}
    assert center.call("PUT", f"/articles/{article_id}/source_locale", asked).status_code == 400
    zendesk.translate("articles", article_id, "ru", "Как платить")
    assert center.call("PUT", f"/articles/{article_id}/source_locale", asked).status_code == 200
    assert center.article(article_id)["source_locale"] == "ru"


def test_an_outdated_translation_is_named_by_its_article(zendesk: SimulatedZendesk, center: Help) -> None:
    zendesk.enable_locale("ru")
    article_id = center.create()
    zendesk.translate("articles", article_id, "ru", "Как платить")
    center.translate(article_id, "ru", outdated=True)
    assert center.article(article_id)["outdated_locales"] == ["ru"]


def test_a_segment_keeps_an_article_from_the_public(zendesk: SimulatedZendesk, center: Help) -> None:
    segment_id = zendesk.add_segment("VIP")
    article_id = center.create(user_segment_id=segment_id)
    assert not zendesk.visible(article_id)
    center.call("PUT", f"/articles/{article_id}.json", {"article": {"user_segment_id": None}})
    assert zendesk.visible(article_id)


def test_followers_get_mail_unless_told_otherwise(zendesk: SimulatedZendesk, center: Help) -> None:
    center.create()
    assert zendesk.guide_mails == []
    loud = center.post(notify=None).json()["article"]["id"]
    assert [mail.article_id for mail in zendesk.guide_mails] == [loud]


def test_a_draft_is_announced_when_it_is_first_published(zendesk: SimulatedZendesk, center: Help) -> None:
    quiet, loud = center.create(draft=True), center.post(notify=None, draft=True).json()["article"]["id"]
    assert zendesk.guide_mails == []
    for _ in range(2):
        for article_id in (quiet, loud):
            center.translate(article_id, draft=True)
            center.translate(article_id, draft=False)
    assert [mail.article_id for mail in zendesk.guide_mails] == [loud]


def test_moving_to_another_section_keeps_the_id(zendesk: SimulatedZendesk, center: Help, category_id: int) -> None:
    article_id = center.create()
    other = zendesk.add_section(category_id, "Other")
    center.call("PUT", f"/articles/{article_id}.json", {"article": {"section_id": other}})
    assert center.listed(f"/sections/{other}/articles.json") == [article_id]
    assert center.listed(f"/sections/{center.section_id}/articles.json") == []


@pytest.mark.parametrize(("scope", "reads", "writes"), [("hc:read", 200, 403), ("hc:read hc:write", 200, 201)])
def test_a_token_needs_the_help_centre_scopes(
    zendesk: SimulatedZendesk, center: Help, scope: str, reads: int, writes: int
) -> None:
    with Caller(zendesk, scope) as caller:
        narrow = Help(zendesk, caller, center.section_id)
        assert narrow.call("GET", "/articles.json").status_code == reads
        assert narrow.post().status_code == writes
        assert caller.call("GET", "/tickets.json").status_code == 403


def test_a_token_for_tickets_only_does_not_open_the_help_centre(zendesk: SimulatedZendesk) -> None:
    with Caller(zendesk, "tickets:read tickets:write") as caller:
        assert caller.call("GET", "/help_center/articles.json").status_code == 403
