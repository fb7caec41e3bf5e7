"""`deskside rdap import`: only a list that can be used takes the place of the one in use."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adapters.health.rdap import BootstrapFile
from deskside.commandline.main import main

LIST = json.dumps({"publication": "2026-11-22", "services": [[["com"], ["https://own.example/"]]]})


@pytest.fixture
def configured(tmp_path: Path) -> Path:
    path = tmp_path / "deskside.toml"
    path.write_text(f'[health]\nrdap_bootstrap = "{tmp_path}/kept.json"\n')
    return path


def run(path: Path, content: str) -> Result:
    file = path.with_name("given.json")
    file.write_text(content)
    return CliRunner().invoke(main, ["--config", str(path), "rdap", "import", str(file)])


def test_a_good_list_is_used_from_then_on_and_a_bad_one_changes_nothing(configured: Path) -> None:
    in_use = BootstrapFile(str(configured.with_name("kept.json")))
    assert in_use().server("example.com") == "https://rdap.verisign.com/com/v1/"
    assert run(configured, LIST).output == "1 suffixes, published 2026-11-22.\n"
    assert in_use().server("example.com") == "https://own.example/"
    refused = run(configured, '{"services": []}')
    assert refused.exit_code == 1
    assert "has no services" in refused.output
    assert in_use().server("example.com") == "https://own.example/"


def test_without_a_place_to_keep_it_the_key_is_named(tmp_path: Path) -> None:
    path = tmp_path / "deskside.toml"
    path.write_text("")
    refused = run(path, LIST)
    assert refused.exit_code == 1
    assert "[health] rdap_bootstrap" in refused.output
