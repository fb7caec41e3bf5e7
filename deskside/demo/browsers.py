"""Browsers for the demonstration: a push service on loopback, and people who see and click what comes through it.

What is pushed to them is encrypted for them, travels over TLS, and is decrypted here, as in a real browser; they tell
of it by the same beacon. Only the click is a matter of chance.
"""

import heapq
import json
import random
import ssl
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from itertools import count
from pathlib import Path
from typing import Any

import http_ece
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ZONES = ("Europe/Berlin", "Europe/London", "Europe/Moscow", "America/New_York")
BROWSERS = (("chrome", "windows"), ("chrome", "android"), ("edge", "windows"), ("firefox", "linux"), ("safari", "ios"))
# Out of a hundred.
SEES, CLICKS, CLOSES = 86, 11, 20
CLICK_SECONDS = (2.0, 40.0)
TIMEOUT = (2, 10)


@dataclass(frozen=True, slots=True)
class Browser:
    """What a person's browser would tell when they subscribe; keys are bytes. `number` tells it from the others."""

    number: int
    endpoint: str
    p256dh: bytes
    auth: bytes
    browser: str
    platform: str
    language: str
    zone: str


class Browsers:
    """`many` browsers with a push service of their own; `report_to` is where they tell what became of a push.

    `address` is the service's `host:port`, `ca_file` says who may vouch for it. Use it as a context manager.
    """

    def __init__(self, folder: Path, report_to: str, many: int = 120, seed: int = 7) -> None:
        self.ca_file = folder / "push-service.pem"
        self._report_to = report_to
        self._chance = random.Random(seed)  # noqa: S311 - a show, always the same
        self._keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(many)]
        self._auth = [self._chance.randbytes(16) for _ in range(many)]
        self._server = _Service(("127.0.0.1", 0), _Post)
        self._server.browsers = self
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(_certificate(self.ca_file))
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.address = f"localhost:{self._server.server_address[1]}"
        self._told = threading.Condition()
        self._happenings: list[tuple[float, int, dict[str, Any]]] = []
        self._numbers = count()
        self._stopped = False

    @property
    def browsers(self) -> Sequence[Browser]:
        """All of them."""
        found = []
        for number, key in enumerate(self._keys):
            point = key.public_key().public_bytes(
                serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
            )
            kind, platform = BROWSERS[number % len(BROWSERS)]
            russian = number % 10 in (3, 6, 9)
            found.append(
                Browser(
                    number,
                    f"https://{self.address}/push/{number}",
                    point,
                    self._auth[number],
                    kind,
                    platform,
                    "ru" if russian else "en",
                    "Europe/Moscow" if russian else ZONES[number % len(ZONES)],
                )
            )
        return found

    def __enter__(self) -> "Browsers":
        for work in (self._server.serve_forever, self._live):
            threading.Thread(target=work, name="browsers", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._told:
            self._stopped = True
            self._told.notify()
        self._server.shutdown()
        self._server.server_close()

    def take(self, number: int, body: bytes) -> bool:
        """A push for one of them came; whether there is such a browser. Raises when it cannot be decrypted."""
        if not 0 <= number < len(self._keys):
            return False
        plain = http_ece.decrypt(
            body, private_key=self._keys[number], auth_secret=self._auth[number], version="aes128gcm"
        )
        token = json.loads(plain)["notification"]["data"]["token"]
        if self._chance.randrange(100) >= SEES:
            # Their device is off.
            return True
        seen = self._chance.uniform(0.2, 6.0)
        happenings: list[tuple[float, dict[str, Any]]] = [(seen, {"token": token, "what": "shown"})]
        chance = self._chance.randrange(100)
        then = seen + self._chance.uniform(*CLICK_SECONDS)
        if chance < CLICKS:
            happenings.append((then, {"token": token, "what": "clicked"}))
        elif chance < CLICKS + CLOSES:
            happenings.append((then, {"token": token, "what": "closed"}))
        now = time.monotonic()
        with self._told:
            for later, what in happenings:
                heapq.heappush(self._happenings, (now + later, next(self._numbers), what))
            self._told.notify()
        return True

    def _live(self) -> None:
        session = requests.Session()
        session.trust_env = False
        while True:
            with self._told:
                while not self._stopped and (
                    not self._happenings or (wait := self._happenings[0][0] - time.monotonic()) > 0
                ):
                    self._told.wait(wait if self._happenings else None)
                if self._stopped:
                    return
                _, _, event = heapq.heappop(self._happenings)
            try:
                session.post(self._report_to, json={"events": [{**event, "ago": 0}]}, timeout=TIMEOUT)
            except requests.RequestException:
                # Deskside is starting or ending; a browser would have lost this report too.
                continue


class _Service(ThreadingHTTPServer):
    daemon_threads = True
    browsers: Browsers


class _Post(BaseHTTPRequestHandler):
    """What a push service answers (RFC 8030, 5)."""

    protocol_version = "HTTP/1.1"
    server: _Service

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        number = self.path.rpartition("/")[2]
        try:
            known = self.server.browsers.take(int(number), body)
        except (http_ece.ECEException, ValueError, KeyError):
            self._answer(400)
            return
        self._answer(201 if known else 410)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing: an address here is a capability."""


def _certificate(path: Path) -> Path:
    """A certificate for localhost that vouches for itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path.touch(mode=0o600)
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path
