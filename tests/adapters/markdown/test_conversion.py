"""Markdown becomes the HTML of documents."""

import pytest

from adapters.markdown.conversion import Converted, Surroundings, convert, slug

FILES = {"guides/b.md": "b", "img/a b.png": "v1", "guides/страница.md": "п"}


def html(text: str, title: str = "", language: str = "en-us", path: str = "guides/a.md") -> Converted:
    def document(target: str) -> str | None:
        return FILES.get(target) if target.endswith(".md") else None

    def file(target: str) -> tuple[str, str] | None:
        return (target, FILES[target]) if target in FILES else None

    return convert(text, title, Surroundings(path, language, document, file))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a ~~b~~ **c** `d`", "<p>a <s>b</s> <strong>c</strong> <code>d</code></p>"),
        ("- [x] a\n- [ ] b", '<li class="task-list-item">☑ a</li>\n<li class="task-list-item">☐ b</li>'),
        ("|a|\n|-:|\n|1|", '<td style="text-align:right">1</td>'),
        ("```sh\nls <x>\n```", '<pre><code class="language-sh">ls &lt;x&gt;\n</code></pre>'),
        ("a[^1]\n\n[^1]: b", '<a href="#fn1" id="fnref1">[1]</a>'),
        ("a\n: b", "<dt>a</dt>\n<dd>b</dd>"),
        ("see https://example.org/a", '<a href="https://example.org/a">https://example.org/a</a>'),
        (
            "::: warning Mind *this*\nb\n:::",
            '<div class="kb-panel kb-warning">\n<p class="kb-title"><strong>Mind *this*</strong>',
        ),
        ("::: info\nb\n:::", '<div class="kb-panel kb-info">\n<p>b</p>\n</div>'),
        (
            "> [!TIP]\n> b",
            '<div class="kb-panel kb-tip">\n<p class="kb-title"><strong>Tip</strong></p>\n<p>b</p>\n</div>',
        ),
        ("<details><summary>a</summary>\n\n*b*\n</details>", "<details><summary>a</summary>\n<p><em>b</em></p>"),
        ("a<!-- b -->c", "<p>ac</p>"),
        ("<b>a</b>", "<p><strong>a</strong></p>"),
        ('<ul data-children="a" data-depth="2"></ul>', '<ul data-children="a" data-depth="2"></ul>'),
    ],
)
def test_the_dialect(text: str, expected: str) -> None:
    converted = html(text)
    assert expected in converted.html
    assert converted.warnings == {}


def test_titles_of_alerts_stay_english_only_in_english() -> None:
    assert html("> [!NOTE]\n> Текст", language="ru").html == '<div class="kb-panel kb-note">\n\n<p>Текст</p>\n</div>'


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("What's new in 2.0?", "whats-new-in-20"),
        ("a_b - C", "a_b---c"),
        ("Как перенести сайт", "как-перенести-сайт"),
        ("日本語 ページ", "日本語-ページ"),
        ("हिन्दी", "हिन्दी"),
        ("🚀 Go", "-go"),
    ],
)
def test_headings_have_the_ids_github_gives_them(heading: str, expected: str) -> None:
    assert slug(heading) == expected
    assert f'<h2 id="{expected}">' in html(f"## {heading}").html


def test_ids_are_unique_and_an_authors_own_stay() -> None:
    converted = html("## A\n\n## A\n\n<h2 id='a-2'>A</h2>\n\n## A\n\n## !")
    assert [part.split('"')[0] for part in converted.html.split('id="')[1:]] == ["a", "a-1", "a-2", "a-3", "section"]


def test_the_title_is_not_said_twice() -> None:
    assert html("# A\n\nb").html == "<p>b</p>"
    assert html("# A\n\nb", title="A").html == "<p>b</p>"
    assert html("# A\n\nb", title="B").html == '<h1 id="a">A</h1>\n<p>b</p>'
    assert html("b\n\n# A").html == '<p>b</p>\n<h1 id="a">A</h1>'
    assert html("# A\n\n## A\n\n[x](#a-1)").html == '<h2 id="a-1">A</h2>\n<p><a href="#a-1">x</a></p>'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[x](b.md)", 'href="doc:b"'),
        ("[x](./b.md#part-1)", 'href="doc:b#part-1"'),
        ("[x](../guides/b.md?plain=1)", 'href="doc:b"'),
        ("[x](/guides/b.md)", 'href="doc:b"'),
        ("[x](страница.md#кот)", 'href="doc:%D0%BF#%D0%BA%D0%BE%D1%82"'),
        ("<a href='b.md'>x</a>", 'href="doc:b"'),
        ("[x][1]\n\n[1]: b.md", 'href="doc:b"'),
        ("![x](../img/a%20b.png)", 'src="asset:v1%2Fimg%2Fa%20b.png"'),
        ("![x](<../img/a b.png>)", 'src="asset:v1%2Fimg%2Fa%20b.png"'),
        ("<img src='../img/a b.png' width=10>", 'src="asset:v1%2Fimg%2Fa%20b.png" width="10"'),
        ("[x](../img/a%20b.png)", 'href="asset:v1%2Fimg%2Fa%20b.png"'),
        ("[x](/hc/en-us/articles/1)", 'href="/hc/en-us/articles/1"'),
        ("[x](//example.org/b.md)", 'href="//example.org/b.md"'),
        ("[x](mailto:a@example.com)", 'href="mailto:a@example.com"'),
        ("## A\n\n[x](#a)", 'href="#a"'),
        ("[x](#top)", 'href="#top"'),
    ],
)
def test_links_to_files_become_symbolic_and_others_stay(text: str, expected: str) -> None:
    converted = html(text)
    assert expected in converted.html
    assert converted.warnings == {}


@pytest.mark.parametrize(
    ("text", "expected", "warning"),
    [
        ("[x](none.md)", "<p>x</p>", "'none.md' is not in the folder and left out."),
        ("![x](none.png)", "<p>x</p>", "'none.png' is not in the folder and left out."),
        ("[x](../../etc/passwd)", "<p>x</p>", "'../../etc/passwd' is outside of the folder and left out."),
        ("[x](#none)", '<p><a href="#none">x</a></p>', "The link to '#none' leads to no heading."),
        ("a<script>b</script>", "<p>a</p>", "Not shown by help centres and left out: a script."),
        ("<a href='javascript:x'>a</a>", "<p><a>a</a></p>",
         "Not shown by help centres and left out: an address that begins with javascript:."),
    ],
)  # fmt: skip
def test_what_leads_nowhere_or_is_not_shown_is_said(text: str, expected: str, warning: str) -> None:
    converted = html(text)
    assert (converted.html, list(converted.warnings)) == (expected, [warning])


def test_an_author_names_documents_by_id_and_files_only_by_path() -> None:
    converted = html("[a](doc:b#c) <img src='asset:0/../../etc/passwd' alt=d>")
    assert converted.html == '<p><a href="doc:b#c">a</a> d</p>'
    assert list(converted.warnings) == ["'asset:0/../../etc/passwd' is no path and left out."]
