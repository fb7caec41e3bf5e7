from collections.abc import Iterator

import pytest

from adapters.zendesk.desk import ZendeskDesk
from adapters.zendesk.settings import Settings
from deskside.store.bindings import RememberedBindings
from tests.adapters.zendesk.account import Account, Answer

OWN_USER = "900"
BAND_FIELD, KEY_FIELD = "41", "42"


class MemoryBindings:
    """Bindings of one test."""

    def __init__(self, **values: str) -> None:
        self.values = dict(values)

    def get(self, name: str) -> str | None:
        return self.values.get(name)

    def put(self, name: str, value: str) -> None:
        self.values[name] = value


@pytest.fixture
def account() -> Iterator[Account]:
    account = Account()
    account.on("GET", "/api/v2/users/me.json", Answer({"user": {"id": int(OWN_USER), "role": "admin"}}))
    yield account
    account.close()


@pytest.fixture
def bindings() -> MemoryBindings:
    bindings = MemoryBindings()
    bindings.values = {"field:band": BAND_FIELD, "field:key": KEY_FIELD, "own_user": OWN_USER, "group:7": "Support"}
    return bindings


@pytest.fixture
def settings(account: Account) -> Settings:
    return Settings(url=account.url, client_id="deskside", client_secret="the-secret-of-the-client", read_timeout=5.0)


@pytest.fixture
def desk(settings: Settings, bindings: MemoryBindings) -> ZendeskDesk:
    return ZendeskDesk(settings, RememberedBindings(bindings, keep=0.0))
