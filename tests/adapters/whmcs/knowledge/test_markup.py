"""The addon's last look at a body: what must never reach a reader is refused, what Deskside cleaned is not."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskside.markup.allowed import clean
from tests.adapters.whmcs.addon.php import run

CODE = """
$found = [];
foreach (json_decode($argv[1]) as $html) {
    try {
        WHMCS\\\\Module\\\\Addon\\\\Deskside\\\\Knowledge\\\\Markup::demandHarmless($html);
        $found[] = '';
    } catch (WHMCS\\\\Module\\\\Addon\\\\Deskside\\\\Knowledge\\\\Refused $refused) {
        $found[] = $refused->name;
    }
}
echo json_encode($found);
""".replace("\\\\", "\\")
HARMFUL = [
    "<script>1</script>",
    "<SCRIPT src=//a.example>",
    "<p onclick=x>",
    '<p title="a>b" onclick="x">',
    '<img src=x oNeRrOr="x">',
    '<img/onerror="x"/src=x>',
    '<p title="x"onclick="y">',
    '<a href="javascript:x">',
    '<a href=" java\tscript:x">',
    '<a href="&#106;avascript:x">',
    "<a href='JaVaScRiPt&colon;x'>",
    '<a href="data:text/html,x">',
    '<a href="doc:unresolved">',
    '<iframe srcdoc="x">',
    "<svg><path></svg>",
    "<form><input></form>",
    "<style>*{}</style>",
    "<!-- a comment -->",
    "<p",
    '<p title="never closed>',
    "</",
    "<my-element>",
    "<base href=x>",
]
HARMLESS = [
    "",
    "a < b and b > c, <3",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    '<p title="onclick=x">once = 1</p>',
    '<a href="https://a.example/?a=1&amp;b=2#c">x</a>',
    '<a href="/relative:thing">x</a>',
    '<a href="#part">x</a><a href="mailto:a@b.example">m</a><a href="tel:+1">t</a>',
    '<img src="https://a.example/x.png" alt="a &gt; b">',
    '<details open=""><summary>More</summary>text</details>',
]
MARKUP = st.lists(
    st.one_of(
        st.text(max_size=12),
        st.sampled_from(
            ["<p>", "</p>", "<a href='", "'>", '"', "<b>", "<script>", "onclick=", "<!--", "-->", "&lt;", "<"]
        ),
        st.sampled_from(HARMFUL + HARMLESS),
    ),
    max_size=12,
).map("".join)


def judged(texts: list[str]) -> list[str]:
    found: list[str] = run(CODE, json.dumps(texts).replace("\\u0000", ""))
    return found


def test_what_must_never_reach_a_reader_is_refused() -> None:
    assert dict(zip(HARMFUL, judged(HARMFUL), strict=True)) == dict.fromkeys(HARMFUL, "unsafe")


def test_what_is_only_text_passes() -> None:
    assert dict(zip(HARMLESS, judged(HARMLESS), strict=True)) == dict.fromkeys(HARMLESS, "")


@settings(max_examples=25, deadline=None)
@given(st.lists(MARKUP, min_size=5, max_size=30))
def test_whatever_deskside_cleaned_passes(texts: list[str]) -> None:
    cleaned = [clean(text).html for text in texts]
    kept = [text for text in cleaned if "doc:" not in text and "asset:" not in text]
    assert set(judged(kept)) <= {""}


@pytest.mark.parametrize("size", [200_000])
def test_a_long_body_is_judged_too(size: int) -> None:
    found = run(
        "$p = str_repeat('<p class=\"a\">x</p>', (int) $argv[1]);"
        "try { WHMCS\\Module\\Addon\\Deskside\\Knowledge\\Markup::demandHarmless($p); echo 'true'; }"
        "catch (Exception $e) { echo 'false'; }",
        str(size // 16),
    )
    assert found is True
