"""What becomes of the HTML of a body: kept, mended, printed anew, and what readers see of it."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from deskside.demo.zendesk import SimulatedZendesk
from tests.demo.zendesk.guide.tools import Help

BODY = (
    '<h2>Pay</h2><p title="t" class="c">See <a href="{base}/hc/en-us/articles/12-A-Slug#part">that</a>&nbsp;page.</p>'
    "<table><tr><td>1</td></tr></table>"
)


def test_a_body_without_faults_is_kept_byte_for_byte(center: Help) -> None:
    body = "<p title='q' class=a>A &amp; b &nbsp;</p>\n<table><tr><td>1</table>"
    assert center.article(center.create(body=body))["body"] == body


@pytest.mark.parametrize(
    "unsafe", ["<script>x()</script>", "<form><p>f</p></form>", "<style>p{}</style>", "<textarea>t</textarea>"]
)
def test_unsafe_elements_stay_in_the_body_and_readers_do_not_get_them(
    zendesk: SimulatedZendesk, center: Help, unsafe: str
) -> None:
    article_id = center.create(body=f"<p>a</p>{unsafe}")
    assert center.article(article_id)["body"] == f"<p>a</p>{unsafe}"
    assert zendesk.shown(article_id) == "<p>a</p>"


def test_bold_and_italic_of_old_are_stored_and_shown_without_effect(zendesk: SimulatedZendesk, center: Help) -> None:
    article_id = center.create(body="<p><b>a</b><i>b</i><u>c</u></p>")
    assert zendesk.shown(article_id) == "<p>abc</p>"


def test_unknown_tags_go_and_their_text_stands_in_a_paragraph(center: Help) -> None:
    found = center.article(center.create(body="<div>a <ac-macro>b <em>c</em></ac-macro></div>"))["body"]
    assert found == "<div>a <p>b c</p></div>"


def test_an_empty_span_goes_and_an_empty_paragraph_gets_a_space(center: Help) -> None:
    assert center.article(center.create(body="<p>a<span></span></p><p></p>"))["body"] == "<p>a</p><p>&nbsp;</p>"


def test_frames_of_unknown_hosts_and_links_that_run_are_not_shown(zendesk: SimulatedZendesk, center: Help) -> None:
    body = '<iframe src="https://evil.example/"></iframe><a href="javascript:x()" onclick="x()">a</a>'
    shown = zendesk.shown(center.create(body=body))
    for evil in ("evil.example", "javascript", "onclick"):
        assert evil not in shown


def test_mild_rewriting_names_headings_and_completes_tables(zendesk: SimulatedZendesk, center: Help) -> None:
    zendesk.guide.rewriting = "mild"
    found = center.article(center.create(body=BODY.format(base=zendesk.url)))["body"]
    assert '<h2 id="h_' in found
    assert '<p class="c" title="t">' in found
    assert "<table><tbody><tr>" in found
    assert f"{zendesk.url}/hc/en-us/articles/12-A-Slug#part" in found


def test_heavy_rewriting_makes_links_relative_and_keeps_every_word(zendesk: SimulatedZendesk, center: Help) -> None:
    zendesk.guide.rewriting = "heavy"
    body = BODY.format(base=zendesk.url)
    found = center.article(center.create(body=body))["body"]
    assert 'href="/hc/en-us/articles/12#part"' in found
    assert "data-garden-id" in found
    assert LexborHTMLParser(found).text() == LexborHTMLParser(body).text()


def test_the_editor_rewrites_only_what_a_person_saves(zendesk: SimulatedZendesk, center: Help) -> None:
    zendesk.guide.editor_rewriting = "mild"
    article_id = center.create(body="<h2>a</h2>")
    assert center.article(article_id)["body"] == "<h2>a</h2>"
    zendesk.edit_article(article_id, body="<h2>b</h2>")
    assert '<h2 id="h_' in center.article(article_id)["body"]


def test_content_blocks_come_back_flat_and_writing_cuts_their_link(zendesk: SimulatedZendesk, center: Help) -> None:
    article_id = center.create(body="<p>a</p>")
    block_id = zendesk.add_content_block("<p>shared</p>")
    zendesk.insert_block(article_id, block_id)
    flat = center.article(article_id)["body"]
    assert flat == "<p>a</p><p>shared</p>"
    zendesk.guide.blocks[block_id] = "<p>changed</p>"
    assert center.article(article_id)["body"] == "<p>a</p><p>changed</p>"
    center.translate(article_id, title="Other")
    assert zendesk.guide.articles[article_id].text().blocks == [block_id]
    center.translate(article_id, body=flat)
    zendesk.guide.blocks[block_id] = "<p>once more</p>"
    assert center.article(article_id)["body"] == flat
    assert zendesk.guide.articles[article_id].text().blocks == []
