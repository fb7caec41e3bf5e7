"""`deskside incidents`: opened, listed and closed in the terminal."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deskside.commandline.main import main


@pytest.fixture
def configured(tmp_path: Path) -> Path:
    path = tmp_path / "deskside.toml"
    path.write_text(f'[database]\nurl = "sqlite:///{tmp_path}/deskside.db"\n')
    assert run(path, "db", "upgrade").exit_code == 0
    return path


def run(path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(path), *arguments])


def listed(path: Path, *more: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(run(path, "incidents", "list", "--json", *more).output)
    return found


def test_an_incident_is_open_until_it_is_closed(configured: Path) -> None:
    opened = run(configured, "incidents", "open", "Power\x1b[31m", "--scope", "192.0.2.0/24", "--scope", "srv1")
    assert opened.output == "Incident 1 is open.\n"
    (item,) = listed(configured)
    assert (item["title"], item["scope"], item["closed_at"]) == ("Power [31m", ["192.0.2.0/24", "srv1"], None)
    assert "192.0.2.0/24, srv1" in run(configured, "incidents", "list").output
    assert run(configured, "incidents", "close", "1").output == "Closed.\n"
    assert listed(configured) == []
    assert listed(configured, "--all")[0]["closed_at"]
    assert "there is no open incident 1" in run(configured, "incidents", "close", "1").output


@pytest.mark.parametrize(
    ("scope", "said"),
    [("192.0.2.7/24", "is no network"), ("", "a scope is an address"), ("x" * 256, "a scope is an address")],
)
def test_a_scope_that_can_match_nothing_is_refused(configured: Path, scope: str, said: str) -> None:
    refused = run(configured, "incidents", "open", "Power", "--scope", scope)
    assert refused.exit_code == 1
    assert said in refused.output
    assert listed(configured) == []


def test_an_address_is_kept_in_its_canonical_spelling(configured: Path) -> None:
    run(configured, "incidents", "open", "Power", "--scope", "2001:DB8:0::7", "--scope", "2001:db8::/32")
    assert listed(configured)[0]["scope"] == ["2001:db8::7", "2001:db8::/32"]
