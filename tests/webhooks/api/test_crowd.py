"""Two hundred agents press the button at the same moment, over HTTP, on both databases."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from deskside import settings as configuration
from deskside.store import people
from tests.databases import open_careless
from tests.serving import serving
from tests.webhooks.desk import Asked, Shelf, make_app

AGENTS, SPARE = 200, 20


@dataclass(frozen=True)
class Server:
    """Where it answers, a token that may write, and its store."""

    url: str
    token: str
    shelf: Shelf


@pytest.fixture
def server(database_url: str, tmp_path: Any) -> Iterator[Server]:
    database = open_careless(database_url, pool_size=30)
    with database.begin() as connection:
        token = people.add_token(connection, "all", people.SCOPES)
    (tmp_path / "deskside.toml").write_text("")
    settings = configuration.load(tmp_path / "deskside.toml", {"DESKSIDE_WEB__SECRET_KEY": "only for tests"})
    with serving(make_app(database, settings, Asked())) as url:
        yield Server(url, token, Shelf(database, datetime.now(UTC) - timedelta(hours=6)))
    database.dispose()


def test_each_ticket_goes_to_one_agent_and_the_first_ones_go(server: Server) -> None:
    for number in range(AGENTS + SPARE):
        server.shelf.ticket(f"t{number:03d}", minute=number, pool=f"Pool {number % 3}")
    ready = threading.Barrier(AGENTS)

    def ask(number: int) -> dict[str, Any]:
        with requests.Session() as session:
            session.headers["Authorization"] = f"Bearer {server.token}"
            ready.wait(60)
            answer = session.post(f"{server.url}/api/v1/queue/next", json={"agent": f"agent{number}"}, timeout=60)
            answer.raise_for_status()
            found: dict[str, Any] = answer.json()
            return found

    with ThreadPoolExecutor(AGENTS) as threads:
        given = [answer["ticket"] for answer in threads.map(ask, range(AGENTS))]
    assert None not in given, "nobody is empty-handed while there are tickets"
    assert [item["claimed_by"] for item in given] == [f"agent{number}" for number in range(AGENTS)]
    # Among those who ask at the same moment nobody is first; all of them together get the head of the queue.
    assert sorted(item["ticket_id"] for item in given) == [f"t{number:03d}" for number in range(AGENTS)]
