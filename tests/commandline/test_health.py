"""`deskside health`: on a fresh machine, in two languages, for people and for programs."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deskside.commandline import main
from tests.doubles import servers

LOOPBACK = {"DESKSIDE_HEALTH__ALLOW_NETWORKS": "127.0.0.0/8", "DESKSIDE_HEALTH__PROBES": "tcp"}


@pytest.fixture(autouse=True)
def fresh_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder: no configuration, no database; and none is made."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.delenv("DESKSIDE_CONFIG", raising=False)
    yield tmp_path
    assert list(tmp_path.iterdir()) == []


def health(*args: str, **environment: str) -> Result:
    return CliRunner().invoke(main, ["health", *args], env={**LOOPBACK, **environment})


def test_a_living_port_is_ok_and_the_status_is_0() -> None:
    with servers.tcp_server(servers.silent) as port:
        result = health("127.0.0.1", "--port", str(port))
    assert result.exit_code == 0, result.output
    assert "✓ OK" in result.output
    assert f"Port {port} is open" in result.output


def test_a_closed_port_that_should_be_open_is_degraded_and_the_status_is_1() -> None:
    with servers.tcp_server(servers.silent) as port:
        closed = servers.closed_port()
        result = health("127.0.0.1", "--port", str(port), "--port", str(closed))
    assert result.exit_code == 1
    assert "! DEGRADED" in result.output
    assert f"Port {closed} refuses" in result.output


def test_one_silence_alone_is_unknown_says_why_and_the_status_is_3() -> None:
    with servers.full_backlog() as dead:
        result = health("127.0.0.1", "--port", str(dead), DESKSIDE_HEALTH__LIMITS__TCP_SECONDS="0.3")
    assert result.exit_code == 3
    assert "? UNKNOWN" in result.output
    assert f"Port {dead} times out" in result.output


def test_down_is_2(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ping cannot be made silent on loopback, so the echo of the demonstration stands in for it."""
    from deskside import app
    from deskside.demo.echo import EchoProbe
    from deskside.demo.servers import Condition, Server, Servers

    real = app.examiner
    with Servers([Server("dead", "acme", "", ("dead.example",), (8080,), Condition.DEAD)]) as made:
        monkeypatch.setattr(app, "examiner", lambda loaded: real(loaded, instead=[EchoProbe(made.echo_port)]))
        more = {"DESKSIDE_HEALTH__PROBES": "icmp,tcp", "DESKSIDE_HEALTH__LIMITS__TCP_SECONDS": "0.5"}
        result = health(made["dead"].address, "--port", str(made["dead"].ports[0]), **more)
    assert result.exit_code == 2, result.output
    assert "✗ DOWN" in result.output


def test_a_private_address_is_refused_with_the_cure() -> None:
    result = CliRunner().invoke(main, ["health", "10.1.2.3"])
    assert result.exit_code == 3
    said = " ".join(result.output.split())
    assert "10.1.2.3 is closed to probes (private (RFC 1918))" in said
    assert 'allow_networks = ["10.1.2.3/32"] in the section [health]' in said
    assert "DESKSIDE_HEALTH__ALLOW_NETWORKS=10.1.2.3/32" in said


def test_json_is_valid_has_the_documented_fields_and_the_same_status() -> None:
    with servers.tcp_server(servers.silent) as port:
        result = health("127.0.0.1", "--port", str(port), "--json", "--language", "ru")
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    documented = CliRunner().invoke(main, ["health", "--help"]).output
    assert all(f"\n    {name} " in documented for name in answer), sorted(answer)
    assert (answer["word"], answer["address"], answer["cure"]) == ("ok", "127.0.0.1", None)
    assert answer["target"]["ports"] == [port]
    assert answer["lines"][0].startswith("РАБОТАЕТ")
    assert {"probe", "kind", "word", "sign", "summary", "details", "took_ms"} == set(answer["findings"][0])


def test_json_of_a_refused_address_has_the_cure() -> None:
    result = CliRunner().invoke(main, ["health", "10.1.2.3", "--json"])
    assert result.exit_code == 3
    assert "allow_networks" in json.loads(result.stdout)["cure"]


def test_it_speaks_russian_when_told_or_configured() -> None:
    with servers.tcp_server(servers.silent) as port:
        told = health("127.0.0.1", "--port", str(port), "--language", "ru")
        configured = health("127.0.0.1", "--port", str(port), DESKSIDE_LANGUAGE="ru")
    for result in (told, configured):
        assert "✓ РАБОТАЕТ" in result.output
        assert "мс" in result.output


def test_a_url_names_its_host_and_its_port() -> None:
    with servers.tcp_server(servers.silent) as port:
        result = health(f"http://127.0.0.1:{port}/shop?x=1", "--json")
    answer = json.loads(result.stdout)
    assert (answer["address"], answer["target"]["ports"]) == ("127.0.0.1", [port])


@pytest.mark.parametrize("target", ["", "a b", "name:80", "http://", "http://[::1", "x/../y", "user@host"])
def test_what_names_nothing_is_wrong_use_and_no_verdict(target: str) -> None:
    result = health(target)
    assert result.exit_code == 4
    assert "Error" in result.output


@pytest.mark.parametrize(
    ("args", "environment"),
    [
        (["127.0.0.1", "--port", "99999"], {}),
        (["127.0.0.1", "--no-such-option"], {}),
        ([], {}),
        (["127.0.0.1"], {"DESKSIDE_HEALTH__PROBES": "astrology"}),
        (["127.0.0.1"], {"DESKSIDE_HEALTH__DEADLINE_SECONDS": "soon"}),
    ],
)
def test_errors_have_a_status_of_their_own(args: list[str], environment: dict[str, str]) -> None:
    result = health(*args, **environment)
    assert result.exit_code == 4, result.output
    assert result.output.strip()


def test_the_statuses_are_in_the_help() -> None:
    said = CliRunner().invoke(main, ["health", "--help"])
    assert said.exit_code == 0
    for line in ("0  ok", "1  degraded", "2  down", "3  unknown", "4  the command itself failed"):
        assert line in said.output
