"""`deskside push export` and `import`, as somebody types them."""

import json
import stat
from pathlib import Path

import pytest
import sqlalchemy as sa

from deskside.store.database import reading
from deskside.store.push_tables import subscriber
from push.subscribers import topics
from push.subscribers.topics import Topic
from push.wire.vapid import read_key
from tests.commandline.desk import Run, store
from tests.push.subscribers.people import agree, ann, device

KEY = "AQ" + "A" * 40 + "E"


@pytest.fixture
def filled(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Deskside with two subscribers."""
    monkeypatch.setenv("DESKSIDE_PUSH__VAPID_PRIVATE_KEY", KEY)
    run("init", "--password", "long enough for us")
    key = read_key(KEY).id
    with store(folder).begin() as connection:
        topics.put(connection, Topic("news", {"en": "News"}))
        agree(connection, device(key_id=key), ann())
        agree(connection, device(key_id=key), ann(person="bob"))
    return folder


def test_out_and_in_again(run: Run, filled: Path) -> None:
    assert run("push", "export", "people.jsonl").output == "people.jsonl: 2 subscribers with 2 browsers.\n"
    database = store(filled)
    with database.begin() as connection:
        connection.execute(sa.delete(subscriber).where(subscriber.c.person == "ann"))
    assert (
        "1 subscribers added, 0 completed, 1 as they were; 1 browsers added."
        in run("push", "import", "people.jsonl").output
    )
    again = json.loads(run("push", "import", "people.jsonl", "--json").output)
    assert again == {"added": 0, "completed": 0, "unchanged": 2, "browsers": 0, "skipped": []}
    with reading(database) as connection:
        assert set(connection.scalars(sa.select(subscriber.c.person))) == {"ann", "bob"}


def test_only_its_owner_reads_the_file(run: Run, filled: Path) -> None:
    run("push", "export", "people.jsonl")
    assert stat.S_IMODE((filled / "people.jsonl").stat().st_mode) == 0o600
    assert KEY not in (filled / "people.jsonl").read_text("utf-8")


def test_no_file_is_overwritten(run: Run, filled: Path) -> None:
    (filled / "people.jsonl").write_text("mine")
    assert "is there already" in run("push", "export", "people.jsonl", status=1).output
    assert (filled / "people.jsonl").read_text() == "mine"


def test_what_was_left_out_is_said(run: Run, filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("push", "export", "people.jsonl")
    with store(filled).begin() as connection:
        connection.execute(sa.delete(subscriber))
    monkeypatch.setenv("DESKSIDE_PUSH__VAPID_PRIVATE_KEY", "AQ" + "B" * 40 + "E")
    output = run("push", "import", "people.jsonl").output
    assert f"a browser was made with the key {read_key(KEY).id}, which is not configured here" in output


def test_half_a_file_is_refused_in_one_line(run: Run, filled: Path) -> None:
    run("push", "export", "people.jsonl")
    file = filled / "people.jsonl"
    file.write_bytes(file.read_bytes()[:-50])
    output = run("push", "import", "people.jsonl", status=1).output
    assert output.startswith("deskside: ")
    assert output.count("\n") == 1


def test_without_a_key_there_is_nothing_to_move(run: Run, filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESKSIDE_PUSH__VAPID_PRIVATE_KEY", "")
    assert "`deskside push keys` makes one" in run("push", "export", "people.jsonl", status=1).output
