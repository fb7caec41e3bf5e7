"""`deskside sweep`: one round in the terminal, nothing stored."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from deskside.commandline.main import main
from deskside.model.service import Service
from deskside.store import hosts, services, sweeps
from deskside.store.database import open_database, reading
from tests.adapters.health.looking import needs_ping
from tests.databases import migrated_sqlite


@pytest.fixture
def configuration(tmp_path: Path) -> Path:
    url = migrated_sqlite(tmp_path / "deskside.db")
    database = open_database(url)
    with database.begin() as connection:
        services.put(
            connection,
            (Service(0, "acme", f"srv{number}", (), (f"127.30.0.{number}",), (9,)) for number in range(1, 41)),
        )
    path = tmp_path / "deskside.toml"
    path.write_text(f'[database]\nurl = "{url}"\n[web]\nsecret_key = "x"\n[health]\nallow_networks = ["127.0.0.0/8"]\n')
    return path


@needs_ping
def test_a_living_fleet_is_all_ok_and_nothing_is_stored(configuration: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["--config", str(configuration), "sweep", "--pps", "2000", "--json"])
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert {host["word"] for host in said["hosts"]} == {"ok"}
    assert (len(said["hosts"]), said["doubt"], said["drops"]) == (40, "", 0)
    with reading(open_database(f"sqlite:///{tmp_path}/deskside.db")) as connection:
        assert (hosts.every(connection), sweeps.last(connection)) == ([], None)


@needs_ping
def test_the_table_tells_the_counts_and_the_slowest(configuration: Path) -> None:
    done = CliRunner().invoke(main, ["--config", str(configuration), "sweep", "--pps", "2000"])
    assert done.exit_code == 0, done.output
    assert "40 hosts in" in done.stdout
    assert "40 ok" in done.stdout
    assert "The slowest" in done.stdout


def test_a_pace_above_politeness_is_refused(configuration: Path) -> None:
    done = CliRunner().invoke(main, ["--config", str(configuration), "sweep", "--pps", "2001"])
    assert done.exit_code == 2
