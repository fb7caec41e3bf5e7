"""Promises of the client's own page: place and time of one ticket, and nothing else."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from itsdangerous import URLSafeSerializer
from werkzeug.test import TestResponse

from deskside.settings import Settings
from deskside.store.database import reading
from deskside.store.tables import estimate
from tests.webhooks.desk import HOSTILE, Shelf
from webhooks import place_tokens

KEY = "only for tests"
SECRET = "Kann-niemand-wissen"


def page(client: FlaskClient, ticket_id: str = "7", language: str = "en", query: str = "") -> str:
    answer = opened(client, ticket_id, language, query)
    assert answer.status_code == 200
    return answer.get_data(as_text=True).replace("\N{NO-BREAK SPACE}", " ")


def opened(client: FlaskClient, ticket_id: str = "7", language: str = "en", query: str = "") -> TestResponse:
    token = place_tokens.make(KEY, "zendesk", ticket_id)
    return client.get(f"/place/{token}{query}", headers={"Accept-Language": language})


@pytest.fixture
def waiting(shelf: Shelf) -> Shelf:
    """The ticket 7 waits third in a pool that takes one in ten minutes."""
    shelf.pace(10)
    shelf.ticket("1", subject=SECRET, client=SECRET)
    shelf.ticket("2", minute=5, subject=SECRET)
    shelf.ticket("7", minute=30, subject=SECRET, client=SECRET, requester_name=SECRET, health_headline=SECRET)
    return shelf


def test_a_client_sees_place_and_range(anonymous: FlaskClient, waiting: Shelf) -> None:
    html = page(anonymous)
    assert "Number 3 in line" in html
    assert "2 requests before yours" in html
    times = re.findall(r'<p class="range"><time datetime="([^"]+)">[^<]*UTC</time> – <time datetime="([^"]+)">', html)
    ((half, nine),) = times
    half, nine = datetime.fromisoformat(half), datetime.fromisoformat(nine)
    now = datetime.now(UTC)
    assert timedelta(minutes=14) < half - now <= timedelta(minutes=16)
    assert timedelta(minutes=59) < nine - now <= timedelta(minutes=66)
    assert "Half of the requests in such a place are answered by" in html


def test_the_page_says_when_nobody_can_go_ahead_any_more_and_why_somebody_may(
    anonymous: FlaskClient, waiting: Shelf
) -> None:
    html = page(anonymous)
    assert "Nobody can newly go ahead of you after <time" in html
    assert "Until then a later request may go first if its answer is promised sooner" in html
    waiting.ticket("7", minute=-600)
    assert "Nobody who comes after you can go ahead of you any more" in page(anonymous)


def test_nothing_of_the_ticket_or_of_others_is_on_it(anonymous: FlaskClient, waiting: Shelf) -> None:
    waiting.ticket("8", minute=40, subject=HOSTILE)
    for ticket_id in ("7", "8"):
        html = page(anonymous, ticket_id)
        assert SECRET not in html
        assert "alert" not in html
        assert "Support" not in html
        assert 'class="rooms"' not in html


def test_the_next_one_is_told_so(anonymous: FlaskClient, waiting: Shelf) -> None:
    html = page(anonymous, "1")
    assert "You are next" in html
    assert "before yours" not in html


def test_before_there_is_history_the_time_is_not_yet_known(anonymous: FlaskClient, waiting: Shelf) -> None:
    waiting.pace(named=False)
    html = page(anonymous)
    assert "The time is not yet known" in html
    assert "Number 3 in line" in html
    assert 'class="bar"' not in html


def test_it_is_in_russian_for_who_reads_russian(anonymous: FlaskClient, waiting: Shelf) -> None:
    html = page(anonymous, language="ru,en;q=0.5")
    assert '<html lang="ru">' in html
    assert "Вы 3-й в очереди" in html
    assert "перед вами 2 обращения" in html
    assert "Половина" not in html
    assert "На половину обращений на таком месте мы отвечаем до" in html
    assert "Number" not in html


def test_the_language_can_be_chosen_without_a_cookie(anonymous: FlaskClient, waiting: Shelf) -> None:
    answer = opened(anonymous, query="?lang=ru")
    assert "Вы 3-й в очереди" in answer.get_data(as_text=True).replace("\N{NO-BREAK SPACE}", " ")
    assert "Set-Cookie" not in answer.headers
    assert "Number 3 in line" in page(anonymous, query="?lang=xx")


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("pending", "We have answered"),
        ("hold", "We are working on it"),
        ("solved", "Your request is solved"),
        ("closed", "Your request is solved"),
        ("deleted", "Your request does not wait"),
    ],
)
def test_one_that_does_not_wait_says_what_it_is(anonymous: FlaskClient, waiting: Shelf, status: str, says: str) -> None:
    waiting.ticket("7", status=status, subject=SECRET)
    html = page(anonymous)
    assert says in html
    assert "http-equiv" not in html
    assert SECRET not in html


def test_it_renews_itself_without_a_script(anonymous: FlaskClient, waiting: Shelf) -> None:
    found = re.search(r'<meta http-equiv="refresh" content="(\d+)">', page(anonymous))
    assert found is not None
    assert 60 <= int(found[1]) <= 600
    waiting.pace(600)
    waiting.ticket("9", minute=50)
    found = re.search(r'<meta http-equiv="refresh" content="(\d+)">', page(anonymous, "9"))
    assert found is not None and int(found[1]) == 600


@pytest.mark.parametrize("token", ["x", "WyJ6ZW5kZXNrIiwiNyJd", "WyJ6ZW5kZXNrIiwiNyJd.AAAA", "a" * 2000, "%00", "ü"])
def test_a_wrong_token_is_not_found(anonymous: FlaskClient, waiting: Shelf, token: str) -> None:
    answer = anonymous.get(f"/place/{token}")
    assert answer.status_code == 404
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "This link leads nowhere" in answer.get_data(as_text=True)


def test_no_foreign_ticket_can_be_reached(anonymous: FlaskClient, waiting: Shelf) -> None:
    """Neither by another's signature, nor by a foreign key or purpose, nor by naming one that is not there."""
    seven, one = (place_tokens.make(KEY, "zendesk", ticket_id) for ticket_id in ("7", "1"))
    payload, signature = one.rpartition(".")[0], seven.rpartition(".")[2]
    foreign = [
        f"{payload}.{signature}",
        place_tokens.make("another key", "zendesk", "1"),
        str(URLSafeSerializer(KEY).dumps(["zendesk", "1"])),
        str(URLSafeSerializer(KEY, salt="cookie-session").dumps(["zendesk", "1"])),
        place_tokens.make(KEY, "zendesk", "404"),
        place_tokens.make(KEY, "whmcs", "1"),
    ]
    for token in foreign:
        assert anonymous.get(f"/place/{token}").status_code == 404


def test_what_is_not_there_and_what_is_not_ours_look_the_same(anonymous: FlaskClient, waiting: Shelf) -> None:
    unknown, forged = opened(anonymous, "404"), anonymous.get("/place/forged")
    assert unknown.get_data() == forged.get_data()


def test_its_headers_keep_the_address_to_itself(anonymous: FlaskClient, waiting: Shelf) -> None:
    headers = opened(anonymous).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "form-action 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "connect-src" not in policy and "unsafe" not in policy
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in headers["X-Robots-Tag"]
    assert headers["Cache-Control"] == "no-store"


def test_a_flood_is_refused(anonymous: FlaskClient, waiting: Shelf) -> None:
    codes = [opened(anonymous).status_code for _ in range(61)]
    assert codes[:60] == [200] * 60
    assert codes[60] == 429


def test_what_a_client_saw_is_kept_once_however_often_the_page_renews(anonymous: FlaskClient, waiting: Shelf) -> None:
    for _ in range(5):
        page(anonymous)
    with reading(waiting.database) as connection:
        rows = connection.execute(sa.select(estimate).where(estimate.c.shown_in == "client")).all()
    ((kept,)) = rows
    assert (kept.ticket_id, kept.position, kept.q50, kept.q80, kept.q90) == ("7", 3, 900, 1800, 3600)


def test_the_page_shows_exactly_what_was_kept(anonymous: FlaskClient, waiting: Shelf, settings: Settings) -> None:
    html = page(anonymous)
    with reading(waiting.database) as connection:
        kept = connection.execute(sa.select(estimate)).one()
    said = re.findall(r'<p class="range">.*?datetime="([^"]+)".*?datetime="([^"]+)"', html)[0]
    for text, seconds in zip(said, (kept.q50, kept.q90), strict=True):
        promised = kept.at.replace(microsecond=0) + timedelta(seconds=seconds)
        assert timedelta() <= datetime.fromisoformat(text) - promised < timedelta(minutes=1)
