"""The help centre as readers meet it, and the editor in which colleagues change it."""

import pytest
import requests

from deskside.demo.zendesk import SimulatedZendesk
from tests.demo.zendesk.guide.test_library import PNG, media
from tests.demo.zendesk.guide.tools import Help


def get(zendesk: SimulatedZendesk, path: str) -> requests.Response:
    return requests.get(zendesk.url + path, timeout=10, allow_redirects=False)


def edit(zendesk: SimulatedZendesk, article_id: int, **form: str) -> requests.Response:
    address = f"{zendesk.url}/knowledge/articles/{article_id}/en-us"
    return requests.post(address, data=form, timeout=10, allow_redirects=False)


def test_readers_find_an_article_from_the_top(zendesk: SimulatedZendesk, center: Help) -> None:
    article_id = center.create()
    assert get(zendesk, "/hc").headers["Location"] == "/hc/en-us"
    home = get(zendesk, "/hc/en-us").text
    assert f"/hc/en-us/articles/{article_id}-How-to-pay" in home
    assert "How to pay" in get(zendesk, f"/hc/en-us/sections/{center.section_id}-Billing").text
    page = get(zendesk, f"/hc/en-us/articles/{article_id}-any-other-slug")
    assert "<p>With money.</p>" in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_drafts_archived_and_restricted_articles_are_not_there(zendesk: SimulatedZendesk, center: Help) -> None:
    draft, archived = center.create(title="Secret draft", draft=True), center.create(title="Secret old")
    restricted = center.create(title="Secret deal", user_segment_id=zendesk.add_segment("VIP"))
    zendesk.archive_article(archived)
    assert "Secret" not in get(zendesk, "/hc/en-us").text
    assert "Secret" not in get(zendesk, "/hc/en-us/search?query=money").text
    for article_id in (draft, archived, restricted):
        page = get(zendesk, f"/hc/en-us/articles/{article_id}")
        assert (page.status_code, "Secret" in page.text) == (404, False)


def test_nothing_of_a_body_runs_on_the_page(zendesk: SimulatedZendesk, center: Help) -> None:
    body = "<p onclick='x()'>a</p><script>alert(1)</script><object data='x'></object>"
    article_id = center.create(body=body, title="<script>alert(2)</script>")
    page = get(zendesk, f"/hc/en-us/articles/{article_id}").text
    for evil in ("<script", "onclick", "<object"):
        assert evil not in page


def test_a_redirect_rule_is_in_force_once_the_article_is_archived(zendesk: SimulatedZendesk, center: Help) -> None:
    article_id, other = center.create(), center.create(title="Other")
    given = {"redirect_from": f"/hc/en-us/articles/{article_id}", "redirect_to": f"/hc/en-us/articles/{other}"}
    center.guide("POST", "/redirect_rules", {"redirect_rule": {**given, "redirect_status": 301}})
    path = f"/hc/en-us/articles/{article_id}-How-to-pay"
    assert get(zendesk, path).status_code == 200
    zendesk.archive_article(article_id)
    moved = get(zendesk, path)
    assert (moved.status_code, moved.headers["Location"]) == (301, f"/hc/en-us/articles/{other}")


def test_images_of_published_articles_are_public_and_the_library_is_not(
    zendesk: SimulatedZendesk, center: Help
) -> None:
    image = media(center)
    article_id = center.create(body=f'<p><img src="{image["url"]}"></p>')
    (row,) = center.call("GET", f"/articles/{article_id}/attachments.json").json()["article_attachments"]
    assert row["relative_path"] in get(zendesk, f"/hc/en-us/articles/{article_id}").text
    assert get(zendesk, row["relative_path"]).content == PNG
    assert get(zendesk, image["url"]).status_code == 404
    assert center.api.get(zendesk.url + image["url"], timeout=10).content == PNG
    center.translate(article_id, draft=True)
    assert get(zendesk, row["relative_path"]).status_code == 404


def test_a_file_of_no_article_is_broken_for_readers(zendesk: SimulatedZendesk, center: Help) -> None:
    files = {"file": ("a.png", PNG, "image/png")}
    row = center.call("POST", "/articles/attachments.json", files=files).json()["article_attachment"]
    assert get(zendesk, row["relative_path"]).status_code == 404
    article_id = center.create()
    center.call("POST", f"/articles/{article_id}/bulk_attachments.json", {"attachment_ids": [row["id"]]})
    assert get(zendesk, row["relative_path"]).content == PNG


def test_a_colleague_edits_in_the_browser(zendesk: SimulatedZendesk, center: Help) -> None:
    article_id = center.create(body="<p>a &amp; b</p>\n<p>c</p>")
    before = center.article(article_id)
    form = get(zendesk, f"/knowledge/articles/{article_id}/en-us").text
    assert "&lt;p&gt;a &amp;amp; b&lt;/p&gt;\n&lt;p&gt;c&lt;/p&gt;</textarea>" in form
    assert edit(zendesk, article_id, title="How to pay", body="<p>a &amp; b</p>\r\n<p>c</p>").status_code == 303
    assert center.article(article_id) == before
    edit(zendesk, article_id, title="By hand", body="<p>By hand.</p>")
    after = center.article(article_id)
    assert (after["title"], after["body"]) == ("By hand", "<p>By hand.</p>")
    assert after["edited_at"] > before["edited_at"]
    assert edit(zendesk, article_id, title=" ", body="x").status_code == 400


def test_a_colleague_archives_and_restores_in_the_browser(zendesk: SimulatedZendesk, center: Help) -> None:
    article_id = center.create()
    edit(zendesk, article_id, act="archive")
    assert zendesk.article(article_id)["archived"]
    assert "archived" in get(zendesk, "/knowledge").text
    edit(zendesk, article_id, act="restore")
    assert zendesk.visible(article_id)


def test_readers_vote(zendesk: SimulatedZendesk, center: Help) -> None:
    article_id = center.create()
    address = f"{zendesk.url}/hc/en-us/articles/{article_id}/vote"
    for way in ("up", "up", "down"):
        requests.post(address, data={"vote": way}, timeout=10)
    found = center.article(article_id)
    assert (found["vote_sum"], found["vote_count"]) == (1, 3)


@pytest.mark.parametrize(
    "path", ["/hc/de", "/hc/en-us/articles/x", "/hc/en-us/sections/1", "/knowledge/articles/1/en-us"]
)
def test_what_is_not_there_is_404(zendesk: SimulatedZendesk, path: str) -> None:
    page = get(zendesk, path)
    assert (page.status_code, "There is no such page" in page.text) == (404, True)
