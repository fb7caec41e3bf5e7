"""Every port is documented, and a plug-in from outside the tree is found and used: the one of the guide."""

import configparser
import inspect
import json
import os
import re
import socket
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest

from deskside import app, plugins, ports, settings
from deskside.errors import ConfigurationError

ROOT = Path(__file__).resolve().parents[1]
GUIDE = ROOT / "docs" / "plugins.md"
PORTS = [
    found
    for found in vars(ports).values()
    if inspect.isclass(found) and issubclass(found, Protocol) and found.__module__ == "deskside.ports"
]


def members(port: type) -> set[str]:
    """What an object must have to be this port."""
    methods = {name for name, value in vars(port).items() if inspect.isfunction(value) and not name.startswith("_")}
    return methods | set(port.__annotations__)


@pytest.mark.parametrize("port", PORTS, ids=lambda port: port.__name__)
def test_every_port_and_every_method_of_it_is_documented(port: type) -> None:
    assert (port.__doc__ or "").strip()
    for name in members(port) - set(port.__annotations__):
        assert (vars(port)[name].__doc__ or "").strip(), f"{port.__name__}.{name} has no docstring"


def test_every_group_has_its_port_and_its_line_in_the_guide() -> None:
    guide = GUIDE.read_text("utf-8")
    for group, port in plugins.GROUPS.items():
        assert getattr(ports, port) in PORTS
        assert f"Entry point group `{group}`" in getattr(ports, port).__doc__
        assert f"| `{group}` | `{port}` |" in guide


@pytest.mark.parametrize("group", plugins.GROUPS)
def test_the_built_in_plugins_are_what_setup_cfg_names_and_fit_their_port(group: str) -> None:
    declared = configparser.ConfigParser(delimiters="=")
    declared.read(ROOT / "setup.cfg", "utf-8")
    named = dict(line.split(" = ") for line in declared["options.entry_points"][group].splitlines() if line.strip())
    found = {plugin.name: plugin for plugin in plugins.find(group)}
    assert set(named) <= set(found)
    wanted = members(getattr(ports, plugins.GROUPS[group]))
    for plugin in found.values():
        offered = {name for name in dir(plugin.loaded) if not name.startswith("_")}
        # A probe may be built from settings and store instead: see ports.ProbePlugin.
        assert wanted <= offered or (group == "deskside.probes" and members(ports.ProbePlugin) <= offered)
        assert plugin.loaded.name == plugin.name


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)


def install(folder: Path, name: str, entry_points: dict[str, dict[str, str]], **modules: str) -> None:
    """What `pip install` leaves behind of a package."""
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = [
        line
        for group, entries in entry_points.items()
        for line in [f"[{group}]", *(f"{key} = {value}" for key, value in entries.items())]
    ]
    (info / "entry_points.txt").write_text("\n".join(lines))
    for module, text in modules.items():
        (folder / f"{module}.py").write_text(text, "utf-8")


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder with the guide's plug-in, as installed."""
    project = tomllib.loads(blocks("toml")[0])
    (module,) = project["tool"]["setuptools"]["py-modules"]
    folder = tmp_path / "site"
    install(folder, project["project"]["name"], project["project"]["entry-points"], **{module: blocks("python")[0]})
    return folder


def python(outside: Path, *arguments: str, ends: Sequence[int] = (0,), **environment: str) -> str:
    """What a fresh Python says that has the plug-in; `ends` are the exit statuses that are fine."""
    path = os.pathsep.join([str(outside), str(ROOT)])
    done = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": path, **environment},
        cwd=outside,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode in ends, done.stderr
    return done.stdout


def deskside(outside: Path, *arguments: str, ends: Sequence[int] = (0,), **environment: str) -> Any:
    return json.loads(python(outside, "-m", "deskside.commandline", *arguments, "--json", ends=ends, **environment))


def test_a_plugin_from_outside_the_tree_is_found(outside: Path) -> None:
    found = {(item["group"], item["name"]): item["distribution"] for item in deskside(outside, "plugins")}
    assert found["deskside.factors", "launch"] == "deskside-acme"
    assert found["deskside.probes", "ftp"] == "deskside-acme"
    assert found["deskside.probes", "tcp"] == "deskside"


WEIGH = """
import json
from datetime import UTC, datetime
from pathlib import Path
from deskside import app, settings
from deskside.model.ticket import Client, Status, Ticket
from jobs.ranking import weigh

parts = app.build(settings.load(Path("/dev/null"), {"DESKSIDE_DATABASE__URL": "sqlite:///deskside.db"}))
moment = datetime(2026, 11, 23, 9, tzinfo=UTC)
client = Client("7", "Acme", fields={"launch": "2026-11-24"})
ticket = Ticket("zendesk", "1", "", "", Status.NEW, "Support", client, moment, moment)
place = weigh(parts.context, ticket, moment, reopened=False, carried_minutes=0, server_down=False)
print(json.dumps([[item.factor, item.minutes, item.reason] for item in place.contributions]))
print(place.head_start)
"""


def test_its_factor_moves_a_ticket(outside: Path) -> None:
    said, head_start = python(outside, "-c", WEIGH).splitlines()
    assert ["launch", 45, "launches on 2026-11-24"] in json.loads(said)
    assert int(head_start) == 45 * 60


@contextmanager
def ftp_server(greeting: bytes) -> Iterator[None]:
    """Greets whoever comes to 127.88.0.1:2121."""
    with socket.create_server(("127.88.0.1", 2121)) as listening:

        def serve() -> None:
            try:
                while True:
                    with listening.accept()[0] as caller:
                        caller.sendall(greeting)
            except OSError:
                return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.mark.parametrize(
    ("greeting", "word", "said"),
    [(b"220 welcome\r\n", "ok", "FTP on port 2121 greets"), (b"421 full\r\n", "degraded", "says '421 full'")],
)
def test_its_probe_is_part_of_the_look_at_a_server(outside: Path, greeting: bytes, word: str, said: str) -> None:
    with ftp_server(greeting):
        report = deskside(
            outside,
            "health",
            "127.88.0.1",
            "--port",
            "2121",
            # `deskside health` tells the word by its exit status too.
            ends=(0, 1),
            DESKSIDE_HEALTH__ALLOW_NETWORKS="127.0.0.0/8",
            DESKSIDE_HEALTH__PROBES="ftp,tcp",
        )
    finding = next(item for item in report["findings"] if item["probe"] == "ftp")
    assert finding["word"] == word
    assert said in finding["summary"]
    assert report["word"] == word


def test_a_probe_that_is_not_installed_cannot_be_chosen() -> None:
    loaded = settings.load(Path("/dev/null"), {"DESKSIDE_HEALTH__PROBES": "tcp,telepathy"})
    with pytest.raises(ConfigurationError, match=r"there is no probe 'telepathy'; there are .*tcp"):
        app.build(loaded)


def test_two_plugins_of_one_name_stop_deskside_and_are_both_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "deskside-rival", {"deskside.factors": {"vip_tag": "json:dumps"}})
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigurationError) as error:
        plugins.find("deskside.factors")
    said = str(error.value)
    assert "deskside.factors" in said
    assert "'vip_tag'" in said
    assert "deskside-rival" in said
    assert re.search(r"\bdeskside\b(?!-)", said.removeprefix("deskside.factors"))


@pytest.mark.parametrize(
    ("target", "text", "why"),
    [
        ("no_such_module:factor", "", "No module named 'no_such_module'"),
        ("broken_plugin:factor", "x = ", "invalid syntax"),
        ("broken_plugin:factor", "raise RuntimeError('wants a moon')", "wants a moon"),
        ("broken_plugin:factor", "other = 1", "has no attribute 'factor'"),
    ],
)
def test_a_plugin_that_cannot_be_imported_stops_deskside_and_says_why(
    target: str, text: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "deskside-broken", {"deskside.factors": {"broken": target}}, broken_plugin=text)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "broken_plugin", raising=False)
    with pytest.raises(ConfigurationError) as error:
        plugins.find("deskside.factors")
    assert "deskside.factors: 'broken' of deskside-broken cannot be loaded" in str(error.value)
    assert why in str(error.value)


def test_the_command_line_says_so_in_one_line(tmp_path: Path) -> None:
    install(tmp_path, "deskside-broken", {"deskside.probes": {"broken": "no_such_module:probe"}})
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-m", "deskside.commandline", "plugins"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert "cannot be loaded" in done.stderr
    assert "Traceback" not in done.stderr
