"""`deskside connect whmcs`: a zip with the address and a secret, made again without locking anybody out."""

import base64
import stat
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.whmcs import connect
from adapters.whmcs.settings import Settings
from deskside.errors import Permanent
from deskside.ports import Step
from tests.adapters.whmcs.conftest import MemoryBindings

CONFIG = "modules/addons/deskside/deskside_config.php"
BASE = "https://deskside.example.com"


@pytest.fixture
def addon(tmp_path: Path) -> Path:
    """An addon of two files, and some that do not belong to it."""
    folder = tmp_path / "addon"
    for name, text in {
        CONFIG: "<?php\nreturn ['url' => '{{DESKSIDE_URL}}', 'secret' => '{{DESKSIDE_SECRET}}'];\n",
        "modules/addons/deskside/hooks.php": "<?php // hooks\n",
        ".hidden": "x",
        "__pycache__/x.pyc": "x",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, url="https://billing.example.com")


def run(
    bindings: MemoryBindings, settings: Settings, addon: Path, *, base_url: str = BASE, dry_run: bool = False
) -> Sequence[Step]:
    return connect.connect(bindings, settings, base_url, addon.parent, dry_run, addon)


def packed(addon: Path) -> dict[str, str]:
    with zipfile.ZipFile(addon.parent / connect.FILE) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_the_addon_is_packed_with_address_and_secret(bindings: MemoryBindings, settings: Settings, addon: Path) -> None:
    steps = run(bindings, settings, addon)
    secret = bindings.values["webhook_secret"]
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    files = packed(addon)
    assert set(files) == {CONFIG, "modules/addons/deskside/hooks.php"}
    assert files[CONFIG] == f"<?php\nreturn ['url' => '{BASE}', 'secret' => '{secret}'];\n"
    assert [step.action for step in steps] == ["create", "create", "update"]
    assert "modules/addons/deskside" in steps[2].detail
    assert secret not in repr(steps)


def test_the_file_is_its_owners_alone(bindings: MemoryBindings, settings: Settings, addon: Path) -> None:
    run(bindings, settings, addon)
    assert stat.S_IMODE((addon.parent / connect.FILE).stat().st_mode) == 0o600


def test_again_is_the_same(bindings: MemoryBindings, settings: Settings, addon: Path) -> None:
    run(bindings, settings, addon)
    before = (addon.parent / connect.FILE).read_bytes()
    steps = run(bindings, settings, addon)
    assert [step.action for step in steps] == ["keep", "keep", "keep"]
    assert (addon.parent / connect.FILE).read_bytes() == before


def test_a_new_address_keeps_the_secret(bindings: MemoryBindings, settings: Settings, addon: Path) -> None:
    run(bindings, settings, addon)
    secret = bindings.values["webhook_secret"]
    steps = run(bindings, settings, addon, base_url="https://other.example.com/")
    assert [step.action for step in steps] == ["keep", "update", "update"]
    assert bindings.values["webhook_secret"] == secret
    assert "'https://other.example.com'" in packed(addon)[CONFIG]


def test_a_configured_secret_takes_the_place_of_the_stored_one(
    bindings: MemoryBindings, settings: Settings, addon: Path
) -> None:
    run(bindings, settings, addon)
    chosen = "a secret with a ' and a \\ in it"
    steps = run(bindings, replace(settings, webhook_secret=chosen), addon)
    assert steps[0].action == "update"
    assert bindings.values["webhook_secret"] == chosen
    assert r"'a secret with a \' and a \\ in it'" in packed(addon)[CONFIG]


def test_a_dry_run_makes_nothing(bindings: MemoryBindings, settings: Settings, addon: Path) -> None:
    steps = run(bindings, settings, addon, dry_run=True)
    assert [step.action for step in steps] == ["create", "create", "update"]
    assert bindings.values == {}
    assert not (addon.parent / connect.FILE).exists()


@pytest.mark.parametrize(
    "base_url", ["http://deskside.example.com", "http://127.0.0.1:8642", "https://localhost", "deskside", ""]
)
def test_an_address_whmcs_cannot_reach_is_refused(
    bindings: MemoryBindings, settings: Settings, addon: Path, base_url: str
) -> None:
    with pytest.raises(Permanent, match=r"web\.base_url"):
        run(bindings, settings, addon, base_url=base_url)
    assert bindings.values == {}


def test_a_whmcs_on_this_machine_reaches_this_machine(
    bindings: MemoryBindings, settings: Settings, addon: Path
) -> None:
    here = replace(settings, url="http://127.0.0.1:8080")
    run(bindings, here, addon, base_url="http://127.0.0.1:8642")
    assert "'http://127.0.0.1:8642'" in packed(addon)[CONFIG]


def test_an_installation_without_the_addon_says_so(
    bindings: MemoryBindings, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(Permanent, match="whole package"):
        connect.connect(bindings, settings, BASE, tmp_path, False, tmp_path / "empty")


def test_a_folder_that_cannot_be_written_is_named(bindings: MemoryBindings, settings: Settings, addon: Path) -> None:
    with pytest.raises(Permanent, match="cannot write"):
        connect.connect(bindings, settings, BASE, addon / CONFIG, False, addon)
