"""Runs the double of WHMCS: PHP's own web server over a copy of `tests/doubles/whmcs`, with real addon folders in it.

The double holds what the documentation of WHMCS says and what is believed where it is silent; a green test against it
says nothing about a licensed install.
"""

import dataclasses
import functools
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import requests

from tests.doubles.mariadb import MariaDb
from tests.doubles.whmcs_visitor import Visitor

SOURCE = Path(__file__).with_name("whmcs")
PROBE = SOURCE / "probe"
# What no addon may ever send on or store: looked for by tests of secrets.
SECRETS = {
    "service": "canary-password-of-a-service",
    "server": "canary-password-of-a-server",
    "access_hash": "canary-access-hash-of-a-server",
}
_NEEDED = ("pdo_sqlite", "curl", "mbstring")
_ILLUMINATE = Path("/usr/share/php/Illuminate/Database/autoload.php")
Rows = list[dict[str, Any]]
# The tables of a fresh install on SQLite and when they were made, by its time zone: the same each time but for the
# address, and for the age of the one ticket.
_INSTALLED: dict[str, tuple[float, bytes]] = {}
_LIKE_NEW_SECONDS = 300


@functools.cache
def missing(*, mysql: bool = False) -> str:
    """What has to be installed before the double can run, as words for a skip; empty when nothing is missing."""
    php = shutil.which("php")
    if php is None:
        return "PHP is not installed: apt-get install php-cli php-sqlite3 php-curl php-mbstring php-illuminate-database"
    modules = subprocess.run([php, "-m"], capture_output=True, text=True, check=True).stdout.lower().split()
    absent = [module for module in (*_NEEDED, *(["pdo_mysql"] if mysql else [])) if module not in modules]
    if absent:
        return f"PHP lacks {', '.join(absent)}: apt-get install php-sqlite3 php-curl php-mbstring php-mysql"
    return "" if _ILLUMINATE.exists() else "Illuminate is not installed: apt-get install php-illuminate-database"


def smarty_installed() -> bool:
    """Whether `index.php?m=NAME` can show templates; without it, all else works."""
    return Path("/usr/share/php/smarty4/Smarty.class.php").exists()


@dataclasses.dataclass(frozen=True)
class CronRun:
    """How a run of the system cron ended."""

    status: int
    output: str
    errors: str


class Whmcs:
    """One install of the double.

    `addons` are folders that hold an addon module; each is copied, unchanged, to `modules/addons` under its own name.
    `database` None is SQLite; else a database of that MariaDB, in strict mode.
    """

    def __init__(
        self,
        addons: Sequence[Path] = (),
        *,
        database: MariaDb | None = None,
        timezone: str = "UTC",
        admin_folder: str = "admin",
        workers: int = 4,
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="deskside-whmcs-"))
        self.root = self.folder / "www"
        self.state = self.folder / "state"
        self.admin_folder = admin_folder
        self._workers = workers
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0
        self._lay_out(addons)
        self._settings: dict[str, Any] = {"timezone": timezone}
        if database is not None:
            name = database.fresh(self.folder.name.replace("-", "_"))
            self._settings |= {
                "mariadb_socket": str(database.socket),
                "mariadb_user": database.user,
                "mariadb_database": name,
            }
        self._http = requests.Session()
        self._http.trust_env = False

    def _lay_out(self, addons: Sequence[Path]) -> None:
        shutil.copytree(SOURCE, self.root, ignore=shutil.ignore_patterns("probe"))
        if self.admin_folder != "admin":
            (self.root / "admin").rename(self.root / self.admin_folder)
        for addon in addons:
            shutil.copytree(addon, self.root / "modules/addons" / addon.name)
        (self.state / "sessions").mkdir(parents=True)
        (self.state / "templates_c").mkdir()
        (self.state / "whmcs.sqlite").touch()

    @property
    def base_url(self) -> str:
        """`http://127.0.0.1:PORT`, without a slash at the end."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def api_url(self) -> str:
        return f"{self.base_url}/includes/api.php"

    # Life

    def start(self) -> None:
        """Serve, on the same port as before where it was stopped; the first start makes and fills the tables."""
        first = self._port == 0
        if first:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self._port = free.getsockname()[1]
        self._write_settings()
        php = shutil.which("php")
        assert php is not None, missing()
        # A session of its own: the workers outlive their parent, so the whole group has to be ended.
        self._process = subprocess.Popen(
            [php, *self._options(), "-S", f"127.0.0.1:{self._port}", "-t", self.root, self.root / "double/router.php"],
            cwd=self.root,
            env=self._environment() | {"PHP_CLI_SERVER_WORKERS": str(self._workers)},
            stdout=subprocess.DEVNULL,
            stderr=(self.state / "server.log").open("ab"),
            start_new_session=True,
        )
        self._until_open()
        if first:
            self._install()

    def _install(self) -> None:
        """Make and fill the tables; on SQLite they are a copy of those that an earlier install here began with."""
        timezone, file = self._settings["timezone"], self.state / "whmcs.sqlite"
        if "mariadb_database" in self._settings:
            self._control("install", url=self.base_url, secrets=SECRETS)
        elif timezone in _INSTALLED and time.monotonic() - _INSTALLED[timezone][0] < _LIKE_NEW_SECONDS:
            file.write_bytes(_INSTALLED[timezone][1])
            self.execute("UPDATE tblconfiguration SET value = ? WHERE setting = 'SystemURL'", f"{self.base_url}/")
        else:
            self._control("install", url=self.base_url, secrets=SECRETS)
            if not file.with_name(f"{file.name}-wal").exists():
                _INSTALLED[timezone] = (time.monotonic(), file.read_bytes())

    def stop(self) -> None:
        """End the server and its workers; the tables stay. Fails when anything still holds the port."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)
        self._process = None
        deadline = time.monotonic() + 10
        while self._open():
            assert time.monotonic() < deadline, "a worker still holds the port"
            time.sleep(0.02)

    def remove(self) -> None:
        """Stop, and forget everything."""
        self.stop()
        self._http.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _options(self) -> list[str]:
        settings = {"memory_limit": "128M", "variables_order": "EGPCS", "opcache.revalidate_freq": "0"}
        return [part for name, value in settings.items() for part in ("-d", f"{name}={value}")]

    def _environment(self) -> dict[str, str]:
        """Nothing of ours but the path: no HOME, no proxies."""
        return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": ""}

    def _open(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
        except OSError:
            return False
        return True

    def _until_open(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + 20
        while not self._open():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("PHP did not serve: " + (self.state / "server.log").read_text()[-2000:])
            time.sleep(0.02)

    # Settings of the double

    def set(self, **settings: Any) -> None:
        """Change how the double behaves, from the next request on.

        `session_after_hooks` (bool): the session is not there yet when hooks.php is read. `encodes_input` (bool,
        normally true): entities of all input are encoded first. `api_fires_hooks` (bool, normally true).
        `theme_prints` (list): the extra template variables the themes show.
        """
        self._settings |= settings
        self._write_settings()

    def disturb_database(self, matching: str = "mod_", *, delay: float = 0.0, error: str | None = None) -> None:
        """Statements that hold `matching` (all when empty) take `delay` seconds longer and, with `error`, fail."""
        self.set(database_fault={"matching": matching, "delay": delay, "error": error})

    def calm_database(self) -> None:
        self.set(database_fault=None)

    def _write_settings(self) -> None:
        fresh = self.state / "settings.json.new"
        fresh.write_text(json.dumps(self._settings))
        fresh.replace(self.state / "settings.json")

    def configure(self, setting: str, value: str) -> None:
        """Write a row of tblconfiguration, such as `Template` or `ModuleDebugMode`."""
        self._control("configuration", setting=setting, value=value)

    # People

    def login(self, *, admin: int | None = None, client: int | None = None) -> Visitor:
        """A session of this admin, of this client, or of an admin who acts as the client."""
        visitor = Visitor(self.base_url)
        visitor.token = self._control("login", visitor, admin=admin, client=client)["token"]
        return visitor

    def admin(self, number: int = 1) -> Visitor:
        return self.login(admin=number)

    def client(self, number: int = 1) -> Visitor:
        return self.login(client=number)

    def stranger(self) -> Visitor:
        return self.login()

    def admin_path(self, page: str) -> str:
        return f"/{self.admin_folder}/{page}"

    def api_credential(self, actions: Sequence[str] | None = None, admin: int = 1) -> tuple[str, str]:
        """A fresh identifier and secret; `actions` None allows all."""
        identifier, secret = os.urandom(16).hex(), os.urandom(16).hex()
        row = {
            "identifier": identifier,
            "secret": hashlib.sha256(secret.encode()).hexdigest(),
            "user_id": admin,
            "actions": None if actions is None else ",".join(actions),
        }
        self.insert("tbldeviceauth", row)
        return identifier, secret

    def add_hook_file(self, name: str, php: str) -> None:
        """A file in includes/hooks; `php` is what follows the opening tag."""
        (self.root / "includes/hooks" / name).write_text("<?php\n\n" + php)

    # What makes things happen

    def activate(self, addon: str, fields: Mapping[str, str] | None = None, roles: Sequence[int] = (1, 2)) -> None:
        """As an owner does: activate, then save the settings and who may open it."""
        answer = self._control("addon", step="activate", name=addon)
        assert answer["status"] != "error", answer
        self.save_settings(addon, fields or {}, roles)

    def save_settings(self, addon: str, fields: Mapping[str, str], roles: Sequence[int] = (1, 2)) -> None:
        self._control("addon", step="save", name=addon, values=dict(fields), roles=list(roles))

    def deactivate(self, addon: str) -> dict[str, str]:
        """Gives what the addon said."""
        answer: dict[str, str] = self._control("addon", step="deactivate", name=addon)
        return answer

    def fire(self, hook: str, variables: Mapping[str, Any] | None = None, visitor: Visitor | None = None) -> list[Any]:
        """Run a hook inside a request of WHMCS, in this visitor's session; gives what the callbacks gave.

        An exception of a callback is raised as DoubleError.
        """
        given: list[Any] = self._control("hook", visitor, name=hook, vars=dict(variables or {}))
        return given

    def local_api(self, action: str, **values: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._control("local_api", action=action, values=values)
        return answer

    def invoice(self, number: int, to: str) -> None:
        """Move an invoice to Paid, Refunded, Unpaid or Cancelled as the billing pages do, with the hooks of it."""
        self._control("invoice", id=number, to=to)

    def module_command(self, command: str, service: int, failure: str = "") -> None:
        """Create, Suspend, Unsuspend or Terminate a service, with the hooks of it and passwords in their params."""
        self._control("module", command=command, service=service, failure=failure)

    def cron(self, *, daily: bool = False) -> CronRun:
        """One run of the system cron."""
        php = shutil.which("php")
        assert php is not None
        done = subprocess.run(
            [php, *self._options(), self.root / "crons/cron.php", "all", "-F" if daily else "--no-daily"],
            cwd=self.root,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return CronRun(done.returncode, done.stdout, done.stderr)

    # What happened

    def table(self, name: str) -> Rows:
        """All rows, by no promised order; fails where there is no such table."""
        rows: Rows | None = self._control("table", name=name)
        assert rows is not None, f"no table {name}"
        return rows

    def has_table(self, name: str) -> bool:
        return self._control("table", name=name) is not None

    def query(self, sql: str, *values: Any) -> Rows:
        rows: Rows = self._control("query", sql=sql, values=values)
        return rows

    def execute(self, sql: str, *values: Any) -> int:
        """Run a statement past the addon; gives the number of rows it changed."""
        changed: int = self._control("statement", sql=sql, values=values)
        return changed

    def insert(self, table: str, row: Mapping[str, Any]) -> int:
        number: int = self._control("insert", table=table, row=dict(row))
        return number

    def activity(self) -> list[str]:
        """The activity log, oldest first."""
        return [row["description"] for row in self.query("SELECT description FROM tblactivitylog ORDER BY id")]

    def module_log(self) -> Rows:
        return self.query("SELECT * FROM tblmodulelog ORDER BY id")

    def errors(self) -> Rows:
        """Every warning, fatal error and uncaught exception so far: `kind`, `message`, `at`."""
        return self._lines("errors")

    def requests(self, path: str = "") -> Rows:
        """The requests so far, `method` and `path`, those of the tests' own addresses left out."""
        return [entry for entry in self._lines("requests") if path in entry["path"]]

    def _lines(self, name: str) -> Rows:
        file = self.state / f"{name}.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def _control(self, command: str, visitor: Visitor | None = None, /, **asked: Any) -> Any:
        http = visitor.http if visitor else self._http
        answer = http.post(f"{self.base_url}/__double/{command}", json=asked, timeout=120)
        if answer.status_code != 200:
            raise DoubleError(answer.text)
        return answer.json()


class DoubleError(Exception):
    """The double answered with its error page; holds the page."""


@contextmanager
def running_whmcs(addons: Sequence[Path] = (), **options: Any) -> Iterator[Whmcs]:
    """An install that is served until the block ends."""
    whmcs = Whmcs(addons, **options)
    try:
        whmcs.start()
        yield whmcs
    finally:
        whmcs.remove()
