"""The knowledge base as visitors of the client area meet it, and the form in which administrators change it."""

import requests

from deskside.demo.whmcs import SimulatedWhmcs
from tests.demo.whmcs.knowledge.tools import Addon


def get(whmcs: SimulatedWhmcs, path: str) -> requests.Response:
    return requests.get(whmcs.url + path, timeout=10)


def post(whmcs: SimulatedWhmcs, article_id: int, **form: str) -> requests.Response:
    address = f"{whmcs.url}/admin/supportkb.php?action=edit&id={article_id}"
    return requests.post(address, data=form, timeout=10)


def test_visitors_find_an_article_and_its_body_is_printed_raw(whmcs: SimulatedWhmcs, addon: Addon) -> None:
    body = "<p onclick='x()'>raw</p><script>x()</script>"
    article_id = whmcs.add_article(addon.category_id, "A & <b>", body)
    home = get(whmcs, "/knowledgebase.php").text
    assert f"id={article_id}" in home
    assert "A &amp; &lt;b&gt;" in home
    page = get(whmcs, f"/knowledgebase.php?action=displayarticle&id={article_id}")
    assert body in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "Billing &amp; more" in page.text


def test_drafts_private_and_archived_articles_are_not_there(whmcs: SimulatedWhmcs, addon: Addon) -> None:
    draft = addon.create("m-1", title="Secret draft")
    private, archived = addon.shown("m-2", title="Secret deal"), addon.shown("m-3", title="Secret old")
    whmcs.hide_article(private)
    addon.ask("archive", id=archived)
    assert "Secret" not in get(whmcs, "/knowledgebase.php").text
    for article_id in (draft, private, archived):
        assert get(whmcs, f"/knowledgebase.php?action=displayarticle&id={article_id}").status_code == 404


def test_visitors_read_in_their_language(whmcs: SimulatedWhmcs, addon: Addon) -> None:
    article_id = whmcs.add_article(addon.category_id, "How to pay", "<p>With money.</p>")
    whmcs.translate_article(article_id, "russian", "Как платить", "<p>Деньгами.</p>")
    assert "Как платить" in get(whmcs, "/knowledgebase.php?language=russian").text
    path = f"/knowledgebase.php?action=displayarticle&id={article_id}"
    assert "Деньгами" in get(whmcs, f"{path}&language=russian").text
    assert "With money" in get(whmcs, f"{path}&language=german").text


def test_an_administrator_edits_in_the_form(whmcs: SimulatedWhmcs, addon: Addon) -> None:
    article_id = addon.shown(html="<p>a &amp; b</p>\n<p>c</p>")
    before = whmcs.article(article_id)
    page = get(whmcs, f"/admin/supportkb.php?action=edit&id={article_id}").text
    assert "&lt;p&gt;a &amp;amp; b&lt;/p&gt;\n&lt;p&gt;c&lt;/p&gt;</textarea>" in page
    form = {"title": "How to pay", "category": str(addon.category_id)}
    post(whmcs, article_id, **form, article="<p>a &amp; b</p>\r\n<p>c</p>")
    assert whmcs.article(article_id)["texts"] == before["texts"]
    post(whmcs, article_id, **form, article="<p>By hand.</p>")
    assert whmcs.shown(article_id) == "<p>By hand.</p>"


def test_an_administrator_restores_an_archived_article(whmcs: SimulatedWhmcs, addon: Addon) -> None:
    article_id = addon.shown()
    addon.ask("archive", id=article_id)
    post(whmcs, article_id, title="How to pay", category=str(addon.category_id), article="<p>With money.</p>")
    assert whmcs.visible(article_id)
    assert addon.ask("read", id=article_id)["article"]["id"] == article_id


def test_a_strict_database_refuses_what_is_too_long_and_keeps_what_was(whmcs: SimulatedWhmcs, addon: Addon) -> None:
    article_id = addon.shown()
    answer = post(whmcs, article_id, title="t", category=str(addon.category_id), article="a" * 65_536)
    assert (answer.status_code, "Data too long" in answer.text) == (500, True)
    assert whmcs.shown(article_id) == "<p>With money.</p>"


def test_an_administrator_deletes_an_article(whmcs: SimulatedWhmcs, addon: Addon) -> None:
    article_id = addon.shown()
    assert "How to pay" not in post(whmcs, article_id, act="delete").text
    assert addon.error("read", id=article_id) == (404, "gone")


def test_visitors_vote(whmcs: SimulatedWhmcs, addon: Addon) -> None:
    article_id = addon.shown()
    address = f"{whmcs.url}/knowledgebase.php?action=displayarticle&id={article_id}"
    for answer in ("yes", "no"):
        requests.post(address, data={"vote": answer}, timeout=10)
    found = whmcs.article(article_id)
    assert (found["useful"], found["votes"]) == (1, 2)
