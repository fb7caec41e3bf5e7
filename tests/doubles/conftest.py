from collections.abc import Iterator

import pytest

from tests.doubles.whmcs_server import PROBE, Whmcs, missing, running_whmcs


@pytest.fixture
def whmcs() -> Iterator[Whmcs]:
    """A fresh install on SQLite, with the probe addon in its folder and active."""
    if missing():
        pytest.skip(missing())
    with running_whmcs([PROBE]) as whmcs:
        whmcs.activate("probe")
        yield whmcs


@pytest.fixture(params=["sqlite", "mariadb"])
def whmcs_on_each(request: pytest.FixtureRequest) -> Iterator[Whmcs]:
    """The same, once on each kind of database."""
    if missing(mysql=request.param == "mariadb"):
        pytest.skip(missing(mysql=True))
    database = request.getfixturevalue("mariadb") if request.param == "mariadb" else None
    with running_whmcs([PROBE], database=database) as whmcs:
        whmcs.activate("probe")
        yield whmcs
