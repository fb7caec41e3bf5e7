"""Access in the store: sealed, bound to its ticket and service, gone in time. On both databases."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from deskside.model.access import Access
from deskside.store import access, tickets
from deskside.store.database import utc_now
from deskside.store.tables import credential, credential_link
from deskside.vault import CannotOpen, Vault, new_key

GIVEN = Access("monitor", "canary-secret", None, None, 2222)


def give(connection: sa.Connection, vault: Vault, ticket_id: str = "7", service_id: int = 1) -> None:
    token = access.make_link(connection, "zendesk", ticket_id, service_id)
    assert access.enter(connection, vault, token, GIVEN) is not None


def put_ticket(connection: sa.Connection, ticket_id: str, status: str) -> None:
    now = utc_now()
    tickets.put(
        connection,
        "zendesk",
        ticket_id,
        pool="p",
        status=status,
        waiting=False,
        subject="",
        client_id="c",
        client_name="c",
        **dict.fromkeys(("created_at", "updated_at", "read_at", "arrived_at"), now),
        digest="",
        arrived=0,
        head_start=0,
        key=0,
        band="",
        contributions=[],
    )


def count(connection: sa.Connection) -> int:
    return int(connection.scalar(sa.select(sa.func.count()).select_from(credential)) or 0)


@pytest.fixture
def vault() -> Vault:
    return Vault([new_key()])


def test_what_was_given_comes_back_with_what_is_known_of_the_server(database: sa.Engine, vault: Vault) -> None:
    with database.begin() as connection:
        give(connection, vault)
        access.learn_host_key(connection, 1, "[192.0.2.1]:2222", "ssh-ed25519 AAAA")
        access.learn_counters(connection, 1, {"S1:reallocated": 304})
        found = access.of_service(connection, vault, 1)
        assert found is not None and (found.user, found.password, found.port) == ("monitor", "canary-secret", 2222)
        assert found.host_keys == {"[192.0.2.1]:2222": "ssh-ed25519 AAAA"}
        assert found.counters == {"S1:reallocated": 304}
        assert access.of_service(connection, vault, 2) is None


def test_a_row_moved_to_another_service_or_ticket_opens_for_nobody(database: sa.Engine, vault: Vault) -> None:
    for moved in ({"service_id": 2}, {"ticket_id": "8"}):
        with database.begin() as connection:
            give(connection, vault)
            connection.execute(sa.update(credential).values(**moved))
            with pytest.raises(CannotOpen):
                access.of_service(connection, vault, moved.get("service_id", 1))  # type: ignore[arg-type]
            connection.execute(sa.delete(credential))


def test_keys_can_be_changed_and_a_lost_one_is_noticed(database: sa.Engine) -> None:
    old, new = new_key(), new_key()
    with database.begin() as connection:
        give(connection, Vault([old]))
        assert access.of_service(connection, Vault([new, old]), 1) is not None
        assert access.cannot_open(connection, Vault([new, old])) == 0
        assert access.cannot_open(connection, Vault([new])) == 1
        with pytest.raises(CannotOpen):
            access.of_service(connection, Vault([new]), 1)


def test_what_is_over_its_time_is_not_used_and_then_deleted(database: sa.Engine, vault: Vault) -> None:
    with database.begin() as connection:
        put_ticket(connection, "7", "open")
        give(connection, vault)
        access.purge(connection)
        assert count(connection) == 1
        connection.execute(sa.update(credential).values(expires_at=utc_now() - timedelta(seconds=1)))
        assert access.of_service(connection, vault, 1) is None
        access.purge(connection)
        assert count(connection) == 0


@pytest.mark.parametrize("status", ["solved", "closed", "deleted", None])
def test_the_purge_deletes_what_belongs_to_no_open_ticket(
    database: sa.Engine, vault: Vault, status: str | None
) -> None:
    with database.begin() as connection:
        if status:
            put_ticket(connection, "7", status)
        give(connection, vault)
        access.purge(connection)
        assert count(connection) == 0


def test_forgetting_a_ticket_ends_its_links_and_leaves_others(database: sa.Engine, vault: Vault) -> None:
    with database.begin() as connection:
        give(connection, vault, "7", 1)
        give(connection, vault, "7", 2)
        give(connection, vault, "8", 1)
        token = access.make_link(connection, "zendesk", "7", 1)
        access.forget(connection, "zendesk", "7")
        assert count(connection) == 1
        link = access.find_link(connection, token)
        assert link is not None and not access.link_works(link)
        assert access.enter(connection, vault, token, GIVEN) is None


def test_links_are_kept_long_enough_to_say_that_they_were_used(database: sa.Engine, vault: Vault) -> None:
    with database.begin() as connection:
        give(connection, vault)
        for age, left in ((timedelta(days=1), 1), (timedelta(days=8), 0)):
            connection.execute(sa.update(credential_link).values(expires_at=utc_now() - age))
            access.purge(connection)
            assert connection.scalar(sa.select(sa.func.count()).select_from(credential_link)) == left


def test_the_first_host_key_stays_whatever_comes_later(database: sa.Engine) -> None:
    with database.begin() as connection:
        access.learn_host_key(connection, 1, "[192.0.2.1]:22", "ssh-ed25519 FIRST")
        access.learn_host_key(connection, 1, "[192.0.2.1]:22", "ssh-ed25519 SECOND")
        access.learn_host_key(connection, 1, "[2001:db8::1]:22", "ssh-rsa OTHER")
        assert access.host_keys(connection, 1) == {
            "[192.0.2.1]:22": "ssh-ed25519 FIRST",
            "[2001:db8::1]:22": "ssh-rsa OTHER",
        }
        assert access.forget_host_keys(connection, 1)
        assert not access.forget_host_keys(connection, 1)


def test_the_first_value_of_a_counter_stays(database: sa.Engine) -> None:
    with database.begin() as connection:
        access.learn_counters(connection, 1, {"a": 1, "b": 2})
        access.learn_counters(connection, 1, {"a": 5, "c": 3})
        assert access.counters(connection, 1) == {"a": 1, "b": 2, "c": 3}


def test_an_access_shows_nothing_of_itself() -> None:
    shown = [repr(GIVEN), str(GIVEN), f"{GIVEN}", f"{[GIVEN]}", repr({"x": GIVEN})]
    assert all("canary" not in text and "monitor" not in text and "***" in text for text in shown)
    assert "canary" not in repr(Vault([new_key()]))
    with pytest.raises(ValueError, match="URL-safe base64") as caught:
        Vault(["canary-key"])
    assert "canary" not in str(caught.value)
