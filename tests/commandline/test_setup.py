"""`init` makes what is needed and overwrites nothing; `check` names every failure with its cure."""

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deskside import settings
from deskside.demo.zendesk import SimulatedZendesk
from deskside.store import migrate, people
from deskside.store.database import reading
from tests.commandline.desk import Run, store

PASSWORD = "correct horse battery"


def sign_in(folder: Path, name: str, password: str) -> str | None:
    with reading(store(folder)) as connection:
        row = people.sign_in(connection, name, password)
    return row.role if row else None


def test_init_makes_a_configuration_a_database_and_an_admin(run: Run, folder: Path) -> None:
    said = run("init").stdout
    assert migrate.is_current(store(folder))
    assert settings.load(folder / "deskside.toml", {}).web["secret_key"]
    password = said.rsplit("password ", 1)[1].strip()
    assert sign_in(folder, "admin", password) == "admin"


def test_the_configuration_is_for_its_owner_only(run: Run, folder: Path) -> None:
    run("init")
    assert stat.S_IMODE((folder / "deskside.toml").stat().st_mode) == 0o600


def test_two_installations_have_two_session_keys(run: Run, folder: Path) -> None:
    run("--config", "one.toml", "init")
    run("--config", "two.toml", "init")
    keys = {settings.load(folder / name, {}).web["secret_key"] for name in ("one.toml", "two.toml")}
    assert len(keys) == 2


def test_a_second_init_overwrites_nothing(run: Run, folder: Path) -> None:
    run("init", "--password", PASSWORD)
    before = (folder / "deskside.toml").read_text()
    said = run("init", "--admin", "other", "--password", PASSWORD + "2").stdout
    assert "is there, kept" in said
    assert "no admin is added" in said
    assert (folder / "deskside.toml").read_text() == before
    assert sign_in(folder, "admin", PASSWORD) == "admin"
    assert sign_in(folder, "other", PASSWORD + "2") is None


def test_a_configuration_that_is_there_is_kept_and_used(run: Run, folder: Path) -> None:
    (folder / "deskside.toml").write_text(f'[database]\nurl = "sqlite:///{folder}/elsewhere.db"\n')
    run("init", "--password", PASSWORD)
    assert (folder / "elsewhere.db").exists()
    assert not (folder / "deskside.db").exists()


def test_a_short_password_is_refused_and_nobody_is_added(run: Run, folder: Path) -> None:
    assert "at least 10 characters" in run("init", "--password", "short", status=1).output
    assert sign_in(folder, "admin", "short") is None
    run("init", "--password", PASSWORD)
    assert sign_in(folder, "admin", PASSWORD) == "admin"


def test_the_password_that_was_given_is_not_printed(run: Run) -> None:
    assert PASSWORD not in run("init", "--password", PASSWORD).output


def test_a_folder_with_odd_characters_is_no_trouble(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = tmp_path / "50% Grüße & co"
    odd.mkdir()
    monkeypatch.chdir(odd)
    run("init", "--password", PASSWORD)
    run("db", "upgrade")
    assert (odd / "deskside.db").exists()


def test_upgrade_makes_the_layout_and_may_be_run_again(run: Run, folder: Path) -> None:
    assert "newest layout" in run("db", "upgrade").stdout
    assert "newest layout" in run("db", "upgrade").stdout
    assert migrate.is_current(store(folder))


def failed(results: list[dict[str, Any]]) -> dict[str, str]:
    """The names of what failed, with the cures."""
    return {item["name"]: item["cure"] for item in results if not item["ok"]}


def test_check_names_every_failure_with_its_cure(data: Callable[..., Any], ready: Path) -> None:
    assert failed(data("check", status=1)) == {
        "desks": "add [zendesk] or [whmcs]",
        "services": "run `deskside services import FILE`",
    }


def test_check_of_an_empty_database_says_what_to_run(data: Callable[..., Any], folder: Path) -> None:
    assert failed(data("check", status=1)) == {"database": "run `deskside db upgrade`"}


def test_check_of_a_database_that_does_not_answer(
    data: Callable[..., Any], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESKSIDE_DATABASE__URL", "postgresql+psycopg://deskside:canary@127.0.0.1:1/name")
    results = data("check", status=1)
    assert failed(results) == {"database": "check DESKSIDE_DATABASE__URL"}
    assert "canary" not in json.dumps(results)


def test_check_of_a_database_in_a_folder_that_is_not_there(
    data: Callable[..., Any], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESKSIDE_DATABASE__URL", f"sqlite:///{folder}/nowhere/deskside.db")
    assert failed(data("check", status=1)) == {"database": "check DESKSIDE_DATABASE__URL"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[web]\nprt = 1", "[web] prt is no key Deskside knows"),
        ("[nonsense]\nx = 1", "[nonsense]"),
        ("[web", "is not valid TOML"),
        ("[health]\nprobes = ['telepathy']", "there is no probe 'telepathy'"),
        ("[zendesk]\nurl = 'https://acme.zendesk.com'", "[zendesk] client_id"),
    ],
)
def test_check_of_a_broken_configuration_is_status_1_and_one_line(run: Run, folder: Path, text: str, said: str) -> None:
    (folder / "deskside.toml").write_text(text)
    result = run("check", status=1)
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


def test_check_of_what_works_is_status_0(
    run: Run, data: Callable[..., Any], ready: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ready / "services.csv").write_text("client,name,domains,addresses,ports,product\nacme,srv1,,192.0.2.1,22,\n")
    run("services", "import", "services.csv")
    with SimulatedZendesk() as zendesk:
        for key, value in {
            "URL": zendesk.url,
            "CLIENT_ID": zendesk.client_id,
            "CLIENT_SECRET": zendesk.client_secret,
        }.items():
            monkeypatch.setenv(f"DESKSIDE_ZENDESK__{key}", value)
        monkeypatch.setenv("DESKSIDE_WEB__BASE_URL", "http://127.0.0.1:8642")
        assert {step["action"] for step in data("connect", "zendesk", "--dry-run")} == {"create"}
        run("connect", "zendesk")
        assert {step["action"] for step in data("connect", "zendesk")} == {"keep"}
        results = data("check")
        assert failed(results) == {}
        assert {"configuration", "database", "people", "desks", "services"} <= {item["name"] for item in results}
        monkeypatch.setenv("DESKSIDE_ZENDESK__CLIENT_SECRET", "wrong-secret-canary")
        said = run("check", status=1).output
    assert "FAIL" in said
    assert "cure: " in said
    assert "wrong-secret-canary" not in said
