"""The text of HTML, as somebody reads it aloud."""

from deskside.markup.plain import text


def test_blocks_and_cells_are_lines() -> None:
    html = "<h1>A</h1><p>b  c\nd<br>e&nbsp;f</p><ul><li>1<li>2</ul><table><tr><td>3<td>4</table>g"
    assert text(html) == "A\nb c d\ne f\n1\n2\n3\n4\ng"


def test_lines_inside_pre_stay() -> None:
    assert text("<pre>a\nb</pre><p>c\nd</p>") == "a\nb\nc d"


def test_what_nobody_sees_is_left_out() -> None:
    assert text("<script>a</script><style>b</style>c<svg><text>d</text></svg><!-- e -->") == "c"


def test_inline_marks_do_not_part_a_word() -> None:
    assert text("in<strong>line</strong>d &lt;tag&gt;") == "inlined <tag>"


def test_nothing_has_no_text() -> None:
    assert text("") == ""
    assert text("<p>&nbsp;</p>") == ""
