"""Everything in storage format that is no macro."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.confluence.storage.addresses import page_name, part_of
from adapters.confluence.storage.parse import BrokenStorage, parse
from adapters.confluence.storage.writing import Style, anchor_id
from deskside.markup.allowed import clean
from tests.adapters.confluence.storage.wikis import ADDRESS, MemoryWiki, converted, html
from tests.shared import shared


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>a&nbsp;b &mdash; c &lt; d &amp;amp;</p>", "<p>a\u00a0b — c &lt; d &amp;amp;</p>"),
        ("<p>&unknown;</p>", "<p>&amp;unknown;</p>"),
        ('<?xml version="1.0"?><p>x</p>', "<p>x</p>"),
        ("<p>x<!-- not for readers --></p>", "<p>x</p>"),
        ("<p/><p> </p><p>&nbsp;</p><p>x</p>", "<p>x</p>"),
        ("text alone", "<p>text alone</p>"),
        ("<p><b>b</b> <i>i</i> <u>u</u></p>", None),
        ('<p style="margin-left: 30.0px;">x</p>', '<p style="padding-left:30.0px">x</p>'),
        ('<p local-id="1" ac:local-id="2" class="x" id="y" data-layout="z" onclick="w">x</p>', "<p>x</p>"),
        (
            '<table><tbody><tr><td rowspan="2" data-highlight-colour="#e3fcef">x</td></tr></tbody></table>',
            '<table><tbody><tr><td rowspan="2" style="background-color:#e3fcef">x</td></tr></tbody></table>',
        ),
        ('<ol start="3"><li><p>x</p></li></ol>', '<ol start="3"><li><p>x</p></li></ol>'),
        ("<pre>  a\n\n  b</pre>", "<pre>  a\n\n  b</pre>"),
        (
            '<p>before <ac:image><ri:url ri:value="https://x.example/a.png"/><ac:caption><p>C</p></ac:caption></ac:image>'
            " after</p>",
            '<p>before</p><figure><img src="https://x.example/a.png"><figcaption>C</figcaption></figure><p>after</p>',
        ),
        ("<p>x<ac:placeholder>type here</ac:placeholder></p>", "<p>x</p>"),
        ('<p><ac:inline-comment-marker ac:ref="1">words</ac:inline-comment-marker></p>', "<p>words</p>"),
        (
            "<ac:layout><ac:layout-section><ac:layout-cell><p>a</p></ac:layout-cell><ac:layout-cell><p>b</p>"
            "</ac:layout-cell></ac:layout-section></ac:layout>",
            "<div><p>a</p></div><div><p>b</p></div>",
        ),
        (
            "<ac:task-list><ac:task><ac:task-id>1</ac:task-id><ac:task-status>complete</ac:task-status><ac:task-body>"
            "Done</ac:task-body></ac:task><ac:task><ac:task-id>2</ac:task-id><ac:task-status>incomplete"
            "</ac:task-status><ac:task-body>Open</ac:task-body></ac:task></ac:task-list>",
            '<ul class="kb-tasks"><li>☑ Done</li><li>☐ Open</li></ul>',
        ),
    ],
)
def test_text_and_form_are_kept(body: str, expected: str | None) -> None:
    found = html(body).replace("&nbsp;", "\u00a0")
    if expected is None:
        expected = '<p><strong>b</strong> <em>i</em> <span style="text-decoration:underline">u</span></p>'
    assert found == expected


ADF = (
    '<ac:adf-extension><ac:adf-node type="panel"><ac:adf-attribute key="panel-type">{}</ac:adf-attribute>{}'
    "</ac:adf-node><ac:adf-fallback><div><p>Text once.</p></div></ac:adf-fallback></ac:adf-extension>"
)


@pytest.mark.parametrize("kind", ["note", "error", "success"])
def test_a_panel_of_the_new_editor_is_written_once(kind: str) -> None:
    body = ADF.format(kind, "<ac:adf-content><p>Text once.</p></ac:adf-content>")
    assert html(body) == f'<div class="kb-panel kb-{kind}"><p>Text once.</p></div>'


def test_without_content_the_fallback_is_taken() -> None:
    assert html(ADF.format("note", "")) == "<div><p>Text once.</p></div>"


def test_decisions_are_a_list() -> None:
    body = (
        '<ac:adf-extension><ac:adf-node type="decision-list"><ac:adf-node type="decision-item">'
        '<ac:adf-attribute key="state">DECIDED</ac:adf-attribute><ac:adf-content>Go.</ac:adf-content></ac:adf-node>'
        "</ac:adf-node></ac:adf-extension>"
    )
    assert html(body) == '<ul class="kb-decisions"><li>Go.</li></ul>'


@pytest.mark.parametrize(
    ("attributes", "shown"),
    [
        ('ac:name="smile" ac:emoji-fallback="😄"', "😄"),
        ('ac:name="tick" ac:emoji-id="atlassian-check_mark" ac:emoji-fallback=":check_mark:"', "✅"),
        ('ac:name="warning"', "⚠️"),
        ('ac:name="blue-star" ac:emoji-id="1f1ef-1f1f5" ac:emoji-fallback=":jp:"', "🇯🇵"),
        ('ac:name="blue-star" ac:emoji-id="8131cbc6-728f" ac:emoji-fallback=":copy:"', ""),
    ],
)
def test_emoji_are_characters(attributes: str, shown: str) -> None:
    found = converted(f"<p>x<ac:emoticon {attributes}/></p>")
    assert found.html == f"<p>x{shown}</p>"
    assert bool(found.warnings) == (not shown)


def link(resource: str, body: str = "", anchor: str = "") -> str:
    at = f' ac:anchor="{anchor}"' if anchor else ""
    return f"<p><ac:link{at}>{resource}{body}</ac:link> after</p>"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            link('<ri:page ri:content-title="A &amp; B"/>', "<ac:link-body>see <em>it</em></ac:link-body>"),
            '<a href="doc:DOC%2FA%20%26%20B">see <em>it</em></a>',
        ),
        (link('<ri:page ri:content-title="A" ri:space-key="OPS"/>'), '<a href="doc:OPS%2FA">A</a>'),
        (
            link(
                '<ri:page ri:content-title="A"/>',
                "<ac:plain-text-link-body><![CDATA[step <2>]]></ac:plain-text-link-body>",
                "Step 2",
            ),
            '<a href="doc:DOC%2FA#step2">step &lt;2&gt;</a>',
        ),
        (link("", "<ac:link-body>here</ac:link-body>", "Step-2"), '<a href="#step2">here</a>'),
        (link("", "", "Step 2"), '<a href="#step2">Step 2</a>'),
        (link('<ri:attachment ri:filename="a.pdf"/>'), '<a href="asset:100%2Fa.pdf%2F1">a.pdf</a>'),
        (link('<ri:content-entity ri:content-id="55"/>', "<ac:link-body>x</ac:link-body>"), '<a href="doc:55">x</a>'),
    ],
)
def test_links_are_symbolic(body: str, expected: str) -> None:
    assert html(body, MemoryWiki(files=["a.pdf"])) == f"<p>{expected} after</p>"


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("https://example.com/?a=1&amp;b=2", "https://example.com/?a=1&amp;b=2"),
        ("mailto:a@example.com", "mailto:a@example.com"),
        (f"{ADDRESS}/spaces/DOC/pages/123/Install+guide#Step-2", "doc:123#step2"),
        ("/wiki/spaces/DOC/pages/123", "doc:123"),
        (f"{ADDRESS}/pages/viewpage.action?pageId=123", "doc:123"),
        (f"{ADDRESS}/display/DOC/Install+guide#Installguide-Step2", "doc:DOC%2FInstall%20guide#step2"),
        ("https://team.atlassian.net/wiki/x/AQAB", "doc:65537"),
        ("#Step-2", "#step2"),
    ],
)
def test_addresses_of_the_wiki_are_pages(href: str, expected: str) -> None:
    assert html(f'<p><a href="{href}">x</a></p>') == f'<p><a href="{expected}">x</a></p>'


@pytest.mark.parametrize(
    "body",
    [
        '<a href="https://team.atlassian.net/wiki/spaces/DOC/overview">x</a>',
        '<a href="/wiki/download/attachments/999/plans.pdf">x</a>',
        '<a href="javascript:alert(1)">x</a>',
        '<a href="asset:1/2/3">x</a>',
        '<a href="doc:1">x</a>',
        '<ac:link><ri:space ri:space-key="x"/></ac:link>',
        '<ac:link><ri:blog-post ri:content-title="x"/></ac:link>',
        '<ac:link><ri:attachment ri:filename="x"/></ac:link>',
    ],
)
def test_links_nobody_could_follow_become_text_and_are_named(body: str) -> None:
    found = converted(f"<p>{body}</p>")
    assert found.html == "<p>x</p>"
    assert found.warnings


def test_a_link_that_shows_an_address_of_the_wiki_is_named() -> None:
    url = f"{ADDRESS}/spaces/DOC/pages/123"
    assert url in converted(f'<p><a href="{url}" data-card-appearance="inline">{url}</a></p>').warnings[0]


def test_text_after_a_link_without_a_body_stays() -> None:
    assert html('<p><ac:link><ri:page ri:content-title="A"/></ac:link> and more</p>').endswith("</a> and more</p>")


def test_a_mention_never_shows_the_account() -> None:
    body = '<p>Ask <ac:link><ri:user ri:account-id="557058:abc"/></ac:link>.</p>'
    wiki = MemoryWiki(people={"557058:abc": "Ann"})
    assert html(body, wiki) == "<p>Ask Ann.</p>"
    assert "Ann" in converted(body, wiki).warnings[0]
    assert html(body) == "<p>Ask .</p>"
    assert html(body, wiki, Style(mention="our team")) == "<p>Ask our team.</p>"


def test_a_smart_link_to_a_video_is_framed() -> None:
    body = '<a href="https://www.youtube.com/watch?v=dQw4w9WgXcQ" data-card-appearance="embed">video</a>'
    assert "<iframe" in html(f"<p>{body}</p>")
    assert "<iframe" not in html(f"<p>{body.replace('embed', 'inline')}</p>")


def image(attributes: str = "", inside: str = "") -> str:
    return f'<ac:image {attributes}><ri:attachment ri:filename="스크린샷 1.png"/>{inside}</ac:image>'


def test_images_have_width_description_and_caption() -> None:
    found = converted(
        image('ac:width="760" ac:original-width="1520" ac:alt="Screen"', "<ac:caption><p>Figure 1</p></ac:caption>"),
        MemoryWiki(files=["스크린샷 1.png"]),
    )
    (asset,) = found.assets
    assert asset.filename == "스크린샷 1.png"
    assert re.fullmatch(
        r'<figure><img src="asset:[^"]+" alt="Screen" width="760"><figcaption>Figure 1</figcaption></figure>',
        found.html,
    )


def test_an_image_in_a_line_stays_in_it() -> None:
    found = html(
        f'<p>a {image()} <a href="https://example.com">{image()}</a></p>', MemoryWiki(files=["스크린샷 1.png"])
    )
    assert "figure" not in found
    assert found.count("<img") == 2


def test_a_file_name_is_found_however_its_letters_are_composed() -> None:
    body = '<ac:image><ri:attachment ri:filename="caf\u00e9.png"/></ac:image>'
    assert "<img" in html(body, MemoryWiki(files=["cafe\u0301.png"]))


@pytest.mark.parametrize("source", ["https://team.atlassian.net/wiki/download/thumbnails/9/a.png", "data:image/png,x"])
def test_an_image_readers_could_not_fetch_is_left_out_and_named(source: str) -> None:
    found = converted(f'<p>x<img src="{source}"/></p>')
    assert found.html == "<p>x</p>"
    assert "left out" in found.warnings[0]


def test_a_missing_image_is_named() -> None:
    assert "스크린샷 1.png" in converted(image()).warnings[0]


@pytest.mark.parametrize(
    ("anchor", "title", "heading"),
    [
        ("Step-2:-go!", "", "Step 2: go!"),
        ("Okta%EC%97%90%EC%84%9C-%EC%84%A4%EC%A0%95", "", "Okta에서 설정"),
        ("Installguide-Step2", "Install guide", "Step 2"),
        ("Step-2.1", "", "Step 2 1"),
    ],
)
def test_confluences_names_of_headings_are_their_ids(anchor: str, title: str, heading: str) -> None:
    assert part_of(anchor, title) == anchor_id(heading)


def test_the_second_heading_of_a_name_is_found_by_confluences_name_of_it() -> None:
    assert 'id="step1"' in html("<h2>Step</h2><h2>Step</h2>")
    assert part_of("Step.1") == "step1"


def test_titles_are_one_name_however_they_are_typed() -> None:
    assert page_name("DOC", "Caf\u00e9  menu ") == page_name("DOC", "Cafe\u0301 menu")


def test_the_end_of_code_that_an_export_tore_apart_is_mended() -> None:
    code = (
        '<ac:structured-macro ac:name="code"><ac:plain-text-body><![CDATA[{}</ac:plain-text-body></ac:structured-macro>'
    )
    assert html(code.format("x]] >")) == "<pre><code>x</code></pre>"
    assert html(code.format("if [[ x ]] >y]]>")) == "<pre><code>if [[ x ]] &gt;y</code></pre>"


@pytest.mark.parametrize(
    "body",
    ["<p>open", "</root><root>", "<!DOCTYPE x [<!ENTITY a 'b'>]><p>&a;</p>", "<x:y/>", "<i>" * 400 + "</i>" * 400],
)
def test_a_body_that_is_no_storage_format_is_refused(body: str) -> None:
    with pytest.raises(BrokenStorage):
        converted(body)


def test_nothing_is_read_from_files_or_the_network(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    with pytest.raises(BrokenStorage):
        parse(f'<!DOCTYPE root [<!ENTITY x SYSTEM "file://{secret}">]><p>&x;</p>')


def test_what_confluence_changes_without_an_edit_changes_nothing() -> None:
    body = (
        '<p local-id="{0}">x</p><ac:structured-macro ac:name="info" ac:macro-id="{0}" ac:local-id="{0}">'
        "<ac:rich-text-body><p>y</p></ac:rich-text-body></ac:structured-macro>"
        '<ac:image ac:original-width="{0}" ac:local-id="{0}"><ri:attachment ri:filename="a.png" '
        'ri:version-at-save="{0}"/></ac:image><p><ac:link><ri:page ri:content-title="A" ri:version-at-save="{0}"/>'
        '</ac:link></p><table ac:local-id="{0}" data-table-width="{0}" data-layout="default"><tbody><tr><td>z</td></tr>'
        "</tbody></table>"
    )
    wiki = MemoryWiki(files=["a.png"])
    assert html(body.format(1), wiki) == html(body.format(222), wiki)


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cf", "Zl", "Zp", "Cn")), min_size=1)
INLINE = ("strong", "em", "u", "code", "span", "sub", "ac:inline-comment-marker", "unknown")
BLOCKS = ("p", "blockquote", "div", "h2", "ul><li")


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def wrapped(tag: str, inside: str) -> str:
    return f"<{tag}>{inside}</{'></'.join(reversed(tag.split('><')))}>"


BODIES = st.recursive(
    st.builds(escaped, WORDS),
    lambda inner: st.builds(
        lambda tag, parts: wrapped(tag, "".join(parts)), st.sampled_from(INLINE + BLOCKS), st.lists(inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=120, deadline=None)
@given(BODIES)
def test_no_text_is_lost_whatever_nests_and_the_html_is_clean(body: str) -> None:
    found = converted(body).html
    assert clean(found).html == found
    assert letters(re.sub(r"<[^>]*>", "", found)) == letters(re.sub(r"<[^>]*>", "", body))


def letters(text: str) -> str:
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", " "), ("&amp;", "&")):
        text = text.replace(entity, character)
    return "".join(text.split())


def test_the_fixture_of_every_construct_leaks_nothing_and_doubles_nothing() -> None:
    body = shared("fixtures/confluence/cloud_constructs.xml").read_text("utf-8")
    files = set(re.findall('ri:filename="([^"]*)"', body)) | {"flow.png"}
    pages = dict.fromkeys(re.findall('ri:content-title="([^"]*)"', body), "<p>Of another page.</p>")
    found = converted(body, MemoryWiki(pages, files, {}))
    for hidden in ("Hidden excerpt", "Owner", "internal", "HD-1", "type here", "557058", "local-id", "macro-id"):
        assert hidden not in found.html
    assert found.html.count("text must appear ONCE.") == 1
    assert found.html.count("Of another page.") == 1
    for kept in ("Body of an unknown macro", "commented words", "no cdata &lt;here&gt;", "arr[idx[0]]&gt;1", "☑ Done"):
        assert kept in found.html
    assert all(name in "".join(found.warnings) for name in ("“vendor-unknown”", "“jira”", "“flow”"))
