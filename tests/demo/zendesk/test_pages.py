import pytest
import requests

from deskside.demo.zendesk import SimulatedZendesk, sanitise
from tests.demo.zendesk.tools import Caller


def get(zendesk: SimulatedZendesk, path: str) -> requests.Response:
    return requests.get(zendesk.url + path, timeout=10)


def test_the_queue_is_shown_in_the_order_of_the_key(zendesk: SimulatedZendesk, api: Caller, client_id: int) -> None:
    key = zendesk.add_ticket_field("text", "Key")
    zendesk.create_ticket(client_id, "Second", "t", custom_fields={key: "0002"})
    zendesk.create_ticket(client_id, "First", "t", custom_fields={key: "0001"})
    output = {"columns": ["nice_id", key], "sort_by": str(key), "sort_order": "asc"}
    condition = {"field": "status", "operator": "less_than", "value": "solved"}
    api.call("POST", "/views", {"view": {"title": "Fair queue", "all": [condition], "output": output}})
    text = get(zendesk, "/").text
    assert "Fair queue" in text
    assert text.index("First") < text.index("Second")


def test_a_note_stands_apart_and_what_a_client_wrote_is_only_text(
    zendesk: SimulatedZendesk, api: Caller, client_id: int
) -> None:
    ticket_id = zendesk.create_ticket(client_id, "<script>alert(1)</script>", "<img src=x onerror=alert(2)>\x00")
    note = '<p>Down <a href="https://status.example/" onclick="x()">status</a><a href="javascript:x()">bad</a></p>'
    api.put_ticket(ticket_id, comment={"html_body": note, "public": False})
    page = get(zendesk, f"/agent/tickets/{ticket_id}")
    assert '<article class="private">' in page.text
    assert '<a href="https://status.example/" rel="nofollow noopener">status</a>' in page.text
    assert "&lt;img src=x onerror=alert(2)&gt;" in page.text
    for evil in ("<script>alert", "<img", "onclick", "javascript:", "\x00"):
        assert evil not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_its_own_style_sheet_is_served(zendesk: SimulatedZendesk) -> None:
    assert 'href="/static/zendesk/simulated.css"' in get(zendesk, "/").text
    assert get(zendesk, "/static/zendesk/simulated.css").headers["Content-Type"].startswith("text/css")


def test_an_unknown_ticket_is_404(zendesk: SimulatedZendesk) -> None:
    assert get(zendesk, "/agent/tickets/4711").status_code == 404


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("<p>a<br>b</p>", "<p>a<br>b</p>"),
        ("<ul><li>a<li>b</ul>", "<ul><li>a<li>b</li></li></ul>"),
        ("<p>open", "<p>open</p>"),
        ("</p></div>x", "x"),
        ("<style>p{}</style><b class='x'>b</b>", "<b>b</b>"),
        (
            "<a href='HTTPS://x.example/?a=1&b=\"'>x</a>",
            '<a href="HTTPS://x.example/?a=1&amp;b=&quot;" rel="nofollow noopener">x</a>',
        ),
        ("<a href='data:text/html,x'>x</a>", "<a>x</a>"),
        ("&lt;script&gt;", "&lt;script&gt;"),
        ("<table><tr><td>x</td></tr></table>", "x"),
        ("<!-- x --><scr<script>ipt>y", "ipt&gt;y"),
    ],
)
def test_only_the_allowed_tags_are_shown(given: str, kept: str) -> None:
    shown = sanitise.shown(given)
    assert "<script" not in shown
    if "scr<" not in given:
        assert shown == kept
