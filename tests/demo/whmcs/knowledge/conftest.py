import pytest

from deskside.demo.whmcs import SimulatedWhmcs
from tests.demo.whmcs.knowledge.tools import Addon


@pytest.fixture
def category_id(whmcs: SimulatedWhmcs) -> int:
    return whmcs.add_category("Billing & more")


@pytest.fixture
def addon(whmcs: SimulatedWhmcs, category_id: int) -> Addon:
    """The addon's address for the knowledge base, with one category."""
    return Addon(whmcs, category_id)
