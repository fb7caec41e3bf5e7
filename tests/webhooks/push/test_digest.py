"""The page of a digest, and its links: a reader's own, a stranger's, and a scanner's that changes nothing."""

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from deskside.store.database import reading
from deskside.store.push_tables import digest_shown
from push.digests import candidates, drafts
from push.digests.launch import launch
from push.links import Links
from tests.push.digests import stories
from tests.push.digests.stories import NOW, TOPIC, Desk, entry, run_campaign
from tests.webhooks.desk import HOSTILE

LINKS = Links("http://127.0.0.1:8642", "only for tests")


class Issue:
    """A digest that is out, of two news and one for those who like status, and a reader of news."""

    def __init__(self, database: sa.Engine, title: str = "All about a", *, scheduled: bool = True) -> None:
        with database.begin() as connection:
            desk = Desk(connection, {**TOPIC, "topics": {"outages": "status"}})
            self.reader = desk.person("news")
            self.ids = desk.found(
                entry("a", title=title, summary=HOSTILE),
                entry("b"),
                entry("c", section="Outages", title="We were down"),
            )
            self.number = drafts.make(connection, stories.settings(), NOW, "olga")
            if scheduled:
                launch(connection, self.number, "olga", stories.settings(), run_campaign, LINKS, NOW)
            row = drafts.get(connection, self.number)
            assert row is not None
            self.token = row.token
        self.path = f"/push/digest/{self.token}"
        self.own = f"{self.path}?p={LINKS.person('digest', self.number, self.reader)}"

    def link(self, place: int, person: bool = True) -> str:
        query = self.own.partition("?")[2] if person else ""
        return f"{self.path}/{self.ids[place]}?{query}"


@pytest.fixture
def issue(database: sa.Engine) -> Issue:
    return Issue(database)


def shown(database: sa.Engine) -> list[tuple[int, int, bool]]:
    with reading(database) as connection:
        rows = connection.execute(digest_shown.select()).all()
    return [(row.subscriber, row.candidate, row.opened_at is not None) for row in rows]


def test_a_reader_finds_their_items_first_and_the_rest_after(anonymous: FlaskClient, issue: Issue) -> None:
    html = anonymous.get(issue.own).get_data(as_text=True)
    assert html.index("All about a") < html.index("Also in this issue") < html.index("We were down")


def test_a_stranger_finds_all_of_it(anonymous: FlaskClient, issue: Issue) -> None:
    for path in (issue.path, issue.path + "?p=forged"):
        html = anonymous.get(path).get_data(as_text=True)
        assert "We were down" in html
        assert "Also in this issue" not in html


def test_a_scanner_that_opens_the_page_changes_nothing(
    anonymous: FlaskClient, issue: Issue, database: sa.Engine
) -> None:
    anonymous.get(issue.own)
    anonymous.head(issue.own)
    anonymous.head(issue.link(0))
    assert shown(database) == []


def test_a_link_leads_to_what_was_found_and_is_counted_for_its_reader(
    anonymous: FlaskClient, issue: Issue, database: sa.Engine
) -> None:
    for _ in range(2):
        answer = anonymous.get(issue.link(0))
        assert (answer.status_code, answer.headers["Location"]) == (302, "https://blog.example/a")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert shown(database) == [(issue.reader, issue.ids[0], True)]


def test_a_strangers_click_leads_on_and_is_nobodys(anonymous: FlaskClient, issue: Issue, database: sa.Engine) -> None:
    assert anonymous.get(issue.link(0, person=False)).status_code == 302
    assert shown(database) == []


def test_no_link_leads_anywhere_else(anonymous: FlaskClient, issue: Issue, database: sa.Engine) -> None:
    with database.begin() as connection:
        candidates.veto(connection, issue.ids[1], "olga")
    for path in (issue.link(1), f"{issue.path}/99999", f"{issue.path}/0", "/push/digest/none/1"):
        answer = anonymous.get(path + "&url=https://evil.example")
        assert answer.status_code == 404
        assert "Location" not in answer.headers


def test_what_was_vetoed_or_hidden_since_is_not_on_the_page(
    anonymous: FlaskClient, issue: Issue, database: sa.Engine
) -> None:
    with database.begin() as connection:
        candidates.veto(connection, issue.ids[2], "olga")
        candidates.set_public(connection, issue.ids[1], False)
    html = anonymous.get(issue.own).get_data(as_text=True)
    assert "We were down" not in html
    assert "All about b" not in html


def test_a_draft_has_no_page(anonymous: FlaskClient, database: sa.Engine) -> None:
    draft = Issue(database, scheduled=False)
    assert anonymous.get(draft.path).status_code == 404
    assert anonymous.get(draft.link(0)).status_code == 404


def test_what_a_feed_says_is_text(anonymous: FlaskClient, database: sa.Engine) -> None:
    html = anonymous.get(Issue(database, HOSTILE).own).get_data(as_text=True)
    assert "<script>alert" not in html
    assert "<img" not in html
    assert "\u202e" not in html


def test_the_page_tells_nobody_who_reads(anonymous: FlaskClient, issue: Issue) -> None:
    headers = anonymous.get(issue.own).headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "noindex" in headers["X-Robots-Tag"]
    assert "Set-Cookie" not in headers


def test_the_page_speaks_the_language_that_was_asked_for(anonymous: FlaskClient, issue: Issue) -> None:
    assert '<html lang="ru">' in anonymous.get(issue.own + "&lang=ru").get_data(as_text=True)
    assert '<html lang="ru">' in anonymous.get(issue.own, headers={"Accept-Language": "ru"}).get_data(as_text=True)
    assert issue.own.partition("p=")[2] in anonymous.get(issue.own).get_data(as_text=True)
