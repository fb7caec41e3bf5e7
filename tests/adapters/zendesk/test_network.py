"""What the network does to a request: in bounded time, and nothing sent twice that may not be."""

import gzip
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from werkzeug.serving import make_server

from adapters.zendesk.budget import Budget
from adapters.zendesk.credentials import make_credentials
from adapters.zendesk.session import API, DeskSession
from adapters.zendesk.settings import Settings
from deskside.errors import Permanent, Transient, UnknownOutcome
from tests.adapters.zendesk.account import TOKEN, Account, Answer
from tests.adapters.zendesk.peers import Peer, legacy

PATH = "/api/v2/things.json"
SECRET = "the-secret-of-the-client"


@pytest.fixture
def session(settings: Settings) -> DeskSession:
    return DeskSession(settings, make_credentials(settings), Budget())


@pytest.fixture
def peer(request: pytest.FixtureRequest) -> Iterator[Peer]:
    peer = Peer(*getattr(request, "param", (b"",)))
    yield peer
    peer.close()


def test_a_refused_connection_means_that_nothing_was_sent(account: Account) -> None:
    session = legacy(account.url)
    account.close()
    with pytest.raises(Transient) as caught:
        session.json("PUT", "things.json", json={})
    assert not isinstance(caught.value, UnknownOutcome)


def test_an_untrusted_certificate_means_that_nothing_was_sent(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    pem = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "server.pem").write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    server = make_server("127.0.0.1", 0, lambda *_: [b"{}"], ssl_context=context, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        with pytest.raises(Transient, match="certificate is not trusted") as caught:
            legacy(f"https://127.0.0.1:{server.server_port}", 5.0).json("PUT", "things.json", json={})
        assert not isinstance(caught.value, UnknownOutcome)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_connection_lost_after_a_write_leaves_its_outcome_unknown_and_is_not_repeated(peer: Peer) -> None:
    for method in ("PUT", "POST", "DELETE", "PATCH"):
        with pytest.raises(UnknownOutcome):
            legacy(peer.url).request(method, API + "things.json", json={})
    assert peer.requests == 4


def test_a_read_is_repeated_after_a_lost_connection(peer: Peer) -> None:
    with pytest.raises(Transient) as caught:
        legacy(peer.url).json("GET", "things.json")
    assert not isinstance(caught.value, UnknownOutcome)
    assert peer.requests == 2


@pytest.mark.parametrize("peer", [(b"",)], indirect=True)
def test_no_error_names_a_secret(peer: Peer, account: Account, session: DeskSession) -> None:
    account.on("GET", PATH, Answer({"error": f"bad {TOKEN} {SECRET}"}, 400))
    with pytest.raises(Permanent) as caught:
        session.json("GET", "things.json")
    assert TOKEN not in str(caught.value)
    assert SECRET not in repr(caught.value)
    with pytest.raises(Transient) as lost:
        legacy(peer.url).json("GET", "things.json")
    assert "legacy-token" not in repr(lost.value)


def silent_peer(reply: bytes = b"") -> Peer:
    return Peer(reply, stay=True)


def test_a_silent_peer_is_left_after_the_read_time_out_and_not_asked_twice() -> None:
    peer = silent_peer()
    try:
        with pytest.raises(Transient, match="time-out"):
            legacy(peer.url).json("GET", "things.json")
        with pytest.raises(UnknownOutcome, match="time-out"):
            legacy(peer.url).json("PUT", "things.json", json={})
    finally:
        peer.close()
    assert peer.requests == 2


def test_a_body_that_breaks_off_leaves_the_outcome_of_a_write_unknown() -> None:
    peer = Peer(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"ticket":')
    try:
        with pytest.raises(UnknownOutcome):
            legacy(peer.url).json("PUT", "things.json", json={})
        with pytest.raises(Transient):
            legacy(peer.url).json("GET", "things.json")
    finally:
        peer.close()


def test_a_body_that_drips_for_ever_does_not_hold_a_worker() -> None:
    stopping = threading.Event()
    server = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _ = server.accept()
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not stopping.wait(0.05):
            try:
                connection.sendall(b" ")
            except OSError:
                break
        connection.close()

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    try:
        with pytest.raises(Transient, match="time-out"):
            legacy(f"http://127.0.0.1:{server.getsockname()[1]}").json("GET", "things.json")
    finally:
        stopping.set()
        thread.join()
        server.close()


def test_compressed_and_chunked_answers_are_read_whole(account: Account, session: DeskSession) -> None:
    data = {"text": "x" * 300_000}
    packed = gzip.compress(json.dumps(data).encode())
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (packed[:10], packed[10:])) + b"0\r\n\r\n"
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
    peer = Peer(head + chunks)
    try:
        assert legacy(peer.url, 5.0).json("GET", "things.json") == data
    finally:
        peer.close()
