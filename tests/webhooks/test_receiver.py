"""A delivery is answered 2xx exactly when it is authentic and stored, and stored once."""

import http.client
import json
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import requests
import sqlalchemy as sa

from adapters.zendesk.settings import TEST_SECRET, ZendeskSchema
from deskside.errors import ConfigurationError
from deskside.model.ticket import Delivery
from deskside.settings import load
from tests.databases import open_careless
from tests.jobs.desk import FakeDesk
from tests.serving import serving
from tests.webhooks.receiving import PREVIOUS, SECTION, Receiver, event, receiving, signed
from webhooks.receiver import LARGEST_BODY


@pytest.fixture
def store(database_url: str) -> Iterator[sa.Engine]:
    """A migrated database, once on each kind."""
    opened = open_careless(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def receiver(store: sa.Engine) -> Iterator[Receiver]:
    with receiving(store) as made:
        yield made


@pytest.fixture
def address(receiver: Receiver) -> Iterator[tuple[str, int]]:
    """Where the receiver listens on a real socket."""
    with serving(receiver.app) as url:
        host, _, port = url.removeprefix("http://").partition(":")
        yield host, int(port)


def test_an_authentic_delivery_is_stored_as_it_came_with_its_job(receiver: Receiver) -> None:
    body = event("01E", 42)
    answer = receiver.post(body)
    assert (answer.status_code, answer.data) == (204, b"")
    row = receiver.stored()[0]
    assert (row.source, row.delivery_id, row.ticket_id, row.state) == ("zendesk", "01E", "42", "waiting")
    assert row.type == "zen:event-type:ticket.created"
    assert row.body == body
    assert receiver.jobs() == [row.id]


def test_a_duplicate_is_2xx_and_stored_once(receiver: Receiver) -> None:
    body = event()
    assert [receiver.post(body).status_code for _ in range(3)] == [204, 204, 204]
    assert len(receiver.stored()) == 1
    assert len(receiver.jobs()) == 1


def test_a_retry_signed_anew_is_the_same_delivery(receiver: Receiver) -> None:
    body = event()
    receiver.post(body, signed(body, age=timedelta(minutes=2)))
    receiver.post(body, signed(body))
    assert len(receiver.stored()) == 1


def test_a_body_signed_with_another_secret_is_refused(receiver: Receiver) -> None:
    body = event()
    answer = receiver.post(body, signed(body, "somebody-elses"))
    assert answer.status_code == 401
    assert answer.get_json() == {"error": "the signature does not fit the body"}
    assert receiver.stored() == []


def test_a_body_changed_on_the_way_is_refused(receiver: Receiver) -> None:
    assert receiver.post(event("01F"), signed(event("01E"))).status_code == 401


def test_the_raw_bytes_are_what_is_signed(receiver: Receiver) -> None:
    body = b'{ "ticket_id" : "7",\r\n "note": "\xc3\xa9" }'
    assert receiver.post(body).status_code == 204
    assert receiver.stored()[0].body == body


@pytest.mark.parametrize("missing", ["X-Zendesk-Webhook-Signature", "X-Zendesk-Webhook-Signature-Timestamp"])
def test_a_delivery_without_a_signature_is_refused(receiver: Receiver, missing: str) -> None:
    body = event()
    headers = signed(body)
    del headers[missing]
    assert receiver.post(body, headers).status_code == 401
    assert receiver.post(body, {}).status_code == 401
    assert receiver.stored() == []


@pytest.mark.parametrize("age", [timedelta(minutes=6), timedelta(minutes=-6)])
def test_an_old_or_early_signature_is_refused(receiver: Receiver, age: timedelta) -> None:
    body = event()
    assert receiver.post(body, signed(body, age=age)).status_code == 401
    assert receiver.stored() == []


def test_during_a_rotation_both_secrets_are_good(receiver: Receiver) -> None:
    for number, secret in enumerate([SECTION["webhook_secret"], PREVIOUS]):
        body = event(f"e{number}")
        assert receiver.post(body, signed(body, secret)).status_code == 204
    assert len(receiver.stored()) == 2


def test_what_zendesk_prints_in_its_manual_opens_nothing(store: sa.Engine) -> None:
    body = event()
    with receiving(store, webhook_secret=None, webhook_secret_previous=None) as receiver:
        assert receiver.post(body, signed(body, TEST_SECRET)).status_code == 401
        assert receiver.post(body, signed(body, "")).status_code == 401


def test_the_public_test_secret_cannot_be_configured() -> None:
    environment = {f"DESKSIDE_ZENDESK__{key}".upper(): value for key, value in SECTION.items()}
    loaded = load(environment={**environment, "DESKSIDE_ZENDESK__WEBHOOK_SECRET": TEST_SECRET})
    with pytest.raises(ConfigurationError, match="public test secret") as error:
        loaded.section("zendesk", ZendeskSchema)
    assert TEST_SECRET not in str(error.value)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"text"', b"\xff\xfe", b'{"subject": "no ticket"}', b"[" * 20_000, b"null"]
)
def test_what_cannot_be_read_is_400_and_says_why(receiver: Receiver, body: bytes) -> None:
    answer = receiver.post(body)
    assert answer.status_code == 400
    assert answer.get_json()["error"]
    assert receiver.stored() == []


def test_what_cannot_be_read_and_is_not_signed_is_401(receiver: Receiver) -> None:
    assert receiver.post(b"{", {}).status_code == 401


def test_an_event_of_a_kind_nobody_knows_is_stored(receiver: Receiver) -> None:
    assert receiver.post(event(type="zen:event-type:ticket.something_new")).status_code == 204
    assert len(receiver.stored()) == 1


def sized(size: int) -> bytes:
    body = event(filler="")
    return body[:-2] + b"x" * (size - len(body)) + b'"}'


def test_a_body_of_exactly_the_limit_is_stored(receiver: Receiver) -> None:
    assert receiver.post(sized(LARGEST_BODY)).status_code == 204


def test_one_byte_over_the_limit_is_413(receiver: Receiver) -> None:
    answer = receiver.post(sized(LARGEST_BODY + 1))
    assert answer.status_code == 413
    assert str(LARGEST_BODY) in answer.get_json()["error"]
    assert receiver.stored() == []


def chunked(address: tuple[str, int], body: bytes) -> int:
    """Send a body whose length is not said; the status of the answer."""
    connection = http.client.HTTPConnection(*address, timeout=20)
    pieces = (body[start : start + 8192] for start in range(0, len(body), 8192))
    headers = {**signed(body), "Transfer-Encoding": "chunked"}
    connection.request("POST", "/webhooks/zendesk", pieces, headers, encode_chunked=True)
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_body_of_unknown_length_is_read(receiver: Receiver, address: tuple[str, int]) -> None:
    assert chunked(address, event()) == 204
    assert receiver.stored()[0].body == event()


def test_a_body_of_unknown_length_is_cut_at_the_limit(receiver: Receiver, address: tuple[str, int]) -> None:
    assert chunked(address, sized(LARGEST_BODY + 10)) == 413
    assert receiver.stored() == []


def test_an_unknown_source_is_404(receiver: Receiver) -> None:
    answer = receiver.client.post("/webhooks/whatever", data=event(), headers=signed(event()))
    assert answer.status_code == 404
    assert receiver.stored() == []


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_only_post_is_taken(receiver: Receiver, method: str) -> None:
    answer = receiver.client.open("/webhooks/zendesk", method=method)
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def refuse(store: sa.Engine) -> None:
    """Make the database refuse every new connection, as one that is stopped."""
    name = store.url.database
    if store.dialect.name == "postgresql":
        admin = sa.create_engine(store.url.set(database="postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(sa.text(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS false'))
            ended = sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
            connection.execute(ended, {"name": name})
        admin.dispose()
        return

    def full(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA max_page_count = 1")

    sa.event.listen(store, "connect", full)
    store.dispose()


def accept_again(store: sa.Engine) -> None:
    if store.dialect.name == "postgresql":
        admin = sa.create_engine(store.url.set(database="postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(sa.text(f'ALTER DATABASE "{store.url.database}" WITH ALLOW_CONNECTIONS true'))
        admin.dispose()
        return
    with store.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1073741823")
    # The same connection is the one the pool gives out again.


@pytest.mark.parametrize("warm", [True, False], ids=["the secret is remembered", "the secret must be read"])
def test_while_the_database_refuses_the_answer_is_503_and_says_when_to_come_again(
    receiver: Receiver, store: sa.Engine, warm: bool
) -> None:
    if warm:
        receiver.post(event("before"))
    refuse(store)
    # Enough that a full SQLite file needs a new page.
    body = event("meanwhile", filler="x" * 20_000)
    answer = receiver.post(body)
    assert answer.status_code == 503
    assert 0 < int(answer.headers["Retry-After"]) < 60
    accept_again(store)
    assert receiver.post(body).status_code == 204
    assert {row.delivery_id for row in receiver.stored()} == {"meanwhile"} | ({"before"} if warm else set())


@pytest.mark.parametrize("table", ["inbox", "jobs"])
def test_delivery_and_job_are_stored_together_or_not_at_all(receiver: Receiver, store: sa.Engine, table: str) -> None:
    jobs = "procrastinate_jobs" if store.dialect.name == "postgresql" else "job"
    name = jobs if table == "jobs" else "inbox"
    with store.begin() as connection:
        connection.execute(sa.text(f"ALTER TABLE {name} RENAME TO away"))
    body = event()
    assert receiver.post(body).status_code == 503
    with store.begin() as connection:
        connection.execute(sa.text(f"ALTER TABLE away RENAME TO {name}"))
    assert receiver.stored() == []
    assert receiver.jobs() == []
    assert receiver.post(body).status_code == 204
    assert len(receiver.stored()) == len(receiver.jobs()) == 1


def test_the_reason_of_a_refusal_is_not_told_to_the_sender(receiver: Receiver, store: sa.Engine) -> None:
    receiver.post(event("before"))
    refuse(store)
    answer = receiver.post(event("meanwhile", filler="x" * 20_000))
    assert answer.get_json() == {"error": "cannot store the delivery now, send it again"}


def test_sixty_four_at_once_are_all_answered_and_stored(receiver: Receiver, address: tuple[str, int]) -> None:
    together = threading.Barrier(64)

    def send(number: int) -> int:
        # Every fourth one is a duplicate of its neighbour.
        body = event(f"e{number - number % 4 // 3}", number)
        together.wait()
        return requests.post(
            f"http://{address[0]}:{address[1]}/webhooks/zendesk", body, headers=signed(body), timeout=60
        ).status_code

    with ThreadPoolExecutor(64) as pool:
        assert Counter(pool.map(send, range(64))) == {204: 64}
    stored = receiver.stored()
    assert len(stored) == 48
    assert receiver.jobs() == [row.id for row in stored]


def test_headers_that_carry_a_credential_are_not_kept(receiver: Receiver) -> None:
    body = event()
    secret = {
        "Authorization": "Bearer s3cret",
        "cookie": "a=s3cret",
        "X-API-Key": "s3cret",
        "Proxy-Authorization": "s3",
    }
    receiver.post(body, {**signed(body), **secret, "X-Zendesk-Account-Id": "17"})
    kept = receiver.stored()[0].headers
    assert "s3cret" not in json.dumps(kept)
    assert not {name.lower() for name in kept} & {name.lower() for name in secret}
    assert kept["X-Zendesk-Account-Id"] == "17"


@pytest.mark.parametrize(
    "event_id",
    ["a\x00b", "\ud800", "\u202eright to left", "x" * 5000, "'; DROP TABLE inbox; --", "Grüße 😀", "", "\n", "\x00"],
)
def test_odd_characters_in_an_id_cost_nothing(receiver: Receiver, event_id: str) -> None:
    body = event(event_id)
    # Signed once: without an id, equal bytes signed at one time are one delivery.
    headers = signed(body)
    assert [receiver.post(body, headers).status_code for _ in range(2)] == [204, 204]
    row = receiver.stored()[0]
    assert len(receiver.stored()) == 1
    assert row.body == body
    assert 0 < len(row.delivery_id) <= 200
    assert "\0" not in row.delivery_id


@pytest.mark.parametrize("ticket_id", ["1\x00", "9" * 70, "-1", "zero", "😀", "0"])
def test_an_odd_ticket_id_is_never_taken_for_a_ticket(receiver: Receiver, ticket_id: str) -> None:
    assert receiver.post(event("e", ticket_id)).status_code == 204
    assert receiver.stored()[0].ticket_id is None


class OddDesk(FakeDesk):
    """A desk whose plug-in was careless."""

    delivery = Delivery("", None, "fake")

    def accept(self, headers: Any, body: bytes, now: Any) -> Delivery:
        return self.delivery


@pytest.mark.parametrize(
    "delivery",
    [
        Delivery("", None, "fake"),
        Delivery("x" * 201, None, "fake"),
        Delivery("a\x00b", None, "fake"),
        Delivery("\ud800", None, "fake"),
        Delivery("a", "1\x00", "fake"),
        Delivery("a", "1" * 65, "fake"),
        Delivery("a", "1", "fa\x00ke"),
    ],
)
def test_what_the_store_could_never_hold_is_400_and_not_asked_for_again(store: sa.Engine, delivery: Delivery) -> None:
    desk = OddDesk()
    desk.delivery = delivery
    with receiving(store, desk) as receiver:
        assert receiver.post(b"x", {}).status_code == 400
        assert receiver.stored() == []
