"""Every command has its help, and an error is one line on the error stream, never a trace."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from deskside import __version__
from deskside.commandline import main
from tests.commandline.desk import Run


def commands(command: click.Command, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command and group, by its words."""
    yield above
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from commands(inner, (*above, name))


@pytest.mark.parametrize("words", list(commands(main)), ids=" ".join)
def test_every_command_explains_itself(run: Run, words: tuple[str, ...]) -> None:
    said = run(*words, "--help").stdout
    assert said.startswith("Usage: ")
    _usage, _, rest = said.partition("\n\n")
    assert rest.strip().split("\n")[0] not in ("", "Options:")
    assert "--help" in said


def test_every_command_that_prints_data_can_print_json(run: Run) -> None:
    for words in [
        ("queue", "show"),
        ("queue", "explain"),
        ("events", "list"),
        ("plugins",),
        ("check",),
        ("connect",),
        ("health",),
    ]:
        assert "--json" in run(*words, "--help").stdout


def test_the_version_is_that_of_the_package(run: Run) -> None:
    assert __version__ in run("--version").stdout


def test_a_wrong_configuration_is_one_line_and_status_1(run: Run, folder: Path) -> None:
    (folder / "deskside.toml").write_text("[web]\nport = 0")
    result = run("queue", "show", status=1)
    assert result.stderr.startswith("deskside: [web] port (found 0)")
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_a_configuration_that_is_not_there_is_named(run: Run) -> None:
    assert "nowhere.toml" in run("--config", "nowhere.toml", "queue", "show", status=1).stderr


def test_the_configuration_can_be_named_by_option_and_by_variable(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "other.toml").write_text("[web]\nport = 0")
    assert "port" in run("--config", "other.toml", "queue", "show", status=1).stderr
    monkeypatch.setenv("DESKSIDE_CONFIG", str(folder / "other.toml"))
    assert "port" in run("queue", "show", status=1).stderr


@pytest.mark.parametrize(
    "words",
    [
        ("queue", "show"),
        ("queue", "explain", "1"),
        ("events", "list"),
        ("events", "show", "1"),
        ("events", "replay", "1"),
        ("people", "add", "ann", "--password", "correct horse"),
        ("tokens", "add", "ci", "--scope", "queue:read"),
        ("connect", "zendesk"),
        ("serve",),
    ],
    ids=" ".join,
)
def test_a_database_without_its_layout_is_an_error_with_its_cure(run: Run, words: tuple[str, ...]) -> None:
    assert "run `deskside db upgrade`" in run(*words, status=1).stderr


@pytest.mark.parametrize("command", ["web", "worker", "clock"])
def test_what_needs_several_processes_says_so_on_sqlite(run: Run, ready: Path, command: str) -> None:
    assert "SQLite is for one process: use `deskside serve`" in run(command, status=1).stderr


def test_a_desk_that_is_not_configured_cannot_be_connected(run: Run, ready: Path) -> None:
    assert "the desk 'zendesk' is not configured" in run("connect", "zendesk", status=1).stderr
