"""What the store promises of people and their browsers, on both databases."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from deskside.errors import Malformed
from deskside.store.database import reading
from deskside.store.push_tables import consent, subscriber, subscriber_topic, subscription
from push.subscribers import consent as record
from push.subscribers import preferences, registry, topics
from push.subscribers.preferences import Preferences
from tests.push.subscribers.people import NOON, agree, ann, device

pytestmark = pytest.mark.usefixtures("offered")


def count(database: sa.Engine, table: sa.Table) -> int:
    with reading(database) as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_the_gates_know_what_a_person_wishes(database: sa.Engine) -> None:
    with database.begin() as connection:
        found = agree(connection, device(), ann(client_id="acme", attributes={"plan": "pro"}), zone="Europe/Berlin")
        wishes = Preferences(topics=("outages",), language="ru", per_week=1, quiet=(1290, 435))
        preferences.change(connection, found.subscriber_id, wishes, NOON, "test")
        preferences.pause(connection, found.subscriber_id, NOON + timedelta(weeks=1))
        (person,) = registry.people(connection, [found.subscriber_id, 999]).values()
    assert (person.language, person.zone, person.per_week) == ("ru", "Europe/Berlin", 1)
    assert (person.quiet_from, person.quiet_to) == (1290, 435)
    assert person.paused_until == NOON + timedelta(weeks=1)
    assert (person.desk, person.client_id, person.attributes) == ("zendesk", "acme", {"plan": "pro"})
    assert person.topics == ("outages",)
    assert person.left_at is None


def test_only_living_browsers_are_sent_to(database: sa.Engine) -> None:
    with database.begin() as connection:
        found = [agree(connection, device(name), ann()) for name in ("a", "b", "c", "d")]
        for one, state in zip(found, ("alive", "mismatch", "gone", "out"), strict=True):
            connection.execute(
                sa.update(subscription).where(subscription.c.id == one.subscription_id).values(state=state)
            )
        alive = registry.devices(connection, [found[0].subscriber_id])
    assert [row.id for row in alive] == [found[0].subscription_id]


def test_the_id_of_somebody_erased_is_never_given_again(database: sa.Engine) -> None:
    with database.begin() as connection:
        first = agree(connection, device())
        assert registry.forget(connection, first.subscriber_id)
        second = agree(connection, device())
    assert second.subscriber_id > first.subscriber_id
    assert second.subscription_id > first.subscription_id


def test_erasing_leaves_nothing(database: sa.Engine) -> None:
    with database.begin() as connection:
        found = agree(connection, device(), ann())
        registry.unsubscribe_device(connection, found.subscription_id, NOON, "test")
        assert registry.forget(connection, found.subscriber_id)
        assert not registry.forget(connection, found.subscriber_id)
    assert [count(database, table) for table in (subscriber, subscription, subscriber_topic, consent)] == [0, 0, 0, 0]


def test_two_requests_of_one_browser_at_once_make_one_subscriber(database: sa.Engine) -> None:
    start = threading.Barrier(4)

    def come() -> None:
        start.wait()
        with database.begin() as connection:
            agree(connection, device("same"))

    threads = [threading.Thread(target=come) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (count(database, subscriber), count(database, subscription)) == (1, 1)
    with reading(database) as connection:
        kept = connection.execute(sa.select(subscription)).one()
        assert {row.subscriber for row in connection.execute(sa.select(consent))} == {kept.subscriber}


def test_two_browsers_of_one_person_at_once_make_one_subscriber(database: sa.Engine) -> None:
    start = threading.Barrier(4)
    created: list[bool] = []

    def come(name: str) -> None:
        start.wait()
        with database.begin() as connection:
            created.append(agree(connection, device(name), ann()).created)

    threads = [threading.Thread(target=come, args=(f"browser {number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (count(database, subscriber), count(database, subscription)) == (1, 4)
    assert sorted(created) == [False, False, False, True]


def test_whoever_left_and_comes_back_is_new_again(database: sa.Engine) -> None:
    with database.begin() as connection:
        found = agree(connection, device("a"), ann())
        other = agree(connection, device("b"), ann())
        registry.leave(connection, found.subscriber_id, NOON, "test")
        registry.leave(connection, found.subscriber_id, NOON, "test")
        again = agree(connection, device("a"), ann())
        actions = [row.action for row in record.history(connection, found.subscriber_id)]
    assert (found.created, other.created, again.created) == (True, False, True)
    assert actions == ["given", "given", "withdrawn", "given"]


def test_a_chosen_language_is_kept_whatever_the_portal_says(database: sa.Engine) -> None:
    with database.begin() as connection:
        found = agree(connection, device("a"), ann(language="de"), language="ru")
        browser = registry.by_id(connection, found.subscription_id)
        registry.visit(connection, browser, ann(language="de"), "", NOON)
        assert registry.people(connection, [found.subscriber_id])[found.subscriber_id].language == "ru"
        other = agree(connection, device("b"), ann(person="bob", language="de"))
        assert registry.people(connection, [other.subscriber_id])[other.subscriber_id].language == "de"


def test_a_withdrawn_topic_is_a_change_that_is_kept(database: sa.Engine) -> None:
    with database.begin() as connection:
        found = agree(connection, device(), topics=("news", "outages"))
        preferences.change(connection, found.subscriber_id, Preferences(topics=("outages",)), NOON, "test")
        preferences.change(connection, found.subscriber_id, Preferences(topics=("outages",)), NOON, "test")
        kept = [(row.action, row.topics) for row in record.history(connection, found.subscriber_id)]
    assert kept == [("given", ["news", "outages"]), ("changed", ["outages"])]


def test_a_topic_that_is_no_longer_offered_is_neither_lost_nor_chosen(database: sa.Engine) -> None:
    with database.begin() as connection:
        found = agree(connection, device())
        connection.execute(sa.insert(subscriber_topic).values(subscriber=found.subscriber_id, topic="old", since=NOON))
        assert topics.choose(connection, found.subscriber_id, ["outages", "old"], NOON) == ("outages",)
        assert topics.of(connection, found.subscriber_id) == ("old", "outages")
        assert [topic.name for topic in topics.offered(connection)] == ["news", "outages"]


def test_a_title_falls_back_to_the_main_language_then_to_any() -> None:
    topic = topics.Topic("x", {"en": "Hello", "ru": "Привет"})
    assert [topic.title(name) for name in ("ru", "ru-RU", "de", "en-GB")] == ["Привет", "Привет", "Hello", "Hello"]
    assert topics.Topic("x").title("en") == "x"


def test_keys_of_a_known_endpoint_cannot_be_replaced(database: sa.Engine) -> None:
    with database.begin() as connection:
        agree(connection, device("a"))
        with pytest.raises(Malformed):
            agree(connection, device("a", auth=b"another's secret"))


def test_a_new_endpoint_that_is_known_already_takes_no_place(database: sa.Engine) -> None:
    with database.begin() as connection:
        agree(connection, device("a"))
        agree(connection, device("b"))
        assert not registry.resubscribe(connection, device("a").hash, device("b"), NOON)
        assert not registry.resubscribe(connection, device("unknown").hash, device("c"), NOON)
        assert registry.resubscribe(connection, device("a").hash, device("c"), NOON)
    assert count(database, subscription) == 2


def test_a_device_does_not_show_its_endpoint() -> None:
    assert "fcm/send" not in repr(device("a"))
