"""Every macro, each with the smallest body that has it."""

import json

import pytest

from adapters.confluence.storage.macros import RENDERERS
from adapters.confluence.storage.writing import DEEPEST_INCLUDE, Style
from tests.adapters.confluence.storage.wikis import MemoryWiki, converted, html
from tests.shared import shared


def macro(name: str, /, rich: str | None = None, code: str | None = None, **parameters: str) -> str:
    """A macro; the parameter `_` is the one without a name."""
    inside = "".join(
        f'<ac:parameter ac:name="{key.strip("_")}">{value}</ac:parameter>' for key, value in parameters.items()
    )
    if rich is not None:
        inside += f"<ac:rich-text-body>{rich}</ac:rich-text-body>"
    if code is not None:
        inside += f"<ac:plain-text-body><![CDATA[{code}]]></ac:plain-text-body>"
    return (
        f'<ac:structured-macro ac:name="{name}" ac:schema-version="1" ac:macro-id="1-2">{inside}</ac:structured-macro>'
    )


def page(title: str, space: str = "DOC") -> str:
    return f'<ac:link><ri:page ri:content-title="{title}" ri:space-key="{space}"/></ac:link>'


@pytest.mark.parametrize(
    ("name", "shown"), [("info", "info"), ("tip", "success"), ("note", "warning"), ("warning", "error")]
)
def test_panels_are_what_readers_see_and_not_what_they_are_called(name: str, shown: str) -> None:
    assert html(macro(name, "<p>Text</p>")) == f'<div class="kb-panel kb-{shown}"><p>Text</p></div>'


def test_a_panel_has_its_title_icon_and_colour() -> None:
    body = macro("panel", "<p>T</p>", title="A &lt; B", panelIconText="🚀", bgColor="#EAE6FF", borderColor="url(x)")
    assert html(body) == (
        '<div class="kb-panel kb-custom" style="background-color:#EAE6FF"><p class="kb-icon">🚀</p>'
        '<p class="kb-title"><strong>A &lt; B</strong></p><p>T</p></div>'
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (macro("code", code='if a < b: "&nbsp;"'), '<pre><code>if a &lt; b: "&amp;nbsp;"</code></pre>'),
        (macro("code", code="x", language="py"), '<pre><code class="language-python">x</code></pre>'),
        (macro("code", code="x", language="c#"), '<pre><code class="language-csharp">x</code></pre>'),
        (macro("code", code="x", _="java"), '<pre><code class="language-java">x</code></pre>'),
        (macro("code", code="x", language="&quot;&gt;&lt;b"), "<pre><code>x</code></pre>"),
        (
            macro("code", code="x", title="a.py"),
            "<figure><figcaption>a.py</figcaption><pre><code>x</code></pre></figure>",
        ),
        (
            macro("code", code="x", title="a.py", collapse="true"),
            "<details><summary>a.py</summary><pre><code>x</code></pre></details>",
        ),
        (macro("code", code="a]]]]><![CDATA[>b"), "<pre><code>a]]&gt;b</code></pre>"),
        (macro("noformat", code="  two   blanks "), "<pre>  two   blanks </pre>"),
        (
            '<ac:structured-macro ac:name="code"><ac:plain-text-body>no cdata &lt;x&gt;</ac:plain-text-body>'
            "</ac:structured-macro>",
            "<pre><code>no cdata &lt;x&gt;</code></pre>",
        ),
    ],
)
def test_code_keeps_every_character(body: str, expected: str) -> None:
    assert html(body) == expected


def test_what_folds_folds() -> None:
    assert html(macro("expand", "<p>T</p>", title="More &quot;x&quot;")) == (
        '<details><summary>More "x"</summary><p>T</p></details>'
    )
    assert "<summary>Click here to expand</summary>" in html(macro("expand", "<p>T</p>"))


@pytest.mark.parametrize(("colour", "shown"), [("Green", "green"), ("", "grey"), ("Mauve", "grey")])
def test_a_status_has_its_colour_or_is_grey(colour: str, shown: str) -> None:
    body = f"<p>{macro('status', title='DONE', colour=colour)} now</p>"
    assert html(body) == f'<p><span class="kb-status kb-{shown}">DONE</span> now</p>'


def test_contents_link_to_the_headings_of_their_levels() -> None:
    body = macro("toc", minLevel="2", maxLevel="3", exclude="Hidden.*|Other") + (
        "<h1>Title</h1><h2>One &amp; only</h2><h3>Deep</h3><h4>Deeper</h4><h2>Hidden part</h2><h2>One &amp; only</h2>"
    )
    assert html(body).startswith(
        '<nav class="kb-toc"><ul><li><a href="#oneonly">One &amp; only</a><ul><li><a href="#deep">Deep</a></li></ul>'
        '</li><li><a href="#oneonly1">One &amp; only</a></li></ul></nav><h1 id="title">Title</h1>'
    )


def test_contents_of_nothing_are_nothing() -> None:
    assert html(macro("toc") + "<p>T</p>") == "<p>T</p>"


def test_contents_whose_levels_jump_are_still_a_list() -> None:
    found = html(macro("toc") + "<h3>A</h3><h1>B</h1><h4>C</h4><h2>D</h2>")
    assert found.count("<ul>") == found.count("</ul>")
    assert [found.index(f">{letter}</a>") for letter in "ABCD"] == sorted(
        found.index(f">{letter}</a>") for letter in "ABCD"
    )


def test_an_anchor_is_where_links_to_it_lead() -> None:
    link = '<ac:link ac:anchor="My place"><ac:plain-text-link-body><![CDATA[go]]></ac:plain-text-link-body></ac:link>'
    assert html(f"<p>{macro('anchor', _='My place')}Here</p><p>{link}</p>") == (
        '<p><span id="myplace"></span>Here</p><p><a href="#myplace">go</a></p>'
    )


@pytest.mark.parametrize("name", ["details", "excerpt"])
def test_hidden_text_is_not_printed(name: str) -> None:
    assert html(macro(name, "<p>Owner: Ann</p>", hidden="true")) == ""
    assert html(macro(name, "<p>Text</p>")) == "<p>Text</p>"


def test_columns_come_one_after_another() -> None:
    body = macro("section", macro("column", "<p>a</p>", width="30%") + macro("column", "<p>b</p>"))
    assert html(body) == "<div><div><p>a</p></div><div><p>b</p></div></div>"


@pytest.mark.parametrize(
    ("url", "framed"),
    [
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"),
        ("https://youtu.be/dQw4w9WgXcQ", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"),
        ("https://vimeo.com/12345", "https://player.vimeo.com/video/12345"),
        ("https://www.loom.com/share/abc123", "https://www.loom.com/embed/abc123"),
    ],
)
def test_a_video_of_a_host_that_help_centres_show_is_framed(url: str, framed: str) -> None:
    assert f'<iframe src="{framed}"' in html(macro("widget", url=f'<ri:url ri:value="{url}"/>'))


def test_a_video_of_another_host_is_a_link() -> None:
    assert html(macro("widget", url='<ri:url ri:value="https://tv.example/1"/>')) == (
        '<p><a href="https://tv.example/1">https://tv.example/1</a></p>'
    )


def test_another_page_stands_inside_with_its_own_links_and_files() -> None:
    wiki = MemoryWiki({"Footer": f'<p>{page("Other")}</p><ac:image><ri:attachment ri:filename="a.png"/></ac:image>'})
    wiki = MemoryWiki(wiki._pages, ["a.png"])
    found = converted(macro("include", _=page("Footer")), wiki)
    assert found.depends == ("id of Footer",)
    assert [asset.ref for asset in found.assets] == ["id of Footer/a.png/1"]
    assert found.html.startswith('<p><a href="doc:DOC%2FOther">Other</a></p><figure><img')


def test_pages_that_include_each_other_end() -> None:
    wiki = MemoryWiki(
        {"A": f"<p>a</p>{macro('include', _=page('B'))}", "B": f"<p>b</p>{macro('include', _=page('A'))}"}
    )
    found = converted(macro("include", _=page("A")), wiki)
    assert found.html == "<p>a</p><p>b</p>"
    assert found.warnings == ("the page “A” is not included: it includes itself",)


def test_inclusion_ends_somewhere() -> None:
    chain = {f"P{n}": f"<p>{n}</p>{macro('include', _=page(f'P{n + 1}'))}" for n in range(10)}
    found = converted(macro("include", _=page("P0")), MemoryWiki(chain))
    assert found.html == "".join(f"<p>{n}</p>" for n in range(DEEPEST_INCLUDE))


def test_a_page_that_may_not_be_shown_is_named_in_the_warnings_alone() -> None:
    for title, space, why in (("Plans", "HR", "the space HR"), ("Nothing", "DOC", "no such page")):
        found = converted("<p>x</p>" + macro("include", _=page(title, space)))
        assert found.html == "<p>x</p>"
        assert why in found.warnings[0]


def test_a_broken_page_inside_breaks_only_itself() -> None:
    found = converted("<p>x</p>" + macro("include", _=page("Bad")), MemoryWiki({"Bad": "<p>open"}))
    assert found.html == "<p>x</p>"
    assert "not included" in found.warnings[0]


def test_an_excerpt_is_shown_where_others_include_it() -> None:
    source = macro("excerpt", "<p>first</p>", hidden="true") + macro("excerpt", "<p>second</p>", name="two")
    wiki = MemoryWiki({"Source": f"<p>rest</p>{source}"})
    assert html(macro("excerpt-include", _=page("Source")), wiki) == "<p>first</p>"
    assert html(macro("excerpt-include", _=page("Source"), name="two"), wiki) == "<p>second</p>"
    assert html(macro("excerpt-include", _=page("Source"), name="three"), wiki) == ""


def test_lists_of_children_are_made_when_it_is_known_what_is_published() -> None:
    assert html(macro("children")) == '<ul data-children="100" data-depth="1"></ul>'
    assert html(macro("children", depth="3")) == '<ul data-children="100" data-depth="3"></ul>'
    assert html(macro("children", all="true")) == '<ul data-children="100" data-depth="10"></ul>'
    assert html(macro("children", page=page("A/B"))) == '<ul data-children="DOC%2FA%2FB" data-depth="1"></ul>'
    assert html(macro("pagetree")) == '<ul data-children="1" data-depth="10"></ul>'
    for root, named in (("@self", "100"), ("@parent", "10"), ("@home", "1")):
        body = macro("pagetree", root=f'<ac:link><ri:page ri:content-title="{root}"/></ac:link>')
        assert html(body) == f'<ul data-children="{named}" data-depth="10"></ul>'


def test_files_are_links() -> None:
    wiki = MemoryWiki(files=["a b.pdf"])
    body = macro("view-file", name='<ri:attachment ri:filename="a b.pdf"/>')
    assert html(body, wiki) == '<p><a href="asset:100%2Fa%20b.pdf%2F1">a b.pdf</a></p>'
    assert html(body) == "<p>a b.pdf</p>"
    assert html(macro("attachments"), wiki) == (
        '<ul class="kb-files"><li><a href="asset:100%2Fa%20b.pdf%2F1">a b.pdf</a></li></ul>'
    )


def test_files_chosen_by_a_filter_nobody_knows_are_not_shown() -> None:
    found = converted(macro("attachments", patterns=".*pdf"), MemoryWiki(files=["a.pdf", "secret.txt"]))
    assert (found.html, found.assets) == ("", ())
    assert "filter" in found.warnings[0]


def test_a_gallery_shows_the_images_it_names() -> None:
    wiki = MemoryWiki(files=["a.png", "b.png", "c.txt"])
    assert html(macro("gallery"), wiki).count("<figure>") == 2
    assert "b.png" not in html(macro("gallery", exclude="b.png"), wiki)


@pytest.mark.parametrize(
    ("name", "parameter", "stated"),
    [("drawio", "diagramName", "flow"), ("drawio", "diagramName", "flow.drawio"), ("gliffy", "name", "flow")],
)
def test_a_drawing_is_the_picture_that_was_saved_with_it(name: str, parameter: str, stated: str) -> None:
    found = converted(macro(name, **{parameter: stated}), MemoryWiki(files=["flow.png"]))
    assert found.html == '<figure><img src="asset:100%2Fflow.png%2F1" alt="flow"></figure>'
    lost = converted(macro(name, **{parameter: stated}))
    assert lost.html == ""
    assert "no picture" in lost.warnings[0]


@pytest.mark.parametrize("name", ["jira", "profile", "contentbylabel", "tasks-report-macro", "detailssummary"])
def test_what_only_confluence_can_show_is_left_out_with_a_warning(name: str) -> None:
    found = converted("<p>x</p>" + macro(name, "<p>Secret summary</p>", key="HD-1"))
    assert found.html == "<p>x</p>"
    assert f"“{name}”" in found.warnings[0]


@pytest.mark.parametrize("name", ["livesearch", "recently-updated", "create-from-template"])
def test_tools_of_the_wiki_are_left_out_without_a_word(name: str) -> None:
    found = converted("<p>x</p>" + macro(name))
    assert (found.html, found.warnings) == ("<p>x</p>", ())


def test_a_macro_nobody_knows_keeps_its_text_and_is_named() -> None:
    rich, code = converted(macro("vendor", "<p>T</p>")), converted(macro("vendor", code="a  <b>"))
    nothing = converted("<p>x</p>" + macro("vendor", secret="no text"))
    assert (rich.html, code.html, nothing.html) == ("<p>T</p>", "<pre>a  &lt;b&gt;</pre>", "<p>x</p>")
    assert all("“vendor” is not known" in found.warnings[0] for found in (rich, code, nothing))


def test_html_of_its_own_is_cleaned_and_can_name_no_files_or_pages() -> None:
    code = '<div onclick="x"><script>alert(1)</script><b>Bold</b><img src="asset:1/2/3"><a href="doc:1">d</a>'
    found = converted(macro("html", code=code), MemoryWiki(files=["a.png"]))
    assert found.html == "<div><strong>Bold</strong>d</div>"
    assert found.assets == ()
    assert found.warnings


def test_players_and_frames_of_somebodys_own_html_are_kept_as_far_as_readers_can_fetch_them() -> None:
    code = '<video controls src="https://cdn.example/a.mp4"></video><iframe src="https://player.vimeo.com/video/1">'
    found = html(macro("html", code=code))
    assert 'src="https://cdn.example/a.mp4"' in found
    assert '<iframe src="https://player.vimeo.com/video/1"' in found
    inside = converted(macro("html", code='<video src="/wiki/download/attachments/9/a.mp4">words</video>'))
    assert inside.html == "<p>words</p>"
    assert "video" in "".join(inside.warnings)


def test_a_page_says_in_its_language_when() -> None:
    body = '<p>Due <time datetime="2026-10-01"/></p>'
    assert html(body) == '<p>Due <time datetime="2026-10-01">October 1, 2026</time></p>'
    assert ">1 октября 2026 г.<" in html(body, style=Style(language="ru")).replace("\u202f", " ").replace("&nbsp;", " ")


def test_every_macro_of_the_map_is_known() -> None:
    named = json.loads(shared("data/confluence_macro_map.json").read_text("utf-8"))
    elsewhere = {"_note", "task-list", "emoticon", "time", "user mention", "placeholder", "inline-comment-marker"}
    elsewhere |= {"layout/section/column"}
    macros = {name for name in named if "/" not in name and "*" not in name and name not in elsewhere}
    assert macros <= set(RENDERERS)
