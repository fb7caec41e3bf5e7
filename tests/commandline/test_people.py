"""People and tokens: shown once, stored as hashes."""

from pathlib import Path

import pytest

from deskside.store import people
from deskside.store.database import reading
from tests.commandline.desk import Run, store

PASSWORD = "correct horse battery"


def role(folder: Path, name: str, password: str) -> str | None:
    with reading(store(folder)) as connection:
        row = people.sign_in(connection, name, password)
    return row.role if row else None


@pytest.mark.parametrize("wanted", people.ROLES)
def test_a_person_is_added_with_a_role(run: Run, ready: Path, wanted: str) -> None:
    assert (
        run("people", "add", "Ann", "--role", wanted, "--password", PASSWORD).stdout
        == f"Ann can sign in as {wanted}.\n"
    )
    assert role(ready, "Ann", PASSWORD) == wanted


def test_a_password_is_asked_for_twice_and_not_shown(run: Run, ready: Path) -> None:
    said = run("people", "add", "Ann", input=f"{PASSWORD}\n{PASSWORD}\n").output
    assert PASSWORD not in said
    assert role(ready, "Ann", PASSWORD) == "agent"


def test_nobody_is_added_twice(run: Run, ready: Path) -> None:
    run("people", "add", "Ann", "--password", PASSWORD)
    said = run("people", "add", "Ann", "--role", "admin", "--password", PASSWORD + "2", status=1).stderr
    assert "there is a Ann already" in said
    assert role(ready, "Ann", PASSWORD) == "agent"


def test_a_short_password_is_refused(run: Run, ready: Path) -> None:
    for command in ("add", "password"):
        assert "at least 10 characters" in run("people", command, "admin", "--password", "short", status=1).stderr


def test_a_role_that_is_none_is_named_with_those_there_are(run: Run, ready: Path) -> None:
    said = run("people", "add", "Ann", "--role", "king", "--password", PASSWORD, status=2).output
    assert all(name in said for name in people.ROLES)


def test_a_new_password_replaces_the_old_and_ends_the_sessions(run: Run, ready: Path) -> None:
    run("people", "password", "admin", "--password", PASSWORD + "2")
    assert role(ready, "admin", PASSWORD) is None
    assert role(ready, "admin", PASSWORD + "2") == "admin"
    with reading(store(ready)) as connection:
        found = people.sign_in(connection, "admin", PASSWORD + "2")
    assert found is not None and found.session_version == 2


def test_the_password_of_nobody_cannot_be_changed(run: Run, ready: Path) -> None:
    assert "there is no Bob" in run("people", "password", "Bob", "--password", PASSWORD, status=1).stderr


def test_the_pools_of_a_person_are_set_shown_and_taken_back(run: Run, ready: Path) -> None:
    assert run("people", "pools", "admin").stdout == "admin takes tickets from all pools.\n"
    assert run("people", "pools", "admin", "Billing, domains", "Servers").stdout == (
        "admin takes tickets from Billing, domains, Servers.\n"
    )
    with reading(store(ready)) as connection:
        assert people.pools_of(connection, "admin") == ("Billing, domains", "Servers")
    assert run("people", "pools", "admin").stdout == "admin takes tickets from Billing, domains, Servers.\n"
    assert run("people", "pools", "admin", "--all").stdout == "admin takes tickets from all pools.\n"


def test_the_pools_of_nobody_and_pools_that_are_also_all_are_refused(run: Run, ready: Path) -> None:
    for arguments in (("Bob",), ("Bob", "Servers"), ("Bob", "--all")):
        assert "there is no Bob" in run("people", "pools", *arguments, status=1).stderr
    assert "not both" in run("people", "pools", "admin", "Servers", "--all", status=2).output


def test_a_token_is_printed_once_and_carries_its_scopes(run: Run, ready: Path) -> None:
    token = run("tokens", "add", "ci", "--scope", "queue:read", "--scope", "events:read").stdout.strip()
    with reading(store(ready)) as connection:
        assert people.token_scopes(connection, token) == {"queue:read", "events:read"}
        assert people.token_scopes(connection, token[:-1]) is None
    for file in ready.glob("deskside.db*"):
        assert token.encode() not in file.read_bytes()


def test_a_token_needs_a_name_of_its_own_and_a_known_scope(run: Run, ready: Path) -> None:
    run("tokens", "add", "ci", "--scope", "queue:read")
    assert "there is a token ci already" in run("tokens", "add", "ci", "--scope", "queue:read", status=1).stderr
    assert "--scope" in run("tokens", "add", "other", status=2).output
    said = run("tokens", "add", "other", "--scope", "everything", status=2).output
    assert all(scope in said for scope in people.SCOPES)
