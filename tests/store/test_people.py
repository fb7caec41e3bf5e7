"""Of a password only a hash is kept, one that takes long to guess."""

import pytest
import sqlalchemy as sa
from werkzeug.security import generate_password_hash

from deskside.store import people
from deskside.store.tables import person


def test_a_password_is_kept_as_a_hash_that_is_dear_to_try(database: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "generate_password_hash", generate_password_hash)
    with database.begin() as connection:
        people.add_person(connection, "ann", "correct horse", "agent")
        people.add_person(connection, "bob", "correct horse", "agent")
        hashes = connection.scalars(sa.select(person.c.password_hash)).all()
        assert people.sign_in(connection, "ann", "correct horse") is not None
        assert people.sign_in(connection, "ann", "correct hors") is None
    # https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#scrypt
    assert [stored.split("$")[0] for stored in hashes] == ["scrypt:32768:8:1"] * 2
    assert len(set(hashes)) == 2


def test_a_new_password_ends_every_session(database: sa.Engine) -> None:
    with database.begin() as connection:
        people.add_person(connection, "ann", "first", "agent")
        before = people.sign_in(connection, "ann", "first")
        assert people.set_password(connection, "ann", "second")
        after = people.sign_in(connection, "ann", "second")
        assert people.sign_in(connection, "ann", "first") is None
        assert not people.set_password(connection, "nobody", "second")
    assert before is not None and after is not None
    assert after.session_version == before.session_version + 1
