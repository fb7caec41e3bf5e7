import requests

from deskside.demo.whmcs import SimulatedWhmcs
from tests.demo.clock import SettableClock
from tests.demo.whmcs.tools import Caller


def get(whmcs: SimulatedWhmcs, path: str) -> requests.Response:
    return requests.get(whmcs.url + path, timeout=10)


def test_agents_see_who_waits_by_the_last_word(
    whmcs: SimulatedWhmcs, clock: SettableClock, client: int, department: int, agent: int
) -> None:
    whmcs.create_ticket(client, "Earlier", "t", department_id=department)
    clock.forward(60)
    whmcs.create_ticket(client, "Later", "t", department_id=department)
    done = whmcs.create_ticket(client, "Answered one", "t", department_id=department)
    whmcs.agent_reply(done, agent, "Hello")
    page = get(whmcs, "/").text
    assert page.index("Later") < page.index("Earlier") < page.index("Lately answered") < page.index("Answered one")
    assert "Client &amp; Sons" in page
    assert "whom to answer next" not in page


def test_the_addons_panel_stands_above_the_list(
    whmcs: SimulatedWhmcs, client: int, department: int, ticket: int
) -> None:
    other = whmcs.create_ticket(client, "Other", "t", department_id=department)
    gone = 99
    whmcs.show_panel(lambda: [other, gone, ticket])
    page = get(whmcs, "/admin/supporttickets.php").text
    assert page.index("whom to answer next") < page.index("Other") < page.index("Site down")
    assert page.index("Site down") < page.index("awaiting reply")
    assert whmcs.queue() == [other, ticket]


def test_a_note_is_for_agents_only(whmcs: SimulatedWhmcs, api: Caller, ticket: int, agent: int) -> None:
    api.ask("AddTicketNote", ticketid=ticket, message="**down** since 9", markdown="true")
    whmcs.agent_reply(ticket, agent, "We look")
    for action in ("view", "viewticket"):
        page = get(whmcs, f"/admin/supporttickets.php?action={action}&id={ticket}").text
        assert '<article class="private">' in page
        assert "<strong>down</strong> since 9" in page
    row = whmcs.ticket(ticket)
    seen = get(whmcs, f"/viewticket.php?tid={row.tid}&c={row.c}").text
    assert "We look" in seen
    assert "since 9" not in seen


def test_a_client_needs_the_number_and_the_code(whmcs: SimulatedWhmcs, ticket: int) -> None:
    row = whmcs.ticket(ticket)
    assert get(whmcs, f"/viewticket.php?tid={row.tid}&c=guess").status_code == 404
    assert get(whmcs, f"/viewticket.php?tid={row.tid}").status_code == 404
    assert get(whmcs, "/admin/supporttickets.php?action=view&id=4711").status_code == 404


def test_what_was_written_is_only_text(whmcs: SimulatedWhmcs, api: Caller, client: int, department: int) -> None:
    subject, text = "<script>alert(1)</script>", "<img src=x onerror=alert(2)>\x00\x1b[31m\nnext"
    ticket = whmcs.create_ticket(client, subject, text, department_id=department)
    note = "<b onclick=x()>b</b> [bad](javascript:x()) ![i](http://evil.example/x.png) [good](https://status.example/)"
    api.ask("AddTicketNote", ticketid=ticket, message=note, markdown="1")
    page = get(whmcs, f"/admin/supporttickets.php?action=view&id={ticket}")
    assert '<a href="https://status.example/">good</a>' in page.text
    assert "&lt;img src=x onerror=alert(2)&gt;[31m<br>next" in page.text
    for evil in ("<script>", "<img", "<b on", 'href="javascript', "\x00", "\x1b"):
        assert evil not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Referrer-Policy"] == "no-referrer"


def test_its_own_style_sheet_is_served(whmcs: SimulatedWhmcs) -> None:
    assert 'href="/static/whmcs/simulated.css"' in get(whmcs, "/").text
    assert get(whmcs, "/static/whmcs/simulated.css").headers["Content-Type"].startswith("text/css")
