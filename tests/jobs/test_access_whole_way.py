"""The whole way of a client's access: asked for, given, used, deleted, and found nowhere in clear."""

import logging
import re
import subprocess
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa

from adapters.health import ssh, tcp
from deskside.model.health import Finding
from deskside.model.service import Target
from deskside.ports import Surroundings
from deskside.store import access, people, services
from deskside.store.database import reading
from deskside.store.tables import credential, metadata
from deskside.vault import new_key
from jobs.engine.tasks import TASKS, Run
from jobs.runtime import Runtime
from tests.doubles.machine import Machine, machine, needs_sshd
from tests.world import World, world

pytestmark = needs_sshd
PASSWORD, PASSPHRASE = "c4n4ry-password", "c4n4ry-passphrase"


class Clumsy:
    """A probe that fails with what it was given in its hands."""

    name = kind = "clumsy"

    def applies(self, target: Target) -> bool:
        return True

    async def look(self, target: Target, surroundings: Surroundings) -> Sequence[Finding]:
        raise RuntimeError(f"{surroundings} {surroundings.access!r}")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Machine]:
    with machine(tmp_path / "machine") as made:
        yield made


@pytest.fixture
def running(database: sa.Engine, database_url: str) -> Iterator[World]:
    with world(
        database,
        database_url,
        probes=[tcp.probe, ssh.probe, Clumsy()],
        DESKSIDE_HEALTH__PROBES="tcp,ssh,clumsy",
        DESKSIDE_HEALTH__VAULT_KEYS=new_key(),
        DESKSIDE_HEALTH__DEADLINE_SECONDS="10",
    ) as made:
        yield made


class Browser:
    """Somebody's browser: keeps cookies, sends forms with their token."""

    def __init__(self, running: World) -> None:
        self.url, self.session = running.url, requests.Session()

    def send(self, page: str, path: str, **form: str) -> requests.Response:
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.session.get(self.url + page, timeout=30).text)
        assert token is not None
        data = {"csrf_token": token[1], **form}
        return self.session.post(self.url + path, data=data, timeout=30)


def ticket_about(running: World, server: Machine) -> int:
    organization = running.zendesk.add_organization("Acme", external_id="ACME-1")
    requester = running.zendesk.add_user("Ann", "ann@acme.example", organization_id=organization)
    running.add_service(client="acme-1", name="web-1", addresses=("127.0.0.1",), ports=(server.port,))
    number = running.zendesk.create_ticket(requester, "It is slow", "web-1 at 127.0.0.1 is slow")
    running.until(lambda: running.notes(number), "a first note")
    running.until_settled()
    return number


def give_access(running: World, number: int, server: Machine, **form: str) -> str:
    """An agent makes the link, the client uses it; the link's path."""
    with running.database.begin() as connection:
        people.add_person(connection, "agent", "correct horse", "agent")
    page = f"/tickets/zendesk/{number}"
    agent = Browser(running)
    agent.send("/sign-in", "/sign-in", name="agent", password="correct horse")
    found = re.search(r"/access/[\w-]+", agent.send(page, f"{page}/access-link", service=service_id(running)).text)
    assert found is not None
    answer = Browser(running).send(found[0], found[0], user=server.user, port=str(server.port), **form)
    assert "Stored, you may close this page" in answer.text
    assert "access given until" in agent.session.get(running.url + page, timeout=30).text
    return found[0]


def service_id(running: World) -> str:
    with reading(running.database) as connection:
        return str(services.of_client(connection, {"acme-1"})[0].id)


def accesses(running: World) -> int:
    with reading(running.database) as connection:
        return int(connection.scalar(sa.select(sa.func.count()).select_from(credential)) or 0)


def locked_key(server: Machine) -> str:
    """The server's client key, with a passphrase."""
    path = server.folder / "client"
    subprocess.run(["ssh-keygen", "-q", "-p", "-N", PASSPHRASE, "-f", path], check=True, stdout=subprocess.DEVNULL)
    return path.read_text()


def test_a_look_from_inside_comes_into_the_note_and_the_secret_nowhere(
    running: World, server: Machine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    header = "Filesystem 1024-blocks Used Available Capacity Mounted on\n"
    server.say(df=f"{header}/dev/sda1 42000000 40741709 1258291 97% /\n")
    number = ticket_about(running, server)
    key = locked_key(server)
    link = give_access(running, number, server, password=PASSWORD, private_key=key, passphrase=PASSPHRASE)
    running.until(lambda: len(running.notes(number)) == 2, "a second note")
    running.until_settled()
    assert "Disk / is 97 % full (1.2 GB free)" in str(running.notes(number))
    row = running.ticket(number)
    assert row is not None and row.health == "degraded"
    assert "Accepted publickey" in (server.folder / "sshd.log").read_text()
    assert "RuntimeError" in caplog.text and "Access(***)" in caplog.text

    secrets = [PASSWORD, PASSPHRASE, *key.splitlines()[1:-1]]
    places = {
        "tables": everything_stored(running.database),
        "files": "".join(path.read_bytes().decode("latin-1") for path in tmp_path.glob("deskside.db*")),
        "logs": caplog.text,
        "desk": "".join(str(request) for request in running.zendesk.requests),
        "notes": str(running.notes(number)),
        "settings": repr(running.parts) + repr(running.parts.context.settings),
    }
    for name, text in places.items():
        assert [secret for secret in secrets if secret in text] == [], name
    # The link is in the logs of the browser and of whatever serves it: it opens nothing, and works once.
    assert link.removeprefix("/access/") not in places["tables"] + places["desk"] + places["notes"]
    with reading(running.database) as connection:
        known = access.host_keys(connection, int(service_id(running)))
    assert list(known) == [f"[127.0.0.1]:{server.port}"]


def everything_stored(database: sa.Engine) -> str:
    with reading(database) as connection:
        return "".join(
            str(row) for table in metadata.sorted_tables for row in connection.execute(sa.select(table)).all()
        )


def test_a_solved_ticket_takes_its_access_with_it(running: World, server: Machine) -> None:
    number = ticket_about(running, server)
    give_access(running, number, server, private_key=server.key)
    running.until(lambda: len(running.notes(number)) == 2, "a second note")
    running.until_settled()
    assert accesses(running) == 1
    agent = running.zendesk.add_user("Agent", "agent@desk.example", role="agent")
    running.zendesk.set_status(number, "solved", agent)
    running.until(lambda: accesses(running) == 0, "the access is deleted")


def test_a_job_never_holds_more_than_the_ticket(running: World, server: Machine) -> None:
    number = ticket_about(running, server)
    give_access(running, number, server, password=PASSWORD)
    with reading(running.database) as connection:
        row = connection.execute(sa.select(credential)).one()
    assert (row.desk, row.ticket_id) == ("zendesk", str(number))
    running.until(lambda: len(running.notes(number)) == 2, "a second note")
    assert "refuses the login the client gave" in str(running.notes(number))
    with running.database.begin() as connection:
        connection.execute(sa.update(credential).values(expires_at=datetime(2020, 1, 1, tzinfo=UTC)))
    settle = TASKS["access.purge"].function(Run(0, running.parts.context))
    assert settle is not None
    with running.database.begin() as connection:
        settle(connection)
    assert accesses(running) == 0


def test_the_purge_is_on_the_clock(running: World) -> None:
    clock = Runtime(running.parts.context, worker=False)._clock
    assert clock is not None
    assert clock._scheduler.get_job("access.purge").trigger.interval.total_seconds() == 3600
