"""One SSH connection, one exec, and what it printed.

The server is a stranger: it is given the login that its client gave for it and nothing else of ours (no agent, no keys
or configuration of the operator, no forwarding, no terminal), only after its host key was found to be the one of the
first contact, and what it sends is cut in size and time.
"""

import asyncio
import logging
import secrets
import weakref
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import asyncssh

from adapters.health.connect import State, connect
from adapters.health.ssh.commands import script
from adapters.health.ssh.keys import KeyRefused, open_key
from adapters.health.ssh.sections import Section, split
from deskside.model.access import Access

_MOST_SESSIONS = 10
_CHUNK = 65_536
# No SHA-1, and no host certificates: there is no authority we could know.
_HOST_KEY_ALGORITHMS = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
)

# It would tell who signs in where, and at its debug level more.
logging.getLogger("asyncssh").setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True, slots=True)
class Collected:
    """The sections by name, and the server's host key in OpenSSH's form."""

    sections: Mapping[str, Section]
    host_key: str


class NotCollected(Exception):
    """Why there is nothing.

    `code` is key_unreadable, no_connection, host_key_changed, denied, no_shell, broken or timeout; `alive` is true when
    the server took the connection; `state` is what came of connecting.
    """

    def __init__(self, code: str, *, alive: bool, state: str = "") -> None:
        super().__init__(code)
        self.code, self.alive, self.state = code, alive, state


class _Client(asyncssh.SSHClient):
    """Learns the host key at the first contact; later only the known one is taken, which asyncssh itself checks."""

    def __init__(self, known: bool) -> None:
        self.known = known
        self.learned: asyncssh.SSHKey | None = None

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        """Called for a key that is not known."""
        self.learned = None if self.known else key
        return not self.known


def endpoint(address: str, port: int) -> str:
    """By what a host key is kept: the form of OpenSSH's known_hosts."""
    return f"[{address}]:{port}"


async def collect(address: str, access: Access, limits: Mapping[str, float]) -> Collected:
    """Sign in at `address` and run the script, all within `limits["ssh_seconds"]`.

    What was printed until the time was over, or the cap reached, is kept. Raises `NotCollected`.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + limits["ssh_seconds"]
    try:
        # In a thread: opening a key is work for the processor, and the loop is everybody's.
        key = await asyncio.to_thread(open_key, access.private_key, access.passphrase) if access.private_key else None
    except KeyRefused:
        raise NotCollected("key_unreadable", alive=False) from None
    async with _one_at_a_time(address, deadline):
        login = min(deadline, loop.time() + limits["ssh_login_seconds"])
        connection, host_key = await _sign_in(address, access, key, login)
        try:
            return Collected(await _run(connection, deadline, int(limits["ssh_cap_bytes"])), host_key)
        finally:
            connection.abort()


async def _sign_in(
    address: str, access: Access, key: asyncssh.SSHKey | None, deadline: float
) -> tuple[asyncssh.SSHClientConnection, str]:
    loop = asyncio.get_running_loop()
    attempt = await connect(address, access.port, deadline - loop.time())
    if attempt.state is not State.OPEN or attempt.sock is None:
        raise NotCollected("no_connection", alive=attempt.state.alive, state=attempt.state.value)
    known = access.host_keys.get(endpoint(address, access.port))
    client = _Client(known is not None)
    try:
        async with asyncio.timeout_at(deadline):
            connection = await asyncssh.connect(
                address,
                access.port,
                sock=attempt.sock,
                client_factory=lambda: client,
                config=None,
                known_hosts=([asyncssh.import_public_key(known)] if known else [], [], []),
                server_host_key_algs=() if known else _HOST_KEY_ALGORITHMS,
                x509_trusted_certs=None,
                username=access.user,
                password=access.password,
                client_keys=[key] if key else None,
                preferred_auth=_methods(access),
                agent_path=None,
                gss_host=None,
                login_timeout=max(0.1, deadline - loop.time()),
            )
    except asyncssh.HostKeyNotVerifiable:
        raise NotCollected("host_key_changed" if known else "broken", alive=True) from None
    except asyncssh.PermissionDenied:
        raise NotCollected("denied", alive=True) from None
    except asyncssh.KeyExchangeFailed as error:
        # The server has no key of the known one's kind any more.
        changed = known is not None and "host key" in error.reason
        raise NotCollected("host_key_changed" if changed else "broken", alive=True) from None
    except TimeoutError:
        raise NotCollected("timeout", alive=True) from None
    except (asyncssh.Error, OSError, ValueError):
        raise NotCollected("broken", alive=True) from None
    learned = client.learned.export_public_key().decode().strip() if client.learned else ""
    return connection, known or learned


def _methods(access: Access) -> list[str]:
    methods = ["publickey"] if access.private_key else []
    return methods if access.password is None else [*methods, "keyboard-interactive", "password"]


async def _run(connection: asyncssh.SSHClientConnection, deadline: float, cap: int) -> Mapping[str, Section]:
    """The sections the script printed until its end, the deadline or the cap. Raises `NotCollected` for none."""
    late = False
    mark = f"@@{secrets.token_hex(8)}"
    output = bytearray()
    try:
        async with asyncio.timeout_at(deadline):
            # The script goes to a POSIX shell's input: the login shell may be any.
            process = await connection.create_process(
                "exec sh -s", encoding=None, stderr=asyncssh.DEVNULL, request_pty=False
            )
            process.stdin.write(script(mark).encode())
            process.stdin.write_eof()
            while len(output) < cap and (chunk := await process.stdout.read(min(_CHUNK, cap - len(output)))):
                output += chunk
    except TimeoutError:
        # What is there is there: a hung command must not take the others' answers away.
        late = True
    except (asyncssh.Error, OSError):
        pass
    sections = split(bytes(output), mark)
    if not sections:
        raise NotCollected("timeout" if late else "no_shell", alive=True)
    return sections


class _Sessions:
    """How many sessions there may be in one event loop: one a host, ten in all."""

    def __init__(self) -> None:
        self.slots = asyncio.Semaphore(_MOST_SESSIONS)
        self.hosts: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()


_sessions: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Sessions] = weakref.WeakKeyDictionary()


@asynccontextmanager
async def _one_at_a_time(address: str, deadline: float) -> AsyncIterator[None]:
    """Wait for a place until `deadline`. Raises `NotCollected` when none comes free."""
    sessions = _sessions.setdefault(asyncio.get_running_loop(), _Sessions())
    host = sessions.hosts.setdefault(address, asyncio.Lock())
    async with AsyncExitStack() as places:
        try:
            async with asyncio.timeout_at(deadline):
                await places.enter_async_context(host)
                await places.enter_async_context(sessions.slots)
        except TimeoutError:
            raise NotCollected("timeout", alive=False) from None
        yield
