"""A push service that accepts everything as fast as Python can: HTTP/2 and HTTP/1.1 over TLS, in a process of its own.

It reads frames and never a header, so that a sender is measured and not the service.
"""

import argparse
import asyncio
import contextlib
import os
import ssl
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from tests.doubles import certificates

STREAMS = 256
_PREFACE = 24
_WINDOW = 1 << 30
_SETTINGS = b"\0\0\x0c\4\0\0\0\0\0" + struct.pack("!HIHI", 3, STREAMS, 4, 1 << 20)
_OPEN = b"\0\0\4\x08\0\0\0\0\0" + struct.pack("!I", _WINDOW)
_SETTINGS_READ = b"\0\0\0\4\1\0\0\0\0"
_DATA, _SETTINGS_FRAME, _PING = 0, 4, 6
_HTTP_1 = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Sink:
    """A running sink: `host:port`, who vouches for it, and its process."""

    name: str
    authority: str
    process: int

    def seconds(self) -> float:
        """Processor time it has used: a sink that was busy all the time has measured itself."""
        fields = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def push_sink(delay: float = 0.0) -> Iterator[Sink]:
    """A sink on a free port that answers after `delay` seconds."""
    issued = certificates.issue("127.0.0.1", "localhost", issuer=certificates.root())
    with tempfile.TemporaryDirectory(prefix="deskside-sink-") as folder:
        pem, authority = Path(folder, "server.pem"), Path(folder, "root.pem")
        key = issued.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        pem.write_bytes(issued.pem + key)
        authority.write_bytes(certificates.root().pem)
        root = str(Path(__file__).resolve().parents[2])
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.doubles.push_sink", str(pem), "--delay", str(delay)],
            stdout=subprocess.PIPE,
            cwd=root,
            env={**os.environ, "PYTHONPATH": root},
        )
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            yield Sink(f"127.0.0.1:{port}", str(authority), process.pid)
        finally:
            process.terminate()
            process.wait(10)


class _Connection(asyncio.Protocol):
    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._buffer = b""
        self._skip = 0
        self._read = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._http_2 = transport.get_extra_info("ssl_object").selected_alpn_protocol() == "h2"
        if self._http_2:
            self._skip = _PREFACE
            transport.write(_SETTINGS + _OPEN)

    def data_received(self, data: bytes) -> None:
        data = self._buffer + data
        if len(data) < self._skip:
            self._buffer = data
            return
        start, self._skip = self._skip, 0
        answer = self._frames(data, start) if self._http_2 else self._requests(data)
        if answer and self._delay:
            asyncio.get_running_loop().call_later(self._delay, self._transport.write, answer)
        elif answer:
            self._transport.write(answer)

    def _frames(self, data: bytes, start: int) -> bytes:
        answer = []
        while len(data) - start >= 9:
            size = data[start] << 16 | data[start + 1] << 8 | data[start + 2]
            end = start + 9 + size
            if end > len(data):
                break
            kind, flags = data[start + 3], data[start + 4]
            if kind == _DATA:
                self._read += size
                if flags & 1:
                    # HEADERS, END_STREAM and END_HEADERS: the literal :status 201.
                    answer.append(b"\0\0\5\1\5" + data[start + 5 : start + 9] + b"\x08\x03201")
            elif kind == _SETTINGS_FRAME and not flags & 1:
                answer.append(_SETTINGS_READ)
            elif kind == _PING and not flags & 1:
                answer.append(b"\0\0\x08\6\1\0\0\0\0" + data[start + 9 : end])
            start = end
        if self._read > _WINDOW // 4:
            answer.append(b"\0\0\4\x08\0\0\0\0\0" + struct.pack("!I", self._read))
            self._read = 0
        self._buffer = data[start:]
        return b"".join(answer)

    def _requests(self, data: bytes) -> bytes:
        answers = 0
        while (end := data.find(b"\r\n\r\n")) >= 0:
            head = data[:end].lower()
            at = head.find(b"content-length:")
            size = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(data) < end + 4 + size:
                break
            answers += 1
            data = data[end + 4 + size :]
        self._buffer = data
        return _HTTP_1 * answers


async def _serve(pem: str, delay: float) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    context.set_alpn_protocols(["h2", "http/1.1"])
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(delay), "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pem", help="certificate and key")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before an answer")
    chosen = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(chosen.pem, chosen.delay))
