"""Promises of the lists of people: they say how many of which kind, and never how to send to anybody."""

import sqlalchemy as sa

from deskside.store.database import reading
from deskside.store.push_tables import subscription
from push.analytics import people
from tests.push.analytics import stream
from tests.push.sending.world import World


def test_the_overview_counts_people_and_browsers(world: World) -> None:
    world.person(language="en")
    world.person(language="ru", devices=2, topics=(), desk="zendesk", person="7", client_id="c7", tester=True)
    world.person(left_at=world.hand.now)
    lonely = world.person(devices=1)
    with world.database.begin() as connection:
        connection.execute(
            sa.update(subscription).where(subscription.c.subscriber == lonely).values(state="gone", browser="safari")
        )
    with reading(world.database) as connection:
        found = people.overview(connection)
    assert (found.people, found.reachable, found.known, found.left, found.testers) == (3, 2, 1, 1, 1)
    assert found.browsers == [("chrome", 4)]
    assert dict(found.states) == {"alive": 4, "gone": 1}
    assert dict(found.languages) == {"en": 1, "ru": 1, "": 1}
    assert found.topics == [("news", 2)]


def test_nobody_is_an_overview_too(world: World) -> None:
    with reading(world.database) as connection:
        found = people.overview(connection)
    assert (found.people, found.reachable, found.topics) == (0, 0, [])


def test_people_are_found_by_name_client_number_topic_and_state(world: World) -> None:
    ann = world.person(desk="zendesk", person="17", client_id="acme", topics=())
    bob = world.person(tester=True)
    gone = world.person(left_at=world.hand.now)
    alone = world.person(devices=0)
    with reading(world.database) as connection:

        def ids(**asked: object) -> list[int]:
            return [row.id for row in people.listed(connection, **asked)]  # type: ignore[arg-type]

        assert ids() == [alone, gone, bob, ann]
        assert ids(search="17") == [ann] and ids(search="acme") == [ann]
        assert ids(search=str(bob)) == [bob]
        assert ids(search="9" * 40) == [] and ids(search="'; --") == []
        assert ids(topic="news") == [alone, gone, bob]
        assert (ids(only="testers"), ids(only="left"), ids(only="unreachable")) == ([bob], [gone], [alone])
        assert ids(before=bob) == [ann] and ids(limit=1) == [alone]
        assert [row.id for row in people.of_client(connection, "zendesk", "acme")] == [ann]
        assert people.of_client(connection, "zendesk", "") == ()


def test_no_list_holds_what_it_takes_to_send_to_somebody(world: World) -> None:
    person = world.person()
    with reading(world.database) as connection:
        (browser,) = people.browsers(connection, [person])[person]
    assert not {"endpoint", "endpoint_hash", "p256dh", "auth"} & set(browser._mapping)


def test_messages_name_what_they_were_of_and_what_the_browser_told(database: sa.Engine) -> None:
    past = stream.fill(database, people=20)
    with reading(database) as connection:
        found = people.messages(connection, past.people, 1000)
        assert [row.due_at for row in found] == sorted((row.due_at for row in found), reverse=True)
        assert {row.chain_name for row in found if row.step_key} == {"Welcome"}
        assert all(row.campaign_name for row in found if row.campaign)
        assert any(row.clicked_at and row.shown_at for row in found)
        assert len(people.messages(connection, past.people, 3)) == 3


def test_a_tester_is_marked_and_unmarked(world: World) -> None:
    person = world.person()
    with world.database.begin() as connection:
        assert people.mark_tester(connection, person, True)
        assert not people.mark_tester(connection, 999, True)
    with reading(world.database) as connection:
        assert people.find(connection, person).tester  # type: ignore[union-attr]
