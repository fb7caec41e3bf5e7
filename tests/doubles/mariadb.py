"""A throw-away MariaDB on a socket in a temporary folder: no port, no password, nothing kept."""

import dataclasses
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@dataclasses.dataclass(frozen=True)
class MariaDb:
    """A running server. `user` has every right and no password."""

    socket: Path
    user: str = "root"

    def fresh(self, name: str) -> str:
        """An empty database of this name; gives the name."""
        self._run(f"DROP DATABASE IF EXISTS `{name}`; CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
        return name

    def _run(self, sql: str) -> None:
        client = shutil.which("mariadb") or "mysql"
        connection = ["--no-defaults", f"--socket={self.socket}", f"--user={self.user}", "--protocol=socket"]
        subprocess.run([client, *connection, "-e", sql], check=True, capture_output=True, env=_environment())


def mariadb_installed() -> bool:
    """Whether a server and its installer are here."""
    return _server() is not None and shutil.which("mariadb-install-db") is not None


@contextmanager
def mariadb_server() -> Iterator[MariaDb]:
    """Run a server until the block ends. It never runs as root: MariaDB refuses to."""
    server = _server()
    assert server is not None
    folder = Path(tempfile.mkdtemp(prefix="deskside-mariadb-"))
    user = _user()
    if user:
        shutil.chown(folder, user)
    run = {"user": user, "cwd": folder, "env": _environment()}
    data, socket = folder / "data", folder / "socket"
    subprocess.run(
        ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal"],
        check=True,
        capture_output=True,
        **run,  # type: ignore[call-overload]
    )
    # Nothing in it outlives the tests, so it need not reach the disk.
    quick = ["--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0", "--skip-log-bin"]
    process = subprocess.Popen(
        [server, "--no-defaults", f"--datadir={data}", f"--socket={socket}", "--skip-networking", *quick],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **run,  # type: ignore[call-overload]
    )
    found = MariaDb(socket)
    try:
        _until_ready(found, process)
        yield found
    finally:
        process.kill()
        process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _server() -> str | None:
    return shutil.which("mariadbd") or shutil.which("mariadbd", path="/usr/sbin")


def _user() -> str | None:
    """Whom the server runs as: root cannot, anyone else stays who they are."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "mysql" if "mysql" in names else "nobody"


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin") + ":/usr/sbin"}


def _until_ready(server: MariaDb, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(120):
        if process.poll() is not None:
            raise RuntimeError("MariaDB did not start")
        try:
            server._run("SELECT 1")
        except subprocess.CalledProcessError:
            try:
                process.wait(0.25)
            except subprocess.TimeoutExpired:
                continue
        else:
            return
    raise RuntimeError("MariaDB did not answer in time")
