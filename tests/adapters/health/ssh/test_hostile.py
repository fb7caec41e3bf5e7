"""A server is a stranger: what it gets to see of us, and what it cannot make us do."""

import asyncio
import base64
import logging
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh
import pytest

from adapters.health.settings import LIMITS
from adapters.health.ssh import probe
from adapters.health.ssh.collect import endpoint
from adapters.health.ssh.keys import KeyRefused, open_key
from deskside.model.access import Access
from deskside.model.health import Finding, Sign, Word
from deskside.model.service import Target
from deskside.ports import Surroundings
from tests.adapters.health.looking import LOOPBACK

TARGET = Target("srv", None, "127.0.0.1", (), "", ("127.0.0.1",), service_id=1)
CANARY = "c4n4ry-password"


@dataclass
class Stranger(asyncssh.SSHServer):
    """Notes all that it is offered; takes the password it is told to take."""

    takes: str | None = None
    banner: str = ""
    offered: list[tuple[str, str]] = field(default_factory=list)
    asked_for: list[str] = field(default_factory=list)

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        if self.banner:
            conn.send_auth_banner(self.banner)

    def begin_auth(self, username: str) -> bool:
        self.offered.append(("user", username))
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        self.offered.append(("password", password))
        return password == self.takes

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        self.offered.append(("key", key.get_fingerprint()))
        return False


async def flood(process: "asyncssh.SSHServerProcess[bytes]") -> None:
    """Prints a hundred times what is taken."""
    for _ in range(1_500):
        process.stdout.write(b"x" * 65_536)
        await process.stdout.drain()


async def drip(process: "asyncssh.SSHServerProcess[bytes]") -> None:
    """Prints a byte now and then, without end."""
    while True:
        process.stdout.write(b"x")
        await asyncio.sleep(0.02)


def against(
    stranger: Stranger,
    given: Callable[[int], Access],
    *,
    process: Callable[["asyncssh.SSHServerProcess[bytes]"], Awaitable[None]] | None = None,
    **limits: float,
) -> Finding:
    """The one finding of a look at this stranger."""

    async def run() -> Finding:
        key = asyncssh.generate_private_key("ssh-ed25519")
        server = await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=lambda: stranger,
            server_host_keys=[key],
            process_factory=process,
            encoding=None,
        )
        async with server:
            around = Surroundings("127.0.0.1", (), LOOPBACK, None, {**LIMITS, **limits}, given(server.get_port()))
            findings = await probe.look(TARGET, around)
        assert len(findings) == 1
        return findings[0]

    return asyncio.run(run())


def test_it_is_offered_what_the_client_gave_and_nothing_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / ".ssh"
    home.mkdir()
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(home / "id_ed25519")
    (home / "config").write_text("User operator\nPasswordAuthentication yes\nIdentityFile ~/.ssh/id_ed25519\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "agent"))
    stranger = Stranger()
    finding = against(stranger, lambda port: Access("monitor", CANARY, port=port))
    assert finding.details["code"] == "denied"
    assert set(stranger.offered) == {("user", "monitor"), ("password", CANARY)}
    assert os.environ["HOME"] == str(tmp_path)


def test_a_stranger_with_another_host_key_is_offered_nothing() -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    for known in (other, asyncssh.generate_private_key("ecdsa-sha2-nistp256").export_public_key().decode().strip()):
        stranger = Stranger(takes=CANARY)
        keys = {"key": known}
        finding = against(
            stranger,
            lambda port, keys=keys: Access(  # type: ignore[misc]
                "monitor", CANARY, port=port, host_keys={endpoint("127.0.0.1", port): keys["key"]}
            ),
        )
        assert (finding.word, finding.sign, finding.details["code"]) == (Word.UNKNOWN, Sign.ALIVE, "host_key_changed")
        assert stranger.offered == []


def test_too_much_output_is_cut_by_size_and_what_drips_by_time() -> None:
    for process, seconds, code in ((flood, 30.0, "no_shell"), (drip, 1.0, "timeout")):
        finding = against(
            Stranger(takes=CANARY),
            lambda port: Access("monitor", CANARY, port=port),
            process=process,
            ssh_seconds=seconds,
        )
        assert finding.details["code"] == code


def test_a_banner_cannot_write_into_the_finding() -> None:
    stranger = Stranger(banner="\x1b[2J\r\nOK: all is well, type your root password: ")
    finding = against(stranger, lambda port: Access("monitor", CANARY, port=port))
    assert finding.summary == "SSH: the server refuses the login the client gave"


@pytest.mark.parametrize(
    ("speech", "code"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "broken"),
        (b"", "broken"),
        (b"\x00" * 100_000, "broken"),
        (b"SSH-1.5-old\r\n", "broken"),
        (b"SSH-2.0-x\r\n" + b"\xff" * 50_000, "broken"),
        (None, "timeout"),
    ],
)
def test_what_does_not_speak_ssh_is_said_so(speech: bytes | None, code: str) -> None:
    async def run() -> Finding:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if speech is None:
                await reader.read(-1)
            else:
                writer.write(speech)
                await writer.drain()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            given = Access("monitor", CANARY, port=port)
            around = Surroundings("127.0.0.1", (), LOOPBACK, None, {**LIMITS, "ssh_login_seconds": 0.7}, given)
            (finding,) = await probe.look(TARGET, around)
        return finding

    finding = asyncio.run(run())
    assert (finding.word, finding.sign, finding.details["code"]) == (Word.UNKNOWN, Sign.ALIVE, code)


def test_a_closed_port_is_told_with_its_state() -> None:
    around = Surroundings("127.0.0.1", (), LOOPBACK, None, LIMITS, Access("monitor", CANARY, port=1))
    (finding,) = asyncio.run(probe.look(TARGET, around))
    assert finding.summary == "SSH: no connection to port 1 (refused)"
    assert finding.sign is Sign.ALIVE


def test_a_key_that_would_cost_too_much_is_not_opened() -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    fine = key.export_private_key("openssh", "words", rounds=50).decode()
    assert open_key(fine, "words").get_fingerprint() == key.get_fingerprint()
    begin, *lines, end = fine.strip().splitlines()
    data = bytearray(base64.b64decode("".join(lines)))
    rounds = data.index(b"bcrypt") + len("bcrypt") + 4 + 4 + 16
    data[rounds : rounds + 4] = b"\xff\xff\xff\xff"
    dear = f"{begin}\n{base64.b64encode(data).decode()}\n{end}\n"
    for text, passphrase in (
        (dear, "words"),
        (fine, "wrong"),
        (fine, None),
        (key.export_private_key("pkcs8-pem", "words").decode(), "words"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nYWJj\n-----END OPENSSH PRIVATE KEY-----\n", None),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\n!!\n-----END OPENSSH PRIVATE KEY-----\n", None),
        ("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n", None),
        ("nothing", None),
    ):
        with pytest.raises(KeyRefused) as caught:
            open_key(text, passphrase)
        assert "words" not in str(caught.value)
        assert caught.value.__cause__ is None


def test_a_key_that_cannot_be_opened_sends_nothing() -> None:
    around = Surroundings("127.0.0.1", (), LOOPBACK, None, LIMITS, Access("monitor", private_key="x", port=1))
    (finding,) = asyncio.run(probe.look(TARGET, around))
    assert (finding.sign, finding.details["code"]) == (Sign.NOTHING, "key_unreadable")


def test_many_looks_at_one_host_are_made_one_after_the_other() -> None:
    at_once: list[int] = []
    now = 0

    async def count(process: "asyncssh.SSHServerProcess[bytes]") -> None:
        nonlocal now
        now += 1
        at_once.append(now)
        await process.stdin.read()
        now -= 1
        process.exit(0)

    async def run() -> None:
        key = asyncssh.generate_private_key("ssh-ed25519")
        server = await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=lambda: Stranger(takes=CANARY),
            server_host_keys=[key],
            process_factory=count,
            encoding=None,
        )
        async with server:
            given = Access("monitor", CANARY, port=server.get_port())
            around = Surroundings("127.0.0.1", (), LOOPBACK, None, {**LIMITS, "ssh_seconds": 20}, given)
            await asyncio.gather(*(probe.look(TARGET, around) for _ in range(4)))

    asyncio.run(run())
    assert at_once == [1, 1, 1, 1]


def test_asyncssh_stays_silent_whatever_the_root_logger_wants(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        against(Stranger(), lambda port: Access("monitor", CANARY, port=port))
    assert "monitor" not in caplog.text and "c4n4ry" not in caplog.text
