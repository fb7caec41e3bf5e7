"""What one person gets: the items of their topics, never one they were shown before in any form."""

from datetime import timedelta

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deskside.store import tables
from deskside.store.push_tables import digest_shown
from push.digests import candidates, drafts, sources
from push.digests.launch import launch
from push.digests.pages import read
from push.digests.personal import items_for, keep_shown, link_target, opened, variants
from tests.push.digests import stories
from tests.push.digests.stories import DAY, LINKS, NOW, TOPIC, Desk, deliver, entry, run_campaign

SETTINGS = stories.settings()


def issue(connection: sa.Connection, *, at: object = NOW) -> sa.Row[tuple[object, ...]]:
    number = drafts.make(connection, SETTINGS, at, "olga")  # type: ignore[arg-type]
    launch(connection, number, "olga", SETTINGS, run_campaign, LINKS, at)  # type: ignore[arg-type]
    row = drafts.get(connection, number)
    assert row is not None
    return row


def topics_desk(connection: sa.Connection) -> tuple[Desk, list[int]]:
    """A source with two topics by section, and three stories of each, and one for everybody."""
    desk = Desk(
        connection, {**TOPIC, "topic": None, "topics": {"n1": "news", "n2": "news", "s1": "status", "s2": "status"}}
    )
    return desk, desk.found(*(entry(name, section=name) for name in ("n1", "n2", "s1", "s2", "all")))


def test_everybody_gets_the_items_of_their_topics(database: sa.Engine) -> None:
    with database.begin() as connection:
        desk, ids = topics_desk(connection)
        n1, n2, s1, s2, everybody = ids
        news, status, both, none = (
            desk.person("news"),
            desk.person("status"),
            desk.person("news", "status"),
            desk.person(),
        )
        found = items_for(connection, issue(connection), [news, status, both, none], SETTINGS, NOW)
        assert {person: {item.id for item in items} for person, items in found.items()} == {
            news: {n1, n2, everybody}, status: {s1, s2, everybody}, both: set(ids), none: {everybody},
        }  # fmt: skip
        # A topic of theirs is worth more to them than what is for everybody.
        assert found[news][-1].id == everybody


def test_an_order_the_team_gave_holds_for_everybody(database: sa.Engine) -> None:
    with database.begin() as connection:
        desk, ids = topics_desk(connection)
        person = desk.person("news", "status")
        number = drafts.make(connection, SETTINGS, NOW, "olga")
        order = [ids[4], ids[3], ids[0]]
        drafts.arrange(connection, number, order)
        row = drafts.get(connection, number)
        assert row is not None
        assert [item.id for item in items_for(connection, row, [person], SETTINGS, NOW)[person]] == order


def test_the_message_leads_with_their_best_and_their_own_links(database: sa.Engine) -> None:
    with database.begin() as connection:
        desk, ids = topics_desk(connection)
        news, nobody = desk.person("news", language="ru"), desk.person(language="de")
        candidates.veto(connection, ids[4], "olga")
        row = issue(connection)
        sends = deliver(connection, row.campaign, "digest", news, nobody, state="due")
        found = variants(connection, sends, SETTINGS, LINKS, NOW)
        by_person = {one.subscriber: found.get(one.id) for one in sends}
        assert by_person[nobody] is None
        assert by_person[news] is not None
        ((language, content),) = by_person[news].contents.items()
        assert (language, content.title, content.body) == ("ru", "All about n1", "И ещё 1: All about n2")
        assert content.url.startswith(f"https://push.example/push/digest/{row.token}?p=")
        assert [button.title for button in content.buttons] == ["All about n2"]
        token = content.url.partition("?p=")[2]
        assert LINKS.read("digest", row.id, token) == news


def test_a_title_with_braces_is_no_template(database: sa.Engine) -> None:
    with database.begin() as connection:
        desk = Desk(connection)
        person = desk.person("news")
        desk.found(entry("a", title="Use {{ name }} and {% raw %}"), entry("b"), entry("c"))
        row = issue(connection)
        (send,) = deliver(connection, row.campaign, "digest", person, state="due")
        (content,) = variants(connection, [send], SETTINGS, LINKS, NOW)[send.id].contents.values()
        from jinja2.sandbox import SandboxedEnvironment

        assert (
            SandboxedEnvironment().from_string(content.title + content.body).render(name="x").count("{{ name }}") == 1
        )


def test_what_was_shown_is_written_with_the_send_and_only_for_whom_it_reached(database: sa.Engine) -> None:
    with database.begin() as connection:
        desk = Desk(connection)
        people = [desk.person("news") for _ in range(4)]
        ids = desk.found(entry("a"), entry("b"), entry("c"))
        row = issue(connection)
        for person, state in zip(people, ("sent", "unknown", "failed", "skipped"), strict=True):
            ended = deliver(connection, row.campaign, "digest", person, state=state)
            keep_shown(connection, ended, SETTINGS, NOW)
        shown = connection.execute(digest_shown.select()).all()
        assert {(one.subscriber, one.candidate) for one in shown} == {(p, c) for p in people[:2] for c in ids}
        # Settled once more, nothing is doubled.
        keep_shown(connection, ended, SETTINGS, NOW)
        assert len(connection.execute(digest_shown.select()).all()) == 6


def test_the_same_story_of_another_source_is_not_shown_again_within_90_days(database: sa.Engine) -> None:
    with database.begin() as connection:
        desk = Desk(connection)
        person = desk.person("news")
        desk.found(entry("a"), entry("b"), entry("c"))
        row = issue(connection)
        keep_shown(connection, deliver(connection, row.campaign, "digest", person), SETTINGS, NOW)
        drafts.settle(connection, NOW)
        desk.source = sources.add(connection, "feed", "Other", TOPIC)
        sources.keep(connection, desk.source, stories.Found((), ""), NOW - DAY)
        copies = [
            entry("z", title="ALL ABOUT A"),
            entry("y", url="http://www.blog.example/b?utm_source=x"),
            entry("new"),
        ]
        desk.found(*copies, at=NOW + DAY)
        later = issue(connection, at=NOW + 2 * DAY)
        (item,) = items_for(connection, later, [person], SETTINGS, NOW + 2 * DAY)[person]
        assert item.title == "All about new"
        assert len(items_for(connection, later, [person], SETTINGS, NOW + 91 * DAY)[person]) == 3


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 6)), max_size=5), min_size=2, max_size=5
    )
)
def test_nobody_is_ever_shown_one_thing_twice(rounds: list[list[tuple[int, int, int]]]) -> None:
    """Sources that give guids, addresses and titles again in every mixture, over several digests."""
    engine = sa.create_engine("sqlite://")
    tables.metadata.create_all(engine)
    limits = stories.settings(min_items=1, min_votes=0)
    seen: set[str] = set()
    with engine.begin() as connection:
        desks = [Desk(connection)]
        other = sources.add(connection, "feed", "Other", TOPIC)
        sources.keep(connection, other, stories.Found((), ""), NOW - DAY)
        person = desks[0].person("news")
        for day, brought in enumerate(rounds, start=1):
            now = NOW + timedelta(days=day)
            for place, (guid, url, title) in enumerate(brought):
                desks[0].source = other if place % 2 else 1
                desks[0].found(
                    entry(
                        "x",
                        guid=f"g{guid}",
                        url=f"https://e.org/{url}",
                        title=f"Title {title}",
                        section="",
                        published_at=now - DAY / 4,
                    ),
                    at=now - DAY / 8,
                )
            number = drafts.make(connection, limits, now, "olga")
            row = drafts.get(connection, number)
            assert row is not None
            if row.state != "draft":
                continue
            campaign_id = launch(connection, number, "olga", limits, run_campaign, LINKS, now)
            row = drafts.get(connection, number)
            for item in items_for(connection, row, [person], limits, now).get(person, ()):
                names = {item.url, item.title}
                assert not names & seen
                seen |= names
            keep_shown(connection, deliver(connection, campaign_id, "digest", person, at=now), limits, now)
            drafts.settle(connection, now)
    engine.dispose()


def test_a_page_shows_what_they_were_told_of_even_when_they_changed_their_topics(database: sa.Engine) -> None:
    with database.begin() as connection:
        desk, ids = topics_desk(connection)
        person = desk.person("news")
        row = issue(connection)
        keep_shown(connection, deliver(connection, row.campaign, "digest", person), SETTINGS, NOW)
        connection.execute(sa.text("DELETE FROM subscriber_topic"))
        own, others = read(connection, row, person, SETTINGS, NOW)
        assert {item.id for item in own} == {ids[0], ids[1], ids[4]}
        assert {item.id for item in others} == {ids[2], ids[3]}
        assert len(read(connection, row, None, SETTINGS, NOW)[1]) == 5


def test_a_click_is_counted_once_and_only_on_what_stands_in_the_issue(database: sa.Engine) -> None:
    with database.begin() as connection:
        desk = Desk(connection)
        person = desk.person("news")
        ids = desk.found(entry("a"), entry("b"), entry("c"))
        row = issue(connection)
        (strange,) = desk.found(entry("d"))
        assert link_target(connection, row, ids[0]) == "https://blog.example/a"
        assert link_target(connection, row, strange) is None
        candidates.veto(connection, ids[1], "olga")
        assert link_target(connection, row, ids[1]) is None
        opened(connection, row, ids[0], person, NOW)
        opened(connection, row, ids[0], person, NOW + DAY)
        opened(connection, row, ids[0], 12345, NOW)
        (shown,) = connection.execute(digest_shown.select()).all()
        assert (shown.subscriber, shown.opened_at) == (person, NOW)
