from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.whmcs.desk import WhmcsDesk
from adapters.whmcs.settings import Settings
from deskside.store.bindings import RememberedBindings
from tests.adapters.whmcs.install import IDENTIFIER, SECRET, Install, ordinary


class MemoryBindings:
    """Bindings of one test."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def get(self, name: str) -> str | None:
        return self.values.get(name)

    def put(self, name: str, value: str) -> None:
        self.values[name] = value


@pytest.fixture
def install() -> Iterator[Install]:
    install = Install()
    ordinary(install)
    yield install
    install.close()


@pytest.fixture
def bindings() -> MemoryBindings:
    return MemoryBindings()


@pytest.fixture
def settings(install: Install) -> Settings:
    return Settings(
        url=install.url,
        identifier=IDENTIFIER,
        secret=SECRET,
        timezone="Europe/Berlin",
        client_fields={"plan": "12"},
        read_timeout=5.0,
    )


@pytest.fixture
def unfinished() -> set[str]:
    """The tickets Deskside takes for unfinished; a test may add some."""
    return set()


@pytest.fixture
def desk(settings: Settings, bindings: MemoryBindings, unfinished: set[str], tmp_path: Path) -> WhmcsDesk:
    return WhmcsDesk(settings, RememberedBindings(bindings, keep=0.0), lambda: unfinished, tmp_path)
