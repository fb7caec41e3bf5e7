"""The real command line in a folder of its own, on SQLite."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from deskside.commandline import common, main
from tests.commandline.desk import Run
from tests.databases import migrated_sqlite


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, with nothing of Deskside in the environment."""
    for name in list(os.environ):
        if name.startswith("DESKSIDE_"):
            monkeypatch.delenv(name)
    # Tables must not be cut to the terminal of whoever runs the tests.
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `deskside` with these arguments; fails unless it ends with the expected status."""
    # However narrow the terminal is in which the tests run.
    monkeypatch.setattr(common.console, "width", 200)

    def run(*arguments: str, status: int = 0, input: str | None = None) -> Result:
        result = CliRunner().invoke(main, list(arguments), input=input, catch_exceptions=False)
        assert result.exit_code == status, result.output
        return result

    return run


@pytest.fixture
def data(run: Run) -> Callable[..., Any]:
    """What a command prints with `--json`."""

    def data(*arguments: str, status: int = 0) -> Any:
        return json.loads(run(*arguments, "--json", status=status).stdout)

    return data


@pytest.fixture
def ready(run: Run, folder: Path) -> Path:
    """A folder after `deskside init`."""
    migrated_sqlite(folder / "deskside.db")
    run("init", "--password", "correct horse battery")
    return folder
