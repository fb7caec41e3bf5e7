"""The real addon in the double of WHMCS, beside a real Deskside."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.whmcs.connect import SECRET_PLACE, URL_PLACE, pack
from tests.adapters.whmcs.addon.php import PACKED
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
    packed = pack(PACKED, {URL_PLACE: url, SECRET_PLACE: secret})
    zipfile.ZipFile(io.BytesIO(packed)).extractall(folder / "unpacked")
    return folder / "unpacked/modules/addons/deskside"


def patient(addon: Path) -> Path:
    """The addon with ten times the patience, for a Deskside that has much else to do."""
    http = addon / "lib/Http.php"
    limits = http.read_text()
    assert "TOTAL_MS = 800;" in limits and "CONNECT_MS = 300;" in limits
    limits = limits.replace("TOTAL_MS = 800;", "TOTAL_MS = 8000;")
    http.write_text(limits.replace("CONNECT_MS = 300;", "CONNECT_MS = 3000;"))
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
