"""The real addon in the double of WHMCS, beside a real Deskside."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapters.whmcs.addon.php import ADDON
from tests.adapters.whmcs.addon.receiving import Deskside, deskside
from tests.doubles.mariadb import MariaDb
from tests.doubles.whmcs_server import Whmcs, missing, running_whmcs
from tests.webhooks.embedding import SECRET


@pytest.fixture
def behind(tmp_path: Path) -> Iterator[Deskside]:
    """Deskside."""
    with deskside(tmp_path) as running:
        yield running


def packed(folder: Path, url: str, secret: str = SECRET) -> Path:
    """The addon as `deskside connect` packs it: with the address and the secret filled in."""
    addon = folder / "packed" / "deskside"
    shutil.copytree(ADDON, addon)
    file = addon / "deskside_config.php"
    file.write_text(file.read_text().replace("{{DESKSIDE_URL}}", url).replace("{{DESKSIDE_SECRET}}", secret))
    return addon


@pytest.fixture
def whmcs(tmp_path: Path, behind: Deskside) -> Iterator[Whmcs]:
    """WHMCS with the addon activated; nothing in it may have warned or failed in the end."""
    if lacking := missing():
        pytest.skip(lacking)
    with running_whmcs([packed(tmp_path, behind.url)]) as running:
        running.activate("deskside", {"settings_roles": "1"})
        yield running
        assert running.errors() == []


@pytest.fixture
def whmcs_on_mariadb(tmp_path: Path, behind: Deskside, mariadb: MariaDb) -> Iterator[Whmcs]:
    """The same on MariaDB in strict mode, as a real WHMCS is."""
    if lacking := missing(mysql=True):
        pytest.skip(lacking)
    with running_whmcs([packed(tmp_path, behind.url)], database=mariadb) as running:
        running.activate("deskside", {"settings_roles": "1"})
        yield running
        assert running.errors() == []
