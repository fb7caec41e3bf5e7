"""Promises of the queue page."""

import re

from flask.testing import FlaskClient

from tests.webhooks.desk import DOWN, HOSTILE, SLA, VIP, Shelf, text


def order(html: str) -> list[str]:
    return re.findall(r'<span class="number">#([^<]+)</span>', html)


def test_tickets_stand_in_the_order_of_their_keys(agent: FlaskClient, shelf: Shelf) -> None:
    shelf.ticket("1", minute=0)
    shelf.ticket("2", minute=30, contributions=[VIP])
    shelf.ticket("3", minute=90, contributions=[DOWN], health="down")
    html = text(agent, "/queue?pool=Support")
    assert order(html) == ["3", "2", "1"]
    assert re.findall(r'<span class="unseen">Position </span>(\d+)', html) == ["1", "2", "3"]


def test_every_ticket_says_why_it_stands_there(agent: FlaskClient, shelf: Shelf) -> None:
    shelf.ticket("1", minute=0, contributions=[VIP])
    shelf.ticket("2", minute=20)
    html = text(agent, "/queue")
    assert "the ticket has the tag vip" in html
    assert "#1 came 20 min before #2, with 1 h of head start against 0 min" in html
    assert "It is next: nobody stands before it." in html
    assert "Cannot be overtaken after <time" in html


def test_the_reason_needs_no_javascript(agent: FlaskClient, shelf: Shelf) -> None:
    shelf.ticket("1", contributions=[SLA])
    html = text(agent, "/queue")
    details = re.search(r'<details id="why-\d+" class="why">(.*?)</details>', html, re.DOTALL)
    assert details is not None
    assert "<summary" in details[1]
    assert "first reply is due in 240 min" in details[1]


def test_health_is_a_word_and_a_shape_not_only_a_colour(agent: FlaskClient, shelf: Shelf) -> None:
    for number, word in enumerate(("down", "degraded", "ok", "unknown", "")):
        shelf.ticket(str(number), minute=number, health=word)
    html = text(agent, "/queue?pool=Support")
    shown = re.findall(r'<div class="row">.*?<svg.*?>(.*?)</svg><span>([^<]+)</span>', html, re.DOTALL)
    assert [word for _, word in shown] == ["down", "degraded", "ok", "unknown", "not checked"]
    assert len({shape for shape, _ in shown}) == 5


def test_without_a_pool_every_pool_shows_its_head(agent: FlaskClient, shelf: Shelf) -> None:
    for number in range(7):
        shelf.ticket(f"s{number}", minute=number)
    shelf.ticket("b0", pool="Billing & sales")
    html = text(agent, "/queue")
    assert order(html) == ["b0", "s0", "s1", "s2", "s3", "s4"]
    assert "all 7" in html
    assert 'href="/queue?pool=Billing+%26+sales"' in html or 'href="/queue?pool=Billing%20%26%20sales"' in html


def test_the_bar_counts_pools_their_oldest_wait_and_dead_servers(agent: FlaskClient, shelf: Shelf) -> None:
    shelf.ticket("1", minute=60, health="down")
    shelf.ticket("2", minute=120)
    shelf.ticket("3", minute=180, pool="Billing")
    html = text(agent, "/queue")
    bar = re.search(r'<nav id="pools".*?</nav>', html, re.DOTALL)
    assert bar is not None
    assert re.findall(r"<b>(\d+)</b>", bar[0]) == ["3", "2", "1"]
    assert bar[0].count("1 server down") == 2
    assert re.findall(r"oldest ([^<]+)<", bar[0]) == ["5 h", "5 h", "3 h"]


def test_twenty_a_page_and_more_on_demand(agent: FlaskClient, shelf: Shelf) -> None:
    for number in range(45):
        shelf.ticket(str(number), minute=number)
    first = text(agent, "/queue?pool=Support")
    assert order(first) == [str(number) for number in range(20)]
    assert "25 further" in first
    assert "show=40" in first
    assert len(order(text(agent, "/queue?pool=Support&show=40"))) == 40


def test_a_later_page_counts_on_and_knows_who_stands_before_it(agent: FlaskClient, shelf: Shelf) -> None:
    for number in range(23):
        shelf.ticket(str(number), minute=number)
    html = text(agent, "/queue?pool=Support&from=20")
    assert order(html) == ["20", "21", "22"]
    assert re.findall(r"Position </span>(\d+)", html) == ["21", "22", "23"]
    assert "#19 came 1 min before #20" in html


def test_a_poll_gets_only_the_list(agent: FlaskClient, shelf: Shelf) -> None:
    shelf.ticket("1")
    fragment = text(agent, "/queue?fragment=1")
    assert order(fragment) == ["1"]
    assert "<html" not in fragment
    assert "csrf_token" not in fragment


def test_a_poll_asks_for_what_the_page_shows(agent: FlaskClient, shelf: Shelf) -> None:
    for number in range(50):
        shelf.ticket(str(number), minute=number)
    html = text(agent, "/queue?pool=Support&show=40&from=2")
    poll = re.search(r'hx-get="([^"]+)"', html)
    assert poll is not None
    fragment = text(agent, poll[1].replace("&amp;", "&"))
    assert order(fragment) == order(html)


def test_an_empty_queue_says_so_kindly(agent: FlaskClient) -> None:
    assert "Nobody waits" in text(agent, "/queue")
    assert "There is no waiting ticket in Night shift." in text(agent, "/queue?pool=Night+shift")


def test_a_pinned_ticket_is_marked(agent: FlaskClient, shelf: Shelf) -> None:
    shelf.ticket("1", pinned=True, overtaken=150)
    html = text(agent, "/queue")
    assert '<b class="pin">pinned</b>' in html
    assert "150 later tickets were let ahead, that is enough." in html


def test_a_ticket_that_was_taken_is_gone(agent: FlaskClient, shelf: Shelf) -> None:
    shelf.ticket("1")
    shelf.ticket("2", minute=5)
    shelf.take("1")
    assert order(text(agent, "/queue")) == ["2"]


def test_hostile_text_is_shown_and_never_run(agent: FlaskClient, shelf: Shelf) -> None:
    reason = VIP.__class__("vip_tag", 60, VIP.scale, HOSTILE)
    shelf.ticket(
        "1", subject=HOSTILE, client=HOSTILE, headline=HOSTILE, health="ok", pool=HOSTILE, contributions=[reason]
    )
    html = text(agent, "/queue")
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" in html
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e]", html)


def test_nonsense_in_the_address_is_no_error(agent: FlaskClient, shelf: Shelf) -> None:
    shelf.ticket("1")
    for query in ("show=x", "from=-5", "show=999999999999999999999", "from=99999999999999999999999", "pool=%00"):
        assert agent.get(f"/queue?pool=Support&{query}").status_code == 200
    assert agent.get("/queue?pool=%00").status_code == 200


def test_the_start_leads_to_the_queue(agent: FlaskClient) -> None:
    answer = agent.get("/")
    assert (answer.status_code, answer.location) == (302, "/queue")
