"""Throw-away servers on loopback for the demonstration: living, slow, misconfigured, stopped and dead ones.

They listen on addresses of their own in 127.0.0.0/8, which Linux lets anybody bind. Where the system has only
127.0.0.1 they share it, each with ports of its own, and ping cannot tell them apart: a dead one is then `unknown`.

A *dead* server is hard to have on loopback, where a closed port refuses (a proof of life) and the kernel itself
answers ping. What was measured on Linux 6 and is used here:

- TCP: a listening socket with a backlog of 0 whose one place is taken. The kernel drops every further SYN, so a
  connection times out as it does to a machine that is off.
- HTTP and TLS to that port time out too, but for the same reason: they are not a second kind of evidence.
- Ping: the kernel answers an ICMP echo for all of 127.0.0.0/8, and without privileges nobody can make it stop. So
  every living server here answers UDP echo (RFC 862) on `echo_port`, a dead one receives and stays silent, and the
  demonstration puts `echo.EchoProbe` in the place of the ICMP probe.

So `down` rests on two kinds of evidence that were both measured. Nothing here ever leaves the machine.
"""

import asyncio
import contextlib
import functools
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

BLOCKS = 200
FILLERS = 3
CERTIFICATE_DAYS = 9
SLOW_SECONDS = 4.0
WEB, TLS, SHELL, DATABASE = 8080, 8443, 2222, 5432
SHARED = "127.0.0.1"
PAGE = b"<!doctype html><title>Demonstration</title><p>This server works.</p>"


class Condition(StrEnum):
    """How a server is: what its ports do."""

    WORKING = "working"
    SLOW = "slow"
    FAILING = "failing"
    STOPPED = "stopped"
    DEAD = "dead"


@dataclass
class Server:
    """One server: whose it is, its names, and the ports its owner expects to answer.

    `client` is the external id of the client's organization on the desk.
    """

    name: str
    client: str
    product: str
    domains: tuple[str, ...]
    ports: tuple[int, ...]
    condition: Condition = Condition.WORKING
    address: str = ""
    listening: list[Any] = field(default_factory=list, repr=False)


class Echo(asyncio.DatagramProtocol):
    """Sends back what it gets, unless the server is dead."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        # Not every event loop's datagram transport is a subclass of the declared one.
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """Answer, or not."""
        if self.server.condition is not Condition.DEAD:
            self.transport.sendto(data, addr)


class Names(asyncio.DatagramProtocol):
    """A name server for the demonstration's domains only."""

    def __init__(self, servers: Sequence[Server]) -> None:
        self.servers = servers

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        # Not every event loop's datagram transport is a subclass of the declared one.
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """Answer one query: an address, nothing of that type, or no such name."""
        try:
            query = dns.message.from_wire(data)
        except dns.exception.DNSException:
            return
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        for question in query.question:
            name = question.name.to_text(omit_final_dot=True).lower()
            found = [row for row in self.servers for domain in row.domains if f".{name}".endswith(f".{domain}")]
            parents = [row for row in self.servers for domain in row.domains if domain.endswith(f".{name}")]
            if found and question.rdtype == dns.rdatatype.A:
                answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", "A", found[0].address))
            elif not found and not parents:
                answer.set_rcode(dns.rcode.NXDOMAIN)
        self.transport.sendto(answer.to_wire(), addr)


class Servers:
    """All servers of the demonstration, run by one thread. `kill` and `revive` change one while it runs.

    `network` is the network that probes must be allowed to reach, `nameserver` (address, port) knows the names.
    """

    def __init__(self, servers: Sequence[Server]) -> None:
        self.servers = {server.name: server for server in servers}
        self.network = ""
        self.nameserver = ("", 0)
        self.echo_port = 0
        self._loop = asyncio.new_event_loop()
        self._thread: threading.Thread | None = None
        self._context: ssl.SSLContext | None = None
        self._names: list[Any] = []
        self._echoes: list[Any] = []

    def __getitem__(self, name: str) -> Server:
        return self.servers[name]

    def start(self) -> Self:
        """Find free addresses, listen, serve."""
        tls = [name for server in self.servers.values() if TLS in server.ports for name in server.domains]
        self._context = certificate_context(tls or ["localhost"])
        self._thread = threading.Thread(target=self._loop.run_forever, name="demo-servers", daemon=True)
        self._thread.start()
        for block in range(BLOCKS):
            try:
                self._do(self._open(block))
            except OSError:
                self._do(self._close_all())
                continue
            return self
        self._do(self._open(None))
        return self

    def stop(self) -> None:
        """Close everything."""
        if self._thread is None:
            return
        self._do(self._close_all())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def kill(self, name: str) -> None:
        """From now on it answers nothing."""
        self.change(name, Condition.DEAD)

    def revive(self, name: str) -> None:
        """It works again."""
        self.change(name, Condition.WORKING)

    def change(self, name: str, condition: Condition) -> None:
        """Put a server into another condition."""
        self._do(self._change(self.servers[name], condition))

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _change(self, server: Server, condition: Condition) -> None:
        await close(server.listening)
        server.condition = condition
        await self._listen(server)

    async def _open(self, block: int | None) -> None:
        """Take block `127.10.<block>`, or 127.0.0.1 for all. Raises OSError when anything of it is taken."""
        rows = list(self.servers.values())
        self.network = f"{SHARED}/32" if block is None else f"127.10.{block}.0/24"
        for number, server in enumerate(rows, 10):
            server.address = SHARED if block is None else f"127.10.{block}.{number}"
            if block is None:
                server.ports = tuple(free_port() for _ in server.ports)
            await self._listen(server)
        first = SHARED if block is None else f"127.10.{block}.53"
        transport, _ = await self._loop.create_datagram_endpoint(lambda: Names(rows), local_addr=(first, 0))
        self._names.append(transport)
        self.nameserver = transport.get_extra_info("sockname")[:2]
        self.echo_port = 0
        for server in rows if block is not None else rows[:1]:
            endpoint = (server.address, self.echo_port)
            transport, _ = await self._loop.create_datagram_endpoint(
                functools.partial(Echo, server), local_addr=endpoint
            )
            self._echoes.append(transport)
            self.echo_port = transport.get_extra_info("sockname")[1]

    async def _close_all(self) -> None:
        for server in self.servers.values():
            await close(server.listening)
        await close(self._names)
        await close(self._echoes)

    async def _listen(self, server: Server) -> None:
        for place, port in enumerate(server.ports):
            if server.condition is Condition.DEAD:
                server.listening.extend(full_backlog(server.address, port))
            elif server.condition is not Condition.STOPPED:
                server.listening.append(await self._serve(server, port, place))
            else:
                # Held but not listened on, so that it refuses and nobody else takes it.
                server.listening.append(bound(server.address, port))

    async def _serve(self, server: Server, port: int, place: int) -> asyncio.Server:
        sock = bound(server.address, port)
        sock.listen(64)
        web = port in (WEB, TLS) or (server.address == SHARED and place == 0)

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                await (serve_web if web else serve_plain)(server, reader, writer)
            writer.close()

        return await asyncio.start_server(answer, sock=sock, ssl=self._context if port == TLS else None)


async def close(listening: list[Any]) -> None:
    """Close servers, sockets and transports, and forget them."""
    for item in listening:
        item.close()
    listening.clear()
    # One turn of the loop, so that transports are closed before their addresses are bound again.
    await asyncio.sleep(0)


async def serve_web(server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One HTTP answer, as the server's condition has it."""
    async with asyncio.timeout(10):
        await reader.readuntil(b"\r\n\r\n")
    if server.condition is Condition.SLOW:
        await asyncio.sleep(SLOW_SECONDS)
    status = b"500 Internal Server Error" if server.condition is Condition.FAILING else b"200 OK"
    head = b"HTTP/1.1 " + status + b"\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n"
    writer.write(head + b"Content-Length: %d\r\n\r\n" % len(PAGE) + PAGE)
    await writer.drain()


async def serve_plain(server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A greeting, then silence until the other side hangs up."""
    writer.write(f"220 {server.name} demonstration\r\n".encode())
    await writer.drain()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(10):
            await reader.read(1024)


def bound(address: str, port: int) -> socket.socket:
    """A TCP socket on this very address. Raises OSError when it is taken or the system has no such address."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((address, port))
    except OSError:
        sock.close()
        raise
    return sock


def full_backlog(address: str, port: int) -> list[socket.socket]:
    """A port that lets every connection time out: nobody accepts, and the one place in the queue is taken."""
    listener = bound(address, port)
    listener.listen(0)
    fillers = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(FILLERS)]
    for filler in fillers:
        filler.setblocking(False)
        filler.connect_ex((address, port))
    return [*fillers, listener]


def free_port() -> int:
    """A port that is free on 127.0.0.1 now."""
    with bound(SHARED, 0) as sock:
        return int(sock.getsockname()[1])


def certificate_context(names: Sequence[str]) -> ssl.SSLContext:
    """A TLS context with a self-signed certificate for `names` that ends soon."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=81))
        .not_valid_after(now + timedelta(days=CERTIFICATE_DAYS))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        # The ssl module reads keys from files only.
        path = Path(folder) / "pair.pem"
        path.touch(mode=0o600)
        path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
        context.load_cert_chain(path)
    return context


def demo_services(servers: Servers, name: Callable[[Server], tuple[str, str]]) -> list[dict[str, Any]]:
    """The clients' services as rows of a services file: client, name, domains, addresses, ports, product.

    `name` gives what the desk calls the client of a server, and the server.
    """
    rows = []
    for server in servers.servers.values():
        client, called = name(server)
        rows.append(
            {
                "client": client,
                "name": called,
                "domains": list(server.domains),
                "addresses": [server.address],
                "ports": list(server.ports),
                "product": server.product,
            }
        )
    return rows
