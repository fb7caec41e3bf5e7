from collections.abc import Callable, Iterator
from typing import Any

import pytest

from adapters.confluence.settings import Settings
from adapters.confluence.source import ConfluenceSource
from deskside.fetching import Fetcher
from deskside.guard import AddressGuard
from tests.doubles.confluence.server import running
from tests.doubles.confluence.wiki import CLOUD_ID, EMAIL, TOKEN, Wiki

MakeSource = Callable[..., ConfluenceSource]


@pytest.fixture
def wiki() -> Wiki:
    """A wiki with the space DOC, its home page and two pages below that."""
    wiki = Wiki()
    home = wiki.space("DOC")
    guide = wiki.page("DOC", "Guide", "<h2>Guide</h2><p>How it is done.</p>", home)
    wiki.page("DOC", "Install", "<p>First steps.</p>", guide)
    return wiki


@pytest.fixture(params=["site", "gateway", "datacenter"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def address(wiki: Wiki) -> Iterator[str]:
    with running(wiki) as address:
        yield address


@pytest.fixture
def connect(address: str) -> MakeSource:
    """Make a source of the wiki, spoken to as the given kind."""

    def make(kind: str = "gateway", **more: Any) -> ConfluenceSource:
        ways: dict[str, dict[str, Any]] = {
            "site": {"deployment": "cloud", "email": EMAIL},
            "gateway": {"deployment": "cloud", "cloud_id": CLOUD_ID, "gateway": address},
            "datacenter": {"deployment": "datacenter"},
        }
        given = {"url": address, "token": TOKEN, "spaces": ("DOC",), "read_timeout": 5.0, **ways[kind], **more}
        return ConfluenceSource("wiki", Settings(**given), Fetcher(AddressGuard(["127.0.0.0/8"])))

    return make


@pytest.fixture
def source(connect: MakeSource, kind: str) -> ConfluenceSource:
    """The wiki as a source, once for each way to speak to it."""
    return connect(kind)
