"""What a desk knows of its clients' services reaches the store before a ticket is matched with it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import sqlalchemy as sa

from deskside.errors import Permanent, Transient
from deskside.model.service import Service
from deskside.model.ticket import Client
from deskside.store import services
from deskside.store.database import reading, utc_now
from jobs import inventory
from tests.jobs.desk import DESK, Bench, FakeDesk, make_bench

SHOP = Service(0, "acme", "shop", addresses=("192.0.2.1",))


@dataclass
class DeskWithInventory(FakeDesk):
    """A desk that also says what its clients have."""

    owned: list[Service] | Exception = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def services(self, client: Client) -> Sequence[Service]:
        self.asked.append(client.id)
        if isinstance(self.owned, Exception):
            raise self.owned
        return self.owned


@pytest.fixture
def desk() -> DeskWithInventory:
    return DeskWithInventory(owned=[SHOP])


@pytest.fixture
def bench(database: sa.Engine, desk: DeskWithInventory) -> Bench:
    made = make_bench(database, desks={DESK: desk})
    made.desk = desk
    return made


def names(bench: Bench) -> dict[str, str]:
    with reading(bench.database) as connection:
        return {item.name: item.status for item in services.of_client(connection, ["acme"])}


def later(monkeypatch: pytest.MonkeyPatch, minutes: int) -> None:
    moment = utc_now() + timedelta(minutes=minutes)
    monkeypatch.setattr(inventory, "utc_now", lambda: moment)


def test_a_ticket_is_matched_with_what_the_desk_knows(bench: Bench) -> None:
    bench.put()
    assert bench.look().targets[0]["service"] == "shop"


def test_it_is_asked_for_again_after_ten_minutes(
    bench: Bench, desk: DeskWithInventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.put()
    bench.look()
    desk.owned = [Service(0, "acme", "blog")]
    later(monkeypatch, 9)
    bench.look()
    assert names(bench) == {"shop": "active"}
    later(monkeypatch, 11)
    bench.look()
    assert names(bench) == {"shop": "terminated", "blog": "active"}
    assert desk.asked == ["7", "7"]


def test_a_desk_without_one_is_not_asked(database: sa.Engine) -> None:
    bench = make_bench(database)
    bench.put()
    bench.add_service("hand-written")
    bench.look()
    assert names(bench) == {"hand-written": "active"}


def test_an_inventory_that_is_refused_leaves_the_ticket_and_the_store_as_they_are(
    bench: Bench, desk: DeskWithInventory
) -> None:
    bench.add_service("hand-written")
    desk.owned = Permanent("not allowed")
    bench.put()
    assert bench.look().waiting
    assert names(bench) == {"hand-written": "active"}


def test_one_that_fails_for_now_is_waited_for_only_when_there_is_none(
    bench: Bench, desk: DeskWithInventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.put()
    desk.owned = Transient("later")
    with pytest.raises(Transient):
        bench.look()
    desk.owned = [SHOP]
    bench.look()
    desk.owned = Transient("later")
    later(monkeypatch, 11)
    assert bench.look().waiting
    assert names(bench) == {"shop": "active"}


def test_an_empty_inventory_ends_nothing(bench: Bench, desk: DeskWithInventory) -> None:
    bench.add_service("hand-written")
    desk.owned = []
    bench.put()
    bench.look()
    assert names(bench) == {"hand-written": "active"}
