"""No secret leaves the place where it is kept: not in the store, a log, a note, an effect, an error or an answer."""

import contextlib
import io
import logging
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa
from click.testing import CliRunner

from deskside.commandline import main
from deskside.demo.servers import Servers
from deskside.errors import DesksideError
from deskside.model.effect import TagChange
from deskside.store import bindings, people
from deskside.store.database import open_database, reading
from deskside.store.tables import metadata
from tests.databases import migrated_sqlite
from tests.world import World, environment, two_servers, world

SESSION_KEY = "canary-session-key-" + "x" * 30
PASSWORD = "canary-password-of-ann"
# Where the webhook's secret must be kept: a delivery cannot be verified without it.
KEPT_IN = "binding"


@dataclass
class Aftermath:
    """A world after a bad day: what was logged, and every secret there was, by what it is."""

    world: World
    log: io.StringIO
    secrets: dict[str, str]
    file: Path

    def leaked(self, text: str) -> list[str]:
        """The secrets that are in this text."""
        return [name for name, value in self.secrets.items() if value in text]


@contextlib.contextmanager
def everything_logged() -> Iterator[io.StringIO]:
    """What any library logs, with the traces."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield written
    finally:
        root.setLevel(before)
        root.removeHandler(handler)


def a_bad_day(running: World, servers: Servers) -> dict[str, str]:
    """A ticket's whole way through lost answers, collisions, an expired token and forged deliveries; the secrets."""
    organization = running.zendesk.add_organization("Acme", external_id="ACME-1")
    requester = running.zendesk.add_user("Ann", "ann@acme.example", organization_id=organization)
    live, dead = servers["live"], servers["dead"]
    running.add_service(client="acme-1", name="srv1", addresses=(live.address,), ports=live.ports)
    running.add_service(client="acme-1", name="srv2", addresses=(dead.address,), ports=dead.ports)
    with running.database.begin() as connection:
        people.add_person(connection, "ann", PASSWORD, "admin")
    tokens = list(running.zendesk.state.tokens)
    running.zendesk.state.tokens.clear()
    running.zendesk.faults.next("drop_after", "PUT", "/tickets/*")
    running.zendesk.faults.next("update_conflict", "PUT", "/tickets/*")
    number = running.zendesk.create_ticket(requester, "Down", f"{live.address} and {dead.address}")
    forged = {"X-Zendesk-Webhook-Signature": "wrong", "X-Zendesk-Webhook-Signature-Timestamp": "yesterday"}
    for headers in ({}, forged):
        assert requests.post(f"{running.url}/webhooks/zendesk", b"{}", headers=headers, timeout=10).status_code == 401
    running.until(lambda: running.notes(number), "a note")
    running.until_settled()
    tokens += running.zendesk.state.tokens
    webhook_secret = bindings.get(running.database, "zendesk", "webhook_secret")
    assert webhook_secret is not None
    assert len(tokens) > 1
    return {
        "client secret": running.zendesk.client_secret,
        "session key": SESSION_KEY,
        "password": PASSWORD,
        "webhook secret": webhook_secret,
        **{f"access token {index}": token for index, token in enumerate(tokens)},
    }


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aftermath]:
    file = tmp_path_factory.mktemp("secrets") / "deskside.db"
    url = migrated_sqlite(file)
    opened = open_database(url)
    with (
        everything_logged() as log,
        two_servers() as servers,
        world(opened, url, servers=servers, DESKSIDE_WEB__SECRET_KEY=SESSION_KEY) as running,
    ):
        yield Aftermath(running, log, a_bad_day(running, servers), file)


def test_every_secret_is_long_enough_to_be_looked_for(after: Aftermath) -> None:
    assert all(len(value) > 8 for value in after.secrets.values())
    assert after.leaked(" ".join(after.secrets.values())) == list(after.secrets)


def test_no_table_holds_a_secret_but_the_one_that_must(after: Aftermath) -> None:
    with reading(after.world.database) as connection:
        for table in metadata.sorted_tables:
            text = "\n".join(repr(tuple(row)) for row in connection.execute(sa.select(table)))
            assert after.leaked(text) == (["webhook secret"] if table.name == KEPT_IN else []), table.name


def test_the_database_file_holds_no_secret_anywhere_else(after: Aftermath, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    with contextlib.closing(sqlite3.connect(after.file)) as connection:
        connection.execute("VACUUM INTO ?", (str(copy),))
    with contextlib.closing(sqlite3.connect(copy)) as connection:
        connection.execute("DELETE FROM binding WHERE name = 'webhook_secret'")
        connection.commit()
        connection.execute("VACUUM")
    found = copy.read_bytes()
    assert b"srv1" in found
    assert [name for name, value in after.secrets.items() if value.encode() in found] == []


def test_no_log_holds_a_secret(after: Aftermath) -> None:
    said = after.log.getvalue()
    assert "was refused" in said, "nothing was logged, so this proves nothing"
    assert after.leaked(said) == []


def test_no_note_holds_a_secret(after: Aftermath) -> None:
    told = [str(after.world.zendesk.comments(number)) for number in after.world.zendesk.state.tickets]
    assert "srv1" in "".join(told)
    assert after.leaked("".join(told)) == []


def test_what_is_shown_of_the_parts_holds_no_secret(after: Aftermath) -> None:
    parts = after.world.parts
    assert after.leaked(f"{parts!r} {parts.context!r} {parts.settings!r} {vars(parts.context.desk('zendesk'))!r}") == []


@pytest.mark.parametrize("kind", ["server_error", "drop_before", "drop_after"])
def test_an_error_of_the_desk_holds_no_secret_nor_does_its_cause(after: Aftermath, kind: str) -> None:
    after.world.zendesk.faults.next(kind, "PUT", "*", count=20)
    with pytest.raises(DesksideError) as raised:
        after.world.parts.context.desk("zendesk").change_tags("1", TagChange(add=("a",)))
    after.world.zendesk.faults.clear()
    chain: BaseException | None = raised.value
    while chain is not None:
        assert after.leaked(f"{chain!r} {chain}") == []
        chain = chain.__cause__ or chain.__context__


@pytest.mark.parametrize(
    "path", ["/healthz", "/readyz", "/metrics", "/api/v1/openapi.json", "/sign-in", "/queue", "/nowhere"]
)
def test_no_page_shows_a_secret(after: Aftermath, path: str) -> None:
    answer = requests.get(f"{after.world.url}{path}", timeout=10)
    assert after.leaked(answer.text + str(answer.headers)) == []


@pytest.mark.parametrize(
    "words", ["check", "events list", "events show 1", "queue show", "queue explain 1", "connect zendesk --dry-run"]
)
def test_no_command_shows_a_secret(
    after: Aftermath, words: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    values = environment(after.world.zendesk, f"sqlite:///{after.file}", after.world.url)
    for name, value in {**values, "DESKSIDE_WEB__SECRET_KEY": SESSION_KEY}.items():
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(main, words.split())
    assert result.output
    assert after.leaked(result.output) == []
