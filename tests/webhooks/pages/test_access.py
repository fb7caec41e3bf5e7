"""Promises of the link by which a client lets us in: to the agent who sends it, and to the client."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from deskside.model.access import Access
from deskside.model.service import Service
from deskside.settings import Settings
from deskside.store import access, services
from deskside.store.database import reading, utc_now
from deskside.store.tables import credential, credential_link
from deskside.vault import Vault, new_key
from tests.webhooks.desk import Asked, Shelf, csrf_of, make_app, post, text

PAGE = "/tickets/zendesk/7"
CANARY = "c4n4ry-Pa55-ünd-<b>"
KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nYWJj\n-----END OPENSSH PRIVATE KEY-----"
TARGET = {"service": "web-3 <i>", "service_id": 1, "host": None, "address": "198.51.100.23"}


@pytest.fixture
def vault() -> Vault:
    return Vault([new_key()])


@pytest.fixture
def app(database: sa.Engine, settings: Settings, asked: Asked, vault: Vault) -> Flask:
    return make_app(database, settings, asked, vault)


@pytest.fixture
def ticket(database: sa.Engine, shelf: Shelf) -> None:
    with database.begin() as connection:
        services.put(connection, [Service(0, "acme", "web-3 <i>", addresses=("198.51.100.23",))])
    shelf.ticket("7", targets=[TARGET])


@pytest.fixture
def link(ticket: None, agent: FlaskClient) -> str:
    """The path of a link made by an agent."""
    html = post(agent, f"{PAGE}/access-link", page=PAGE, service="1").get_data(as_text=True)
    return html.split("http://127.0.0.1:8642", 1)[1].split('"', 1)[0]


def give(client: FlaskClient, path: str, **form: str) -> tuple[int, str]:
    answer = post(client, path, page=path, **{"user": "monitor", "password": CANARY, **form})
    return answer.status_code, answer.get_data(as_text=True)


def kept(database: sa.Engine) -> int:
    with reading(database) as connection:
        return int(connection.scalar(sa.select(sa.func.count()).select_from(credential)) or 0)


def test_an_agent_makes_a_link_that_is_shown_once(agent: FlaskClient, link: str, database: sa.Engine) -> None:
    token = link.removeprefix("/access/")
    assert len(token) > 40
    with reading(database) as connection:
        row = connection.execute(sa.select(credential_link)).one()
    assert token not in str(row)
    html = text(agent, PAGE)
    assert token not in html
    assert "a link was made, good until" in html


def test_only_services_of_the_ticket_can_be_asked_for(agent: FlaskClient, ticket: None) -> None:
    assert post(agent, f"{PAGE}/access-link", page=PAGE, service="2").status_code == 404
    assert post(agent, f"{PAGE}/access-link", page=PAGE).status_code == 404
    assert post(agent, "/tickets/zendesk/8/access-link", page=PAGE, service="1").status_code == 404


def test_a_solved_ticket_cannot_be_asked_for(agent: FlaskClient, ticket: None, shelf: Shelf) -> None:
    shelf.ticket("7", status="solved", targets=[TARGET])
    assert "A look from inside" not in text(agent, PAGE)
    assert post(agent, f"{PAGE}/access-link", page="/settings", service="1").status_code == 409


def test_without_a_key_no_link_works(
    database: sa.Engine, settings: Settings, asked: Asked, link: str, anonymous: FlaskClient
) -> None:
    assert anonymous.get(link).status_code == 200
    assert make_app(database, settings, asked).test_client().get(link).status_code == 404


def test_the_client_needs_no_sign_in_and_reads_what_becomes_of_it(anonymous: FlaskClient, link: str) -> None:
    answer = anonymous.get(link)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "web-3 &lt;i&gt;" in html
    assert "Only our machine uses it" in html and "after 7 days at the latest" in html
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow" and 'name="robots"' in html
    assert answer.headers["Cache-Control"] == "no-store"
    assert "script" not in answer.headers["Content-Security-Policy"] and "<script" not in html
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_the_client_reads_it_in_the_browser_s_language(anonymous: FlaskClient, link: str) -> None:
    html = anonymous.get(link, headers={"Accept-Language": "ru"}).get_data(as_text=True)
    assert "Доступ к вашему серверу" in html and 'lang="ru"' in html


def test_what_is_given_is_sealed_and_a_look_is_asked_for(
    anonymous: FlaskClient, link: str, database: sa.Engine, vault: Vault, asked: Asked
) -> None:
    status, html = give(anonymous, link, port="2222")
    assert status == 200 and "Stored, you may close this page" in html
    assert asked.accesses == [("zendesk", "7")]
    with reading(database) as connection:
        found = access.of_service(connection, vault, 1)
    assert found == Access("monitor", CANARY, port=2222)


def test_a_private_key_may_be_given_instead(
    anonymous: FlaskClient, link: str, database: sa.Engine, vault: Vault
) -> None:
    crlf = KEY.replace("\n", "\r\n")
    assert give(anonymous, link, password="", private_key=f"  {crlf}\r\n", passphrase="words")[0] == 200
    with reading(database) as connection:
        found = access.of_service(connection, vault, 1)
    assert found == Access("monitor", None, KEY + "\n", "words")


def test_no_answer_ever_holds_what_was_given(anonymous: FlaskClient, agent: FlaskClient, link: str) -> None:
    pages = [
        give(anonymous, link, user="two words")[1],
        give(anonymous, link, port="0")[1],
        give(anonymous, link, private_key=f"ssh-rsa {CANARY}", passphrase=CANARY)[1],
        give(anonymous, link)[1],
        give_again(anonymous, link),
        text(agent, PAGE),
    ]
    assert "access given until" in pages[-1]
    for html in pages:
        assert "c4n4ry" not in html


def give_again(client: FlaskClient, link: str) -> str:
    csrf = csrf_of(client, "/sign-in")
    answer = client.post(link, data={"csrf_token": csrf, "user": "u", "password": CANARY})
    assert answer.status_code == 410
    return answer.get_data(as_text=True)


def test_a_used_link_says_so_kindly(anonymous: FlaskClient, link: str, database: sa.Engine) -> None:
    give(anonymous, link)
    answer = anonymous.get(link)
    assert answer.status_code == 410
    assert "This link was used already" in answer.get_data(as_text=True)
    give_again(anonymous, link)
    assert kept(database) == 1


def test_looking_at_the_page_does_not_use_the_link_up(anonymous: FlaskClient, link: str) -> None:
    for _ in range(3):
        assert anonymous.get(link).status_code == 200
    assert give(anonymous, link)[0] == 200


def test_a_newer_link_ends_the_older_one(anonymous: FlaskClient, agent: FlaskClient, link: str) -> None:
    post(agent, f"{PAGE}/access-link", page=PAGE, service="1")
    assert anonymous.get(link).status_code == 410


def test_a_link_ends_after_two_days(anonymous: FlaskClient, link: str, database: sa.Engine) -> None:
    with database.begin() as connection:
        connection.execute(sa.update(credential_link).values(expires_at=utc_now() - timedelta(seconds=1)))
    answer = anonymous.get(link)
    assert answer.status_code == 410 and "does not work any more" in answer.get_data(as_text=True)


def test_an_unknown_link_is_answered_kindly(anonymous: FlaskClient) -> None:
    answer = anonymous.get("/access/never-made")
    assert answer.status_code == 404 and "does not work any more" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"user": ""}, "Give the name of a user"),
        ({"user": "a\tb"}, "Give the name of a user"),
        ({"user": "x" * 65}, "Give the name of a user"),
        ({"port": "70000"}, "A port is a number"),
        ({"port": "٢٢"}, "A port is a number"),
        ({"password": ""}, "Give a password or a private key"),
        ({"password": "x" * 1001}, "too long for a password"),
        ({"private_key": "ssh-ed25519 AAAA me@home"}, "This is the public key"),
        ({"private_key": "PuTTY-User-Key-File-3: ssh-rsa"}, "This is PuTTY"),
        ({"private_key": KEY.replace("OPENSSH", "ENCRYPTED")}, "This form is not taken"),
        ({"private_key": KEY[:50]}, "not a whole private key"),
        ({"private_key": KEY + "\nrm -rf /"}, "not a whole private key"),
    ],
)
def test_what_cannot_be_used_is_named_and_the_link_still_works(
    anonymous: FlaskClient, link: str, database: sa.Engine, form: dict[str, str], said: str
) -> None:
    status, html = give(anonymous, link, **form)
    assert status == 422 and said in html
    assert kept(database) == 0
    assert give(anonymous, link)[0] == 200


def test_a_form_without_its_token_is_refused(anonymous: FlaskClient, link: str, database: sa.Engine) -> None:
    assert anonymous.post(link, data={"user": "monitor", "password": CANARY}).status_code == 400
    assert kept(database) == 0


def test_nobody_can_try_links_without_end(anonymous: FlaskClient) -> None:
    codes = [anonymous.get(f"/access/guess{number}").status_code for number in range(31)]
    assert codes == [404] * 30 + [429]


def test_an_agent_can_delete_it_at_once(
    anonymous: FlaskClient, agent: FlaskClient, link: str, database: sa.Engine
) -> None:
    give(anonymous, link)
    assert post(agent, f"{PAGE}/access-delete", page=PAGE, service="1").location == PAGE
    assert kept(database) == 0
    html = text(agent, PAGE)
    assert "The access was deleted." in html and "access given until" not in html


def test_only_ops_may_forget_a_host_key(
    agent: FlaskClient, ops: FlaskClient, ticket: None, database: sa.Engine
) -> None:
    with database.begin() as connection:
        access.learn_host_key(connection, 1, "[198.51.100.23]:22", "ssh-ed25519 AAAA")
    assert "forget its host key" not in text(agent, PAGE)
    assert post(agent, f"{PAGE}/access-new-host", page=PAGE, service="1").status_code == 403
    assert "forget its host key" in text(ops, PAGE)
    assert post(ops, f"{PAGE}/access-new-host", page=PAGE, service="1").status_code == 303
    with reading(database) as connection:
        assert access.host_keys(connection, 1) == {}


def test_the_database_holds_nothing_in_clear(anonymous: FlaskClient, link: str, tmp_path: Path) -> None:
    give(anonymous, link, private_key=KEY, passphrase="c4n4ry phrase")
    raw = b"".join(path.read_bytes() for path in tmp_path.glob("deskside.db*"))
    assert b"zendesk" in raw
    for secret in (b"c4n4ry", b"YWJj", b"BEGIN OPENSSH", b'"monitor"', link.removeprefix("/access/").encode()):
        assert secret not in raw
